"""How a run begins, lives through forks, and ends."""

from __future__ import annotations

import contextlib
import os
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast

from . import process_hooks
from .exit_status import ExitStatus, status_of
from .messages import say, say_once
from .metric_summary import described
from .run_ending import RunEnd, closing_sentence, wait_for_ends
from .run_facts import client
from .run_logging import RunLogging
from .sending_thread import SendingThread
from .settings import Settings, sync_command
from .spool import NoSpool, Spool
from .spool_places import DISK, MEMORY, open_spool

if TYPE_CHECKING:
    from .resume import AutoResume

_now: Final = time.time
#: What a run ends with must be a whole number that the tracker takes.
_CODE_MIN: Final = -(2**31)
_CODE_MAX: Final = 2**32 - 1


class RunLifecycle(RunLogging):
    """Opens the spool of a run and its sending thread, and closes them."""

    _settings: Settings
    _token: str | None
    _bytes_max: int
    _is_fork: bool
    #: Whether the tracker is to go on with a run of this id or name, if there is one.
    _is_joining: bool
    #: What remembers the run for `resume="auto"`.
    _auto: AutoResume | None
    _finish_begun: float | None
    _finish_seconds: float | None
    #: The writer of the process that this one was forked from.
    _parent_writer: str | None = None
    #: The writer of the first process of all, which made the run.
    _origin_writer: str | None = None
    #: When this process began to write, in seconds since the epoch.
    _opened_at: float = 0.0
    _has_forked: bool = False
    #: Where the spool is: on the disk, in the temporary folder, or in memory.
    _place: str = DISK
    #: Rows that were in memory only when the run ended, and had not been sent.
    _lost_at_end: int = 0
    #: Whether the last records are just being written.
    _is_ending: bool = False
    #: Whether the last sentence about it has been said.
    _is_closed: bool = False

    # ---- the end, as programs call it

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
        exit_code: int | None = None,
        quiet: bool | None = False,
        flush_timeout: float | None = None,
        **_ignored: Any,
    ) -> None:
        """
        Ends the run and sends what is left, within `flush_timeout` seconds (30). What is not sent by then waits on
        the disk, and a sentence says how it is sent later. Does nothing when the run has ended. Without an exit code
        it is 0, and that of the program where this is called after its end, as by `atexit`.
        """
        if exit_code is not None and not isinstance(exit_code, int):
            raise TypeError(f"exit_code is a whole number, not {type(exit_code).__name__}")
        status = process_hooks.end_of_program() if exit_code is None else ExitStatus(exit_code)
        self.end(*status)
        if not self._is_closed:
            wait_for_ends([self], flush_timeout, bool(quiet))

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        code, reason = status_of(error)
        self.end(code, reason)
        self.finish()

    # ---- the end, step by step

    def end(self, exit_code: int, reason: str | None = None) -> bool:
        """Writes the last records. Sending goes on in the background. False when the run has ended before."""
        if self._is_finished:
            return False
        self._is_ending = self._is_finished = True
        self._finish_begun = time.monotonic()
        spool = self._spool
        try:
            if not isinstance(spool, NoSpool):
                self.write_summaries()
                spool.tell_lost()
                spool.append_document(self._last_words(exit_code, reason))
                spool.close()
                if self._auto is not None and exit_code == 0 and self._parent_writer is None:
                    # It ended well: resume="auto" begins a new one.
                    self._auto.forget(self.id)
        finally:
            self._is_ending = False
            process_hooks.has_ended(self)
        return True

    def _end_in_background(self, exit_code: int = 0) -> None:
        """Ends the run without waiting: what is not sent yet is waited for at the end of the process."""
        self.end(exit_code)

    def _last_words(self, exit_code: int, reason: str | None) -> dict[str, Any]:
        now = _now() * 1000.0
        words = {
            "type": "finish",
            "exit_code": min(max(exit_code, _CODE_MIN), _CODE_MAX),
            "time": now + self._spool.clock_offset_ms,
            "client": self.overhead(),
        }
        if self._parent_writer is not None:
            # Workers are ended in the ordinary course: whether the run went well is for its first process to say.
            words["exit_code"] = 0
            words["ends_run"] = False
        elif reason:
            words["reason"] = reason
        return words

    @property
    def has_arrived(self) -> bool:
        """Whether an ended run has nothing to wait for: all of it is at the tracker, or nobody sends it."""
        return self._thread is None or self._thread.is_finished

    @property
    def is_sending(self) -> bool:
        """Whether it makes sense to wait."""
        thread = self._thread
        # What a forked child leaves is sent by the process that it was forked from.
        is_hopeless = self._parent_writer is not None and self.sending_trouble is not None
        return thread is not None and thread.is_alive() and not is_hopeless

    @property
    def sending_trouble(self) -> str | None:
        """Why nothing is sent at the moment."""
        return self._thread.trouble if self._thread else None

    @property
    def rows_waiting(self) -> int:
        """Rows that are kept and not known to be at the tracker."""
        rows = 0 if isinstance(self._spool, NoSpool) else self._spool.rows + self._lost_at_end
        return (self._thread.rows_waiting(rows) if self._thread else rows) - self._lost_at_end

    @property
    def flush_timeout(self) -> float:
        """Seconds that the end waits for what is not sent yet."""
        return self._settings.flush_timeout

    @property
    def whereabouts(self) -> str:
        """Where that is which is not sent, and how it is sent later."""
        if self._place == MEMORY:
            return "what is not sent then is lost, as there is no disk to keep it on"
        return f"what is not sent is kept in {self._spool.folder}; send it with: {sync_command(self._root)}"

    def wait_for_progress(self, seconds: float) -> None:
        """Waits until something more has been sent, at most so long."""
        if self._thread:
            self._thread.wait_for_progress(seconds)

    def send_forked(self, deadline: float) -> None:
        """Sends what forked children have left that are gone, until then on the monotonic clock."""
        if not self._has_forked or self._thread is None or self._place == MEMORY:
            return
        from .forked_children import send_children

        writer = self._spool.writer
        troubles = send_children(self._root, writer, self._opened_at, self._base, deadline, self.say)
        if troubles:
            self.say(
                f"{len(troubles)} forked children of {self.name} left rows that are not sent ({troubles[0]}). "
                f"They are in {self._root}; send them with: {sync_command(self._root)}"
            )

    def close_ended(self, quiet: bool, why: str) -> None:
        """The last sentence of a run that has ended and is waited for no longer. `why`: if it has not arrived."""
        self._is_closed = True
        if not isinstance(self._spool, NoSpool):
            self._say_end(quiet, why)
        # Only now: a signal in the middle of it says it once more.
        process_hooks.forget(self)

    def _say_end(self, quiet: bool, why: str) -> None:
        spool, thread = self._spool, self._thread
        if self._finish_begun is not None and self._finish_seconds is None:
            self._finish_seconds = time.monotonic() - self._finish_begun
        is_in_memory = self._place == MEMORY
        if thread and (thread.is_finished or is_in_memory):
            thread.stop()
            # It has nothing more to do than to end.
            with contextlib.suppress(KeyboardInterrupt):
                thread.join(1.0)
        refused, refusals = thread.refused if thread else (0, [])
        end = RunEnd(
            name=self.name,
            url=self.url,
            rows=spool.rows,
            waiting=self.rows_waiting,
            refused=refused,
            lost=spool.lost,
            reasons=[*refusals, spool.lost_reason],
            has_arrived=thread.is_finished if thread else None,
            trouble=(thread.trouble or why) if thread else "nothing is sent in offline mode",
            place=None if is_in_memory else str(spool.folder),
            command=sync_command(self._root),
        )
        if is_in_memory:
            spool.rows -= end.waiting
            spool.lost += end.waiting
            spool.lost_reason = spool.lost_reason or end.trouble
            self._lost_at_end = end.waiting
        is_well = end.has_arrived is not False and not refused and not spool.lost
        # What a forked child leaves is sent by the process that it was forked from.
        is_left = self._parent_writer is not None and not spool.lost
        if not is_left and not (is_well and (quiet or self._is_fork)):
            self.say(closing_sentence(end))

    # ---- what it costs

    def overhead(self) -> dict[str, Any]:
        """What the run's own logging cost so far: the record of the run has it, too."""
        spool, thread, begun = self._spool, self._thread, self._finish_begun
        finish_seconds = None if begun is None else self._finish_seconds or time.monotonic() - begun
        errors = process_hooks.thread_errors()
        is_kept = not isinstance(spool, NoSpool)
        rows = spool.rows if is_kept else 0
        return {
            **client(),
            **self._times.report(rows, spool.lost, rows + spool.rows_of_calls + spool.lost, finish_seconds),
            "spool": self._place if is_kept else None,
            "rows_waiting": self.rows_waiting,
            **(thread.overhead() if thread else {}),
            **({"after_finish": self._after_finish} if self._after_finish else {}),
            **({"thread_errors": errors} if errors else {}),
            **described(self._definitions),
        }

    # ---- beginning

    def _begin(self) -> None:
        if self._mode == "disabled":
            return
        process_hooks.remember(self)
        self._open_writer()
        if self._mode == "online" and not self._settings.silent:
            self._say(f"run {self.name} of project {self.project}: {self.url}")

    def _open_writer(self) -> None:
        place = open_spool(self._root, self._bytes_max)
        spool, self._place, self._root = place.spool, place.kind, place.root
        if place.warning:
            self.say_first(place.warning)
        self._opened_at = _now()
        spool.observer_of = self._summaries.observer
        config = self.config.to_dict()
        is_alone = self._is_fork and self._origin_writer is None
        document = self._facts.document(self._base, self._mode, self._is_joining or is_alone, self._label())
        if self._parent_writer is not None:
            document["parent"] = self._parent_writer
            document["origin"] = self._origin_writer
        spool.append_document(document)
        if config:
            # A document of its own: both together may be larger than a record.
            spool.append_document({"type": "config", "values": config})
        self._spool = spool
        if self._auto is not None:
            self._auto.remember(self.id, spool.writer)
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
                    process_hooks.remember(self)
        return None if isinstance(self._spool, NoSpool) else self._spool

    def is_busy(self) -> bool:
        """Whether a row or the end is just being written: a signal's handler must then wait."""
        is_owned = getattr(self._spool.lock, "_is_owned", None)
        return self._is_ending or bool(is_owned and is_owned())

    def has_forked(self) -> None:
        """In the parent of a fork."""
        self._has_forked = True

    def after_fork(self) -> None:
        """In a forked child: what was opened before is the parent's."""
        spool, thread = self._spool, self._thread
        self._spool = cast(Spool, NoSpool())
        self._thread = None
        self._is_fork = True
        self._has_forked = False
        if not isinstance(spool, NoSpool):
            self._parent_writer = spool.writer
            self._origin_writer = self._origin_writer or spool.writer
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
            self._say_ended()
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
                spool.append_document({"type": "summary", "values": entries})

    def say(self, sentence: str) -> None:
        """Tells the person at the terminal, unless the run is silent."""
        if not self._settings.silent:
            say(sentence)

    def say_first(self, sentence: str) -> None:
        """The same, the first time in this process only."""
        if not self._settings.silent:
            say_once(sentence)

    _say = say
