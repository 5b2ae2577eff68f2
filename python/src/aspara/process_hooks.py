"""What a process does to its runs: it ends, fails, is told to end, and forks."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import weakref
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .live_run import Run

#: Between SIGTERM and SIGKILL there are 10 s (docker) or 30 s (SLURM, Kubernetes); the program's own handlers need
#: some.
_TERMINATED_SECONDS: Final = 5.0
_TERMINATED_CODE: Final = 128 + signal.SIGTERM

_running: weakref.WeakSet[Run] = weakref.WeakSet()
_is_installed = False
_exit_code = 0
_previous_handler: Any = None


def remember(run: Run) -> None:
    """The run ends with the process from now on."""
    _running.add(run)
    _install()


def forget(run: Run) -> None:
    """The run has ended by itself."""
    _running.discard(run)


def finish_with_child(run: Run) -> None:
    """Children of multiprocessing end without atexit: it has a list of its own."""
    processes = sys.modules.get("multiprocessing.util")
    if processes is not None:
        processes.Finalize(None, run.finish, kwargs={"quiet": True}, exitpriority=1)


def _install() -> None:
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    atexit.register(_finish_all)
    _watch_exceptions()
    _watch_exit()
    _watch_termination()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def _finish_all() -> None:
    for run in list(_running):
        run.finish(exit_code=_exit_code)


def _after_fork() -> None:
    for run in list(_running):
        run.after_fork()


def _watch_exceptions() -> None:
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        global _exit_code
        _exit_code = 130 if issubclass(kind, KeyboardInterrupt) else 1
        previous(kind, error, trace)

    sys.excepthook = hook


def _watch_exit() -> None:
    """`sys.exit(3)` is no unhandled exception, and atexit does not tell the code."""
    previous = sys.exit

    def exit_with(code: Any = None) -> Any:
        global _exit_code
        _exit_code = code if isinstance(code, int) else 0 if code is None else 1
        previous(code)

    sys.exit = exit_with


def _watch_termination() -> None:
    global _previous_handler
    if threading.current_thread() is not threading.main_thread():
        return
    try:
        handler = signal.getsignal(signal.SIGTERM)
        # Ignored, or not Python's: then it is somebody's wish that nothing happens here.
        if handler == signal.SIG_DFL or callable(handler):
            _previous_handler = handler
            signal.signal(signal.SIGTERM, _terminated)
    except (ValueError, OSError):
        return


def _terminated(number: int, frame: FrameType | None) -> None:
    runs = list(_running)
    if any(run.is_logging_now() for run in runs):
        # The signal came in the middle of a log() of this very thread: let that end first.
        timer = threading.Timer(0.005, os.kill, (os.getpid(), number))
        timer.daemon = True
        timer.start()
        return
    is_the_end = _previous_handler == signal.SIG_DFL
    for run in runs:
        if is_the_end:
            run.finish(exit_code=_TERMINATED_CODE, flush_timeout=_TERMINATED_SECONDS)
        else:
            # A handler of the program may save a checkpoint and go on for a while.
            run.flush(timeout=_TERMINATED_SECONDS)
    if callable(_previous_handler):
        _previous_handler(number, frame)
    elif is_the_end:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
