"""The thread that sends a run's spool while the run goes on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from . import process_hooks
from .file_lock import TOUCH_SECONDS
from .http_call import Connection
from .messages import say
from .patient_tracker import Stopped
from .run_creation import RunRefused
from .sender import Sender
from .signal_watch import start_unsignalled
from .spool import Spool
from .spool_reader import SpoolDamaged

if TYPE_CHECKING:
    from .run_lifecycle import RunLifecycle

#: A chart that moves four times a second is live; more often would only cost.
_INTERVAL_SECONDS: Final = 0.25
#: So many rows do not wait.
_ROWS_WAITING_MAX: Final = 1_000
#: A metric's extremes may change with each row: they are written down so often.
_SUMMARY_SECONDS: Final = 10.0


class SendingThread(threading.Thread):
    """
    Reads the file that `log()` writes, so that nothing is kept in memory twice. A daemon: a program that ends never
    waits for it longer than `finish` does.
    """

    def __init__(self, run: RunLifecycle, spool: Spool, base: str, token: str | None) -> None:
        super().__init__(name=f"aspara-{spool.writer[:8]}", daemon=True)
        self._run_of = run
        self._spool = spool
        self._lock = spool.sending_lock()
        self._lock.take()
        self._sender = Sender(
            spool.folder,
            Connection(base, token),
            limit=self._written,
            say=run._say,
            stats=run.overhead,
        )
        self._progress = threading.Condition()
        self._is_urgent = False
        self._is_ended = False
        self._fault: str | None = None

    # ---- from the training's threads

    @property
    def run_name(self) -> str | None:
        """The run's name at the tracker, once that is known."""
        return self._sender.run_name

    @property
    def trouble(self) -> str | None:
        """Why nothing is sent at the moment."""
        return self._fault or self._sender.trouble

    @property
    def is_finished(self) -> bool:
        """Whether the tracker has all of the run, its end among it."""
        return self._sender.is_finished

    @property
    def refused(self) -> tuple[int, list[str]]:
        """How many rows the tracker does not take, and why, in a few words."""
        sent = self._sender.sent
        reasons = [str(entry.get("reason") or "") for entry in sent.refused if int(entry.get("count", 1))]
        return sent.refused_rows, list(dict.fromkeys(reasons))[:3]

    def rows_waiting(self, rows: int) -> int:
        """How many of so many rows are not known to be at the tracker."""
        return max(0, rows - self._sender.rows_sent)

    def overhead(self) -> dict[str, Any]:
        """What sending cost so far."""
        sender = self._sender
        return {
            "bytes_sent": sender.connection.bytes_sent,
            "requests": sender.connection.requests,
            "retries": sender.retries,
            "refused": sender.sent.refused_rows,
        }

    def flush(self, rows: int, offset: int, timeout: float) -> int:
        """Waits until so many rows are acknowledged, and what was said beside them; answers how many are not."""
        target = (self._spool.segment, offset)
        deadline = time.monotonic() + max(0.0, timeout)
        self._is_urgent = True
        self._sender.wake()
        try:
            while not self._is_ended:
                sent = self._sender.sent
                remaining = deadline - time.monotonic()
                if (sent.rows >= rows and (sent.segment, sent.offset) >= target) or remaining <= 0:
                    break
                self.wait_for_progress(min(remaining, 1.0))
        finally:
            self._is_urgent = False
        return self.rows_waiting(rows)

    def wait_for_progress(self, seconds: float) -> None:
        """Waits until the thread has sent something or has ended, at most so long."""
        if self._spool.is_closed and not self._is_urgent:
            self._is_urgent = True
            self._sender.wake()
        with self._progress:
            if self.is_alive() and not self._is_ended and not self._sender.is_finished:
                self._progress.wait(seconds)

    def stop(self) -> None:
        """Ends it as soon as the request that it waits for is answered."""
        self._sender.stop()

    def abandon(self) -> None:
        """In a forked child: the lock and the connection are the parent's."""
        self._sender.stop()
        self._lock.release()

    def start(self) -> None:
        """Starts it; signals are for the program's own threads."""
        start_unsignalled(super().start)

    # ---- the thread itself

    def run(self) -> None:
        """Sends until the run has ended and all of it is acknowledged."""
        try:
            if self._lock.is_held or self._take_lock():
                self._send()
        except Stopped:
            pass
        except (RunRefused, SpoolDamaged) as error:
            self._fault = str(error)
            say(f"{error}. What is logged is kept in {self._spool.folder}")
        except Exception as error:
            # A fault of ours must not be a training's; it is said, and the spool has everything.
            self._fault = f"BUG: {type(error).__name__}: {error}"
            say(f"sending has ended by a fault of its own ({self._fault}). All is kept in {self._spool.folder}")
        finally:
            self._is_ended = True
            self._sender.close()
            self._lock.release()
            if self._sender.is_finished:
                process_hooks.forget(self._run_of)
            with self._progress:
                self._progress.notify_all()

    def _take_lock(self) -> bool:
        """Somebody else sends this folder. It is theirs until they let go."""
        while not self._lock.take():
            if self._spool.is_closed:
                return False
            time.sleep(_INTERVAL_SECONDS)
        return True

    def _send(self) -> None:
        sender, spool = self._sender, self._spool
        summaries_at = touched_at = time.monotonic()
        while True:
            has_moved = sender.step()
            with self._progress:
                self._progress.notify_all()
            if sender.is_finished:
                return
            spool.reserve_ahead()
            if not has_moved:
                sender.heartbeat()
            if time.monotonic() - summaries_at >= _SUMMARY_SECONDS:
                summaries_at = time.monotonic()
                self._run_of.write_summaries()
            if time.monotonic() - touched_at >= TOUCH_SECONDS:
                touched_at = time.monotonic()
                self._lock.touch()
                spool.touch()
            is_backlog = spool.rows - sender.rows_sent >= _ROWS_WAITING_MAX
            if has_moved and (is_backlog or self._is_urgent or spool.is_closed):
                continue
            sender.wait(_INTERVAL_SECONDS)

    def _written(self) -> tuple[int, int]:
        spool = self._spool
        with spool.lock:
            return spool.segment, spool.offset
