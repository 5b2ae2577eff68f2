"""
The exit code with which the main program ends, and why. `atexit` is told neither, and Python has no public way to ask.

An exception that nobody catches comes through `sys.excepthook`. A `SystemExit` does not, and one that the program
catches means nothing:

- From Python 3.12 on, `sys.monitoring` reports which exception leaves the module `__main__`.
- Before that, calls of `sys.exit`, `exit` and `quit` are noted, and count if the module ended by an exception. For
  `raise SystemExit(3)` in a script: between the end of the module and handling the exception Python flushes
  `sys.stderr`, and then the exception is found among the living objects. With `python -m` and `python -c` it does not
  flush, and such a code is not known.
"""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, NamedTuple

_REASON_CHARS_MAX: Final = 500
_INTERRUPTED: Final = 130


class ExitStatus(NamedTuple):
    """An exit code, and a reason in words where there is one."""

    code: int
    reason: str | None = None


def status_of(error: BaseException | None) -> ExitStatus:
    """The status of a program, or a block, that an exception ends."""
    if error is None:
        return ExitStatus(0)
    if isinstance(error, SystemExit):
        return _status_of_code(error.code)
    return ExitStatus(_INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1, describe(error))


def describe(error: BaseException) -> str:
    """An exception in a line, as a traceback ends."""
    try:
        text = str(error)
    except Exception:
        text = ""
    name = type(error).__name__
    return f"{name}: {text}"[:_REASON_CHARS_MAX] if text else name


class MainProgram:
    """Watches how the module `__main__` ends."""

    def __init__(self) -> None:
        self._uncaught: ExitStatus | None = None
        self._left: ExitStatus | None = None
        self._called: ExitStatus | None = None
        self._frame = _main_frame()
        self._undo: list[Callable[[], None]] = []
        self._watch_exceptions()
        if not self._watch_unwinding():
            self._watch_calls()
            self._watch_flush()

    def status(self) -> ExitStatus:
        """How it ended; to be called when it has."""
        if self._uncaught:
            return self._uncaught
        if self._left:
            return self._left
        if self._called and (self._frame is None or _ended_by_exception(self._frame)):
            return self._called
        return ExitStatus(0)

    def forget(self) -> None:
        """In a forked child, which ends in its own way."""
        self._uncaught = self._left = self._called = None

    def close(self) -> None:
        """Takes back what must not stay when the interpreter ends."""
        undo, self._undo = self._undo, []
        for one in undo:
            with contextlib.suppress(Exception):
                one()

    def _watch_exceptions(self) -> None:
        previous = sys.excepthook

        def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            # At an interactive prompt an exception ends nothing.
            if not hasattr(sys, "ps1"):
                self._uncaught = status_of(error)
            previous(kind, error, trace)

        sys.excepthook = hook

    # ---- Python 3.12 and newer

    def _watch_unwinding(self) -> bool:
        if sys.version_info < (3, 12) or self._frame is None:
            return False
        main_code = self._frame.f_code
        monitoring = sys.monitoring

        def unwound(code: CodeType, _offset: int, error: BaseException) -> None:
            if code is main_code:
                self._left = status_of(error)

        # 3 and 4 are those that no kind of tool has a claim to.
        for tool in (4, 3):
            try:
                monitoring.use_tool_id(tool, "aspara")
            except ValueError:
                continue
            monitoring.register_callback(tool, monitoring.events.PY_UNWIND, unwound)
            monitoring.set_events(tool, monitoring.events.PY_UNWIND)
            self._undo.append(partial(monitoring.free_tool_id, tool))
            return True
        return False

    # ---- older ones

    def _watch_calls(self) -> None:
        original = sys.exit

        def exit_with(status: Any = None, /) -> Any:
            self._note(status)
            original(status)

        exit_with.__name__ = exit_with.__qualname__ = "exit"
        sys.exit = exit_with
        namespace = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
        for name, value in list(namespace.items()):
            if value is original:
                # `from sys import exit` before this.
                namespace[name] = exit_with
        quitter = sys.modules.get("_sitebuiltins")
        if quitter is None:
            return
        quit_with = quitter.Quitter.__call__

        def call(this: Any, code: Any = None) -> Any:
            self._note(code)
            return quit_with(this, code)

        quitter.Quitter.__call__ = call

    def _note(self, code: Any) -> None:
        # In another thread it ends that thread.
        if threading.current_thread() is threading.main_thread():
            self._called = _status_of_code(code)

    def _watch_flush(self) -> None:
        stream, frame = sys.stderr, self._frame
        if frame is None or type(stream) is not io.TextIOWrapper or "flush" in vars(stream):
            return
        flush_stream = stream.flush

        def flush() -> None:
            # Nobody's call: the interpreter itself, which has run the program to its end.
            if sys._getframe().f_back is None and _ended_by_exception(frame):
                self._left = _living_exit() or self._left
            flush_stream()

        stream.flush = flush  # type: ignore[method-assign]
        self._undo.append(lambda: vars(stream).pop("flush", None))


def _status_of_code(code: Any) -> ExitStatus:
    if code is None:
        return ExitStatus(0)
    if isinstance(code, int):
        return ExitStatus(int(code))
    try:
        return ExitStatus(1, str(code)[:_REASON_CHARS_MAX] or None)
    except Exception:
        return ExitStatus(1)


def _main_frame() -> FrameType | None:
    """Where the module `__main__` is being run; None when it is not, as in an embedded interpreter."""
    main = sys.modules.get("__main__")
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    found = None
    while main is not None and frame is not None:
        if frame.f_globals is vars(main) and frame.f_code.co_name == "<module>":
            found = frame
        frame = frame.f_back
    return found


def _ended_by_exception(frame: FrameType) -> bool:
    """Whether the last thing that a frame did is anything but to return."""
    import opcode

    last = frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else 0
    return not opcode.opname[last].startswith("RETURN_")


def _living_exit() -> ExitStatus | None:
    """The status of the SystemExit on its way out of the program, which nothing but the interpreter refers to."""
    living = [one for one in gc.get_objects() if issubclass(type(one), SystemExit)]
    living.append(SystemExit())
    # One that was caught and kept is referred to by whatever keeps it, the last of these by the list only.
    referrers = [len(gc.get_referrers(one)) for one in living]
    found = [one for one, count in zip(living[:-1], referrers, strict=False) if count <= referrers[-1]]
    return status_of(found[0]) if found else None
