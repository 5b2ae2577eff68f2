"""A run that is going on: what `aspara.init` gives. Logging costs a microsecond or two, and waits for nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Final, cast

from . import process_hooks
from .artifact_files import artifact_documents
from .messages import say, say_once
from .metric_summary import Definition, definition, described
from .metric_values import flatten
from .names import metric_fault
from .overhead import LogTimes
from .resume import next_step
from .run_description import checked_config, checked_resume, checked_step
from .run_documents import Config, Summary
from .run_facts import RunFacts, client
from .run_summaries import RunSummaries
from .run_view import RunView
from .sending_thread import SendingThread
from .settings import Settings, run_mode, settings_of, spool_bytes_max, spool_root, sync_command, token, tracker_base
from .spool import NoSpool, Spool
from .spool_format import MARK_BASE, STEP_MAX
from .timestamps import milliseconds

_now: Final = time.time


class Run(RunView):
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

    # ---- logging

    def log(
        self,
        data: dict[str, Any],
        step: int | None = None,
        commit: bool | None = True,
        timestamp: Any = None,
        **_ignored: Any,
    ) -> None:
        """
        Logs metrics of one step. When it returns, the disk's cache has them: killing the process loses none.

        `data`: numbers, booleans, or scalars of numpy, torch, jax and mlx, by name; nested dicts are flattened with
        `/`; NaN and infinities are data. What is no number is left out, and said once. `step`: any whole number
        within ±(2^53-1), in any order; without it, one after the highest so far. `commit=False` leaves the step open
        for another call. `timestamp`: seconds since the epoch, a datetime or ISO 8601; without it, now.

        Raises TypeError or ValueError where an argument is none of this, RuntimeError after `finish`, and nothing else.
        """
        spool = self._spool
        started = 0 if spool.rows & 15 else perf_counter_ns()
        try:
            shapes = spool.shapes
            shape = shapes[tuple(data)]
            if timestamp is None and (step is None or (step.__class__ is int and -STEP_MAX <= step <= STEP_MAX)):
                now = _now() * 1000.0
                with spool.lock:
                    at = self._step if step is None else step
                    offset = spool.offset
                    end = offset + shape.size
                    if end <= spool.room_end and spool.shapes is shapes:
                        shape.pack_into(
                            spool.map, offset, shape.size, shape.number, at, now, *data.values(), offset + MARK_BASE
                        )
                        spool.offset = end
                        spool.rows += 1
                        if commit is not False and at >= self._step:
                            self._step = at + 1
                        elif at > self._step:
                            self._step = at
                        if shape.observe:
                            shape.observe(at, data.values())
                        if started:
                            self._times.add(perf_counter_ns() - started)
                        return
        except Exception:
            # A value that is no plain number, a new shape, or no dict at all: the other way tells which.
            self._undo(spool)
        self._log_carefully(data, step, commit, timestamp)

    def _undo(self, spool: Spool) -> None:
        with spool.lock:
            if spool.room_end:
                spool.undo(spool.offset)

    def _log_carefully(self, data: Any, step: Any, commit: bool | None, timestamp: Any) -> None:
        if self._is_finished:
            raise RuntimeError("Cannot log to a finished run")
        if not isinstance(data, Mapping):
            raise TypeError(f"log() takes a dict of metrics, not {type(data).__name__}")
        at = None if step is None else checked_step(step)
        time_ms = _now() * 1000.0 if timestamp is None else milliseconds(timestamp)
        numbers, others = flatten(data)
        for key, reason in others.items():
            self._skip(key, reason)
        spool = self._writable()
        if spool is None:
            for key in numbers:
                fault = metric_fault(key)
                if fault:
                    raise ValueError(fault)
        else:
            with spool.lock:
                row_step = self._step if at is None else at
                if numbers:
                    is_kept = spool.append_row(tuple(numbers), row_step, time_ms, list(numbers.values()))
                    if not is_kept:
                        self._say_lost(spool)
        row_step = self._step if at is None else at
        self._step = max(self._step, row_step if commit is False else row_step + 1)

    def _skip(self, key: str, reason: str) -> None:
        if key not in self._skipped and len(self._skipped) < 1000:
            self._skipped.add(key)
            self._say(f"{key!r} is left out of what is logged: {reason}")

    def _say_lost(self, spool: Spool) -> None:
        if spool.lost == 1:
            self._say(
                f"log() has no room in {spool.folder}: {spool.lost_reason}. The run goes on, and counts what is lost"
            )

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
        **_ignored: Any,
    ) -> Definition:
        """
        Says how a metric is summed up (`summary`: one or more of min, max, first, last, mean, best, with commas
        between) and over which other metric it is drawn (`step_metric`). `*` in the name stands for anything. `goal`:
        minimize or maximize, for `best`. The summary then has `{"name": {"max": …}}`.
        """
        defined = definition(name, step_metric, summary, goal)
        if step_sync or hidden:
            say_once("define_metric: step_sync and hidden have no effect here")
        with self._spool.lock:
            self._definitions[:] = [one for one in self._definitions if one.name != defined.name] + [defined]
            self._summaries.redefine()
            # Shapes are made anew, with what is to be observed of them.
            self._spool.shapes.clear()
        return defined

    # ---- what is said of it

    def log_artifact(
        self,
        file_path: Any,
        name: str | None = None,
        description: str | None = None,
        category: str | None = None,
        type: str | None = None,
        aliases: Any = None,
        **_ignored: Any,
    ) -> Any:
        """
        Keeps a file, or every file of a folder, with the run. It is read when it is sent: leave it there until
        `flush` or `finish` has returned. `category`: code, model, config, data or other.
        """
        self._require_running()
        if aliases:
            say_once("log_artifact: aliases are not kept")
        for document in artifact_documents(file_path, name, description, category, type):
            self._append(document)
        return file_path

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

    def _require_running(self) -> None:
        if self._is_finished:
            raise RuntimeError("Cannot log to a finished run")

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
