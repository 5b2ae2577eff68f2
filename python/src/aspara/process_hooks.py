"""What a process does to its runs: it ends, fails, is told to end, and forks."""

from __future__ import annotations

import _thread
import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from .exit_status import ExitStatus, MainProgram, describe, status_of
from .messages import say
from .run_ending import wait_for_ends
from .signal_watch import SignalWatch

if TYPE_CHECKING:
    from .run_lifecycle import RunLifecycle

#: Between SIGTERM and SIGKILL there are 10 s (docker) or 30 s (SLURM, Kubernetes); the program's own handlers need
#: some.
_SIGNAL_SECONDS: Final = 5.0
#: A pool waits for the end of its workers, and the training for the pool.
_IDLE_SECONDS: Final = 1.0
_THREAD_ERRORS_MAX: Final = 10
_signals: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

#: Runs that go on, and those that have ended but are not all sent: in the order in which they began and ended.
_running: dict[RunLifecycle, None] = {}
_ended: dict[RunLifecycle, None] = {}
_main_program: MainProgram | None = None
_finalizing_process = 0
_thread_errors: list[str] = []
_previous_handlers: dict[int, Any] = {}
_is_dying = False
_signal_watch: Final = SignalWatch()


def remember(run: RunLifecycle) -> None:
    """The run ends with the process from now on; in a forked child, when it is first logged to there."""
    _running[run] = None
    _install()
    _finish_with_child()


def has_ended(run: RunLifecycle) -> None:
    """The run has ended: what is not sent yet is waited for at the end of the process."""
    _running.pop(run, None)
    _ended[run] = None


def forget(run: RunLifecycle) -> None:
    """There is nothing left to wait for."""
    _ended.pop(run, None)


def stay_if_dying() -> None:
    """
    A signal ends the process, and its runs have ended. Other threads go on for some milliseconds: a log() of theirs
    does not return, rather than return and have kept nothing.
    """
    while _is_dying and threading.current_thread() is not threading.main_thread():
        time.sleep(1.0)


def thread_errors() -> list[str]:
    """The exceptions that ended threads of this process."""
    return list(_thread_errors)


def end_of_program() -> ExitStatus:
    """How the program has ended; as if it ended well while it goes on."""
    return (_main_program and _main_program.status_if_over()) or ExitStatus(0)


def _install() -> None:
    global _main_program
    if _main_program is not None:
        return
    _main_program = MainProgram()
    atexit.register(_finish_all)
    _watch_threads()
    _watch_signals()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_parent=_has_forked, after_in_child=_after_fork)


# ---- the end of the process


def _finish_all() -> None:
    assert _main_program is not None
    status = _main_program.status()
    if status.code == 0 and _is_child():
        # From Python 3.13 on they end with atexit as well.
        status = _status_of_child()
    _main_program.close()
    _end_and_wait(status)


def _end_and_wait(status: ExitStatus, timeout: float | None = None) -> None:
    try:
        for run in list(_running):
            run.end(*status)
        wait_for_ends(list(_ended), timeout)
    except KeyboardInterrupt:
        # A second Ctrl-C, between two sentences. The spools have everything.
        return


def _is_child() -> bool:
    """Whether multiprocessing has started this process."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def _finish_with_child() -> None:
    """Children of multiprocessing end without atexit: it has a list of its own."""
    global _finalizing_process
    util = sys.modules.get("multiprocessing.util")
    if util is None or not _is_child() or _finalizing_process == os.getpid():
        return
    _finalizing_process = os.getpid()
    # After the child has waited for its own children, whose priority is 0.
    util.Finalize(None, _finish_in_child, exitpriority=-1)
    _signal_watch.start(number for number in _signals if signal.getsignal(number) == _signalled)


def _finish_in_child() -> None:
    _end_and_wait(_status_of_child())


def _status_of_child() -> ExitStatus:
    """How a child of multiprocessing ends."""
    error = sys.exc_info()[1]
    if error is not None:
        # It is called from the `finally` of what the child runs.
        return status_of(error)
    # From Python 3.13 on the exception has been handled before: the code is in a variable of whoever started the child.
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_bootstrap":
            # What the child runs has ended, and without an exception.
            break
        if frame.f_globals.get("__name__") in ("multiprocessing.popen_fork", "multiprocessing.forkserver"):
            code = frame.f_locals.get("code")
            if isinstance(code, int):
                return ExitStatus(code)
        frame = frame.f_back
    return ExitStatus(0)


def _has_forked() -> None:
    for run in [*_running, *_ended]:
        run.has_forked()


def _after_fork() -> None:
    global _is_dying
    _is_dying = False
    _signal_watch.after_fork()
    _thread_errors.clear()
    assert _main_program is not None
    _main_program.forget()
    for run in [*_running, *_ended]:
        run.after_fork()
    _ended.clear()


# ---- threads


def _watch_threads() -> None:
    previous = threading.excepthook

    def hook(args: threading.ExceptHookArgs, /) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit and _running:
            name = args.thread.name if args.thread else "a thread"
            sentence = f"{name}: {describe(args.exc_value)}"
            if len(_thread_errors) < _THREAD_ERRORS_MAX:
                _thread_errors.append(sentence)
            say(f"an exception has ended a thread, and the run's record says so: {sentence}")
        previous(args)

    threading.excepthook = hook


# ---- signals


def _watch_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _signals:
        with contextlib.suppress(ValueError, OSError):
            handler = signal.getsignal(number)
            # Ignored, as by nohup, or not Python's: then it is somebody's wish that nothing happens here.
            if handler == signal.SIG_DFL or callable(handler):
                _previous_handlers[number] = handler
                signal.signal(number, _signalled)


def _signalled(number: int, frame: FrameType | None) -> None:
    global _is_dying
    runs = list(_running)
    if any(run.is_busy() for run in [*runs, *_ended]):
        # The signal came in the middle of a log() of this very thread: let that end first. Without threading.Thread,
        # whose locks this thread may hold as well. A RuntimeError: it is too late for threads, and the process ends.
        with contextlib.suppress(RuntimeError):
            _thread.start_new_thread(_signal_again, (number,))
        return
    _signal_watch.has_begun()
    previous = _previous_handlers.get(number)
    if callable(previous):
        # A handler of the program may save a checkpoint and go on for a while.
        for run in runs:
            run.flush(timeout=_SIGNAL_SECONDS)
        previous(number, frame)
        return
    if _is_dying:
        # The first one ends the process, in some seconds at most.
        return
    _is_dying = True
    is_done = _is_idle_worker(frame)
    name = signal.Signals(number).name
    status = ExitStatus(0) if is_done else ExitStatus(128 + number, f"ended by {name}")
    _end_and_wait(status, _IDLE_SECONDS if is_done else _SIGNAL_SECONDS)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _signal_again(number: int) -> None:
    time.sleep(0.005)
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _is_idle_worker(frame: FrameType | None) -> bool:
    """
    Whether this is a process of a pool that waits for something to do, or has just ended what it did: pools end their
    workers by SIGTERM.
    """
    if not _is_child():
        return False
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        place = (module, frame.f_code.co_name)
        if place == ("multiprocessing.process", "_bootstrap"):
            return _status_of_child().code == 0
        if place in (("multiprocessing.pool", "worker"), ("concurrent.futures.process", "_process_worker")):
            return True
        if module.partition(".")[0] not in ("multiprocessing", "aspara", "threading"):
            return False
        frame = frame.f_back
    return False
