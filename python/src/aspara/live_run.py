"""A run that is going on: what `aspara.init` gives. Logging costs a microsecond or two, and waits for nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, cast

from . import process_hooks
from .messages import say, say_once
from .metric_summary import Definition, described
from .overhead import LogTimes
from .resume import next_step
from .run_description import checked_config, checked_resume
from .run_documents import Config, Summary
from .run_facts import RunFacts, client
from .run_logging import RunLogging
from .run_summaries import RunSummaries
from .sending_thread import SendingThread
from .settings import Settings, run_mode, settings_of, spool_bytes_max, spool_root, sync_command, token, tracker_base
from .spool import NoSpool, Spool

_now: Final = time.time


class Run(RunLogging):
    """One run of a project, written by this process. Made by `aspara.init`, which says what the arguments are."""

    def __init__(
        self,
        name: str | None = None,
        project: str | None = None,
        config: Any = None,
        tags: Iterable[str] | None = None,
        notes: str | None = None,
        dir: str | os.PathLike[str] | None = None,
        storage_backend: str | None = None,
        tracker_uri: str | None = None,
        project_tags: Iterable[str] | None = None,
        resume: bool | str | None = None,
        mode: str | None = None,
        group: str | None = None,
        job_type: str | None = None,
        id: str | None = None,
        settings: Settings | dict[str, Any] | None = None,
    ) -> None:
        # There is one way to keep points: `storage_backend` is taken as clients of before gave it.
        del storage_backend
        self._settings = settings_of(settings)
        self._mode = run_mode(mode if mode is not None else self._settings.mode)
        self._base = tracker_base(tracker_uri)
        self._token = token()
        self._root = spool_root(dir)
        self._bytes_max = self._settings.spool_bytes_max or spool_bytes_max()
        self._is_resumed = checked_resume(resume)
        self._facts = RunFacts(project, name, id, tags, notes, project_tags, group, job_type)
        self.config = Config(
            checked_config(config), lambda changed: self._append({"type": "config", "values": changed})
        )
        self.summary = Summary(None, lambda changed: self._append({"type": "summary", "values": changed}))
        self._definitions: list[Definition] = []
        self._summaries = RunSummaries(self._definitions)
        self._times = LogTimes()
        self._skipped: set[str] = set()
        self._step = 0
        self._is_finished = False
        self._is_fork = False
        self._finish_begun: float | None = None
        self._finish_seconds: float | None = None
        self._thread: SendingThread | None = None
        self._spool: Spool = cast(Spool, NoSpool())
        self._begin()

    # ---- the end

    def flush(self, timeout: float = 30.0) -> int:
        """
        Waits until all that was logged so far is at the tracker, at most so many seconds; answers how many rows are
        not.
        """
        spool, thread = self._spool, self._thread
        if thread is None or isinstance(spool, NoSpool):
            return 0
        self.write_summaries()
        return thread.flush(spool.rows, spool.offset, timeout)

    def finish(
        self,
        exit_code: int | None = 0,
        quiet: bool | None = False,
        flush_timeout: float | None = None,
        **_ignored: Any,
    ) -> None:
        """
        Ends the run and sends what is left, within `flush_timeout` seconds (30). What is not sent by then waits on
        the disk, and a sentence says how it is sent later. Does nothing when the run has ended.
        """
        if exit_code is not None and not isinstance(exit_code, int):
            raise TypeError(f"exit_code is a whole number, not {type(exit_code).__name__}")
        if self._is_finished:
            return
        self._is_finished = True
        self._finish_begun = time.monotonic()
        timeout = self._settings.flush_timeout if flush_timeout is None else flush_timeout
        process_hooks.forget(self)
        spool, thread = self._spool, self._thread
        if isinstance(spool, NoSpool):
            return
        self.write_summaries()
        spool.tell_lost()
        code = min(max(exit_code or 0, -(2**31)), 2**32 - 1)
        spool.append_document({"type": "finish", "exit_code": code, "time": _now() * 1000.0, "client": self.overhead()})
        spool.close()
        if thread is None:
            if not quiet:
                self._say(f"{self._rows_text()} are in {spool.folder}. Send them with: {sync_command(self._root)}")
            return
        left = thread.finish(timeout)
        self._finish_seconds = time.monotonic() - self._finish_begun
        if left is None:
            if not quiet:
                self._say(f"{self._rows_text()} of {self.name} are at {self.url}")
        else:
            self._say(
                f"{left} of {self._rows_text()} are not sent ({thread.trouble or 'time is up'}). They are in "
                f"{spool.folder}; send them with: {sync_command(self._root)}"
            )

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        code = 0
        if kind is not None and not (isinstance(error, SystemExit) and error.code in (None, 0)):
            code = error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
        self.finish(exit_code=code)

    # ---- what it costs

    def overhead(self) -> dict[str, Any]:
        """What the run's own logging cost so far: the record of the run has it, too."""
        spool, thread, begun = self._spool, self._thread, self._finish_begun
        finish_seconds = None if begun is None else self._finish_seconds or time.monotonic() - begun
        return {
            **client(),
            **self._times.report(spool.rows, spool.lost, finish_seconds),
            **(thread.overhead(spool.rows) if thread else {}),
            **described(self._definitions),
        }

    # ---- beginning

    def _begin(self) -> None:
        if self._mode == "disabled":
            return
        process_hooks.remember(self)
        if self._is_resumed and self._facts.rank is None and self._mode == "online":
            self._step = next_step(self._base, self._token, self.project, self.id, self._facts.name)
        self._open_writer()
        if self._mode == "online" and not self._settings.silent:
            self._say(f"run {self.name} of project {self.project}: {self.url}")

    def _open_writer(self) -> None:
        try:
            spool = Spool(self._root, self._bytes_max)
        except OSError as error:
            self._mode = "disabled"
            self._say(
                f"nothing can be kept in {self._root}: {error.strerror or error}. The run goes on and logs nothing"
            )
            return
        spool.observer_of = self._summaries.observer
        config = self.config.to_dict()
        spool.append_document(
            self._facts.document(self._base, self._mode, self._is_resumed or self._is_fork, self._label())
        )
        if config:
            # A document of its own: both together may be larger than a record.
            spool.append_document({"type": "config", "values": config})
        self._spool = spool
        if self._mode == "online":
            self._thread = SendingThread(self, spool, self._base, self._token)
            self._thread.start()

    def _writable(self) -> Spool | None:
        """The spool, if there is one. A forked child that logs becomes a writer of its own."""
        if self._mode == "disabled":
            return None
        if isinstance(self._spool, NoSpool) and self._is_fork:
            with self._spool.lock:
                if isinstance(self._spool, NoSpool):
                    self._open_writer()
                    process_hooks.finish_with_child(self)
        return None if isinstance(self._spool, NoSpool) else self._spool

    def is_logging_now(self) -> bool:
        """Whether this very thread is in the middle of writing a row: a signal's handler must then wait."""
        is_owned = getattr(self._spool.lock, "_is_owned", None)
        return bool(is_owned and is_owned())

    def after_fork(self) -> None:
        """In a forked child: what was opened before is the parent's."""
        spool, thread = self._spool, self._thread
        self._spool = cast(Spool, NoSpool())
        self._thread = None
        self._is_fork = True
        if not isinstance(spool, NoSpool):
            spool.abandon()
        if thread:
            thread.abandon()

    # ---- small things

    def _label(self) -> str:
        label = self._facts.label
        return f"{label} · pid {os.getpid()}" if self._is_fork else label

    def _append(self, document: dict[str, Any]) -> None:
        if self._is_finished:
            # As users' hands do it: a last word after the end is no reason to raise.
            say_once("what is set after finish() is not kept")
            return
        spool = self._writable()
        if spool is not None and not spool.append_document(document):
            self._say(f"the run's {document['type']} has no room in {spool.folder}: {spool.lost_reason}")

    def write_summaries(self) -> None:
        """Writes down what metrics came to; called from the background every some seconds."""
        spool = self._spool
        with spool.lock:
            entries = self._summaries.changed()
            if entries and not isinstance(spool, NoSpool) and not spool.is_closed:
                object.__getattribute__(self.summary, "_data").update(entries)
                spool.append_document({"type": "summary", "values": entries})

    def _rows_text(self) -> str:
        rows = self._spool.rows
        return f"{rows} row{'' if rows == 1 else 's'}"

    def _say(self, sentence: str) -> None:
        if not self._settings.silent:
            say(sentence)
