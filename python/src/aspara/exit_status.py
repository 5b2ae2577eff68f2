"""
The exit code with which the main program ends, and why. `atexit` is told neither, and Python has no public way to ask.

An exception that nobody catches comes through `sys.excepthook`. A `SystemExit` does not, and one that the program
catches means nothing:

- From Python 3.12 on, `sys.monitoring` reports which exception leaves the module `__main__`.
- Before that, calls of `sys.exit`, `exit` and `quit` are noted, and count if the module ended by an exception. They
  are noted from the import on: of `sys.exit(main())`, `sys.exit` is evaluated before `main` begins a run, and while
  that exception is on its way there is no object to find. For `raise SystemExit(3)` in a script: between the end of the
  module and handling the exception Python flushes `sys.stderr`, and then the exception is found among the living
  objects. With `python -m` and `python -c` it does not flush, and such a code is not known.
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

from .names import storable_text

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
        text = storable_text(str(error))
    except Exception:
        text = ""
    name = type(error).__name__
    return f"{name}: {text}"[:_REASON_CHARS_MAX] if text else name


class ExitCalls:
    """The last call of `sys.exit`, `exit` or `quit` in the main thread."""

    def __init__(self) -> None:
        self.last: ExitStatus | None = None
        self._original = original = sys.exit

        def exit_with(status: Any = None, /) -> Any:
            self._note(status)
            original(status)

        exit_with.__name__ = exit_with.__qualname__ = "exit"
        self._replacement = sys.exit = exit_with
        self.replace_early_imports()
        quitter = sys.modules.get("_sitebuiltins")
        if quitter is None:
            return
        quit_with = quitter.Quitter.__call__

        def call(this: Any, code: Any = None) -> Any:
            self._note(code)
            return quit_with(this, code)

        quitter.Quitter.__call__ = call

    def replace_early_imports(self) -> None:
        """`from sys import exit` before this."""
        namespace = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
        for name, value in list(namespace.items()):
            if value is self._original:
                namespace[name] = self._replacement

    def _note(self, code: Any) -> None:
        # In another thread it ends that thread.
        if threading.current_thread() is threading.main_thread():
            self.last = _status_of_code(code)


class MainProgram:
    """Watches how the module `__main__` ends."""

    def __init__(self) -> None:
        self._uncaught: ExitStatus | None = None
        self._left: ExitStatus | None = None
        self._frame = _main_frame()
        self._undo: list[Callable[[], None]] = []
        self._watch_exceptions()
        if not self._watch_unwinding():
            if _exit_calls:
                _exit_calls.replace_early_imports()
            self._watch_flush()

    def status(self) -> ExitStatus:
        """How it ended; to be called when it has."""
        known = self._uncaught or self._left or self._unhooked()
        if known:
            return known
        called = _exit_calls.last if _exit_calls else None
        if called and (self._frame is None or _ended_by_exception(self._frame)):
            return called
        return ExitStatus(0)

    def status_if_over(self) -> ExitStatus | None:
        """How it ended; None while it goes on."""
        if self._frame is None or hasattr(sys, "ps1") or _main_frame() is not None:
            return None
        return self.status()

    def forget(self) -> None:
        """In a forked child, which ends in its own way."""
        self._uncaught = self._left = None
        if _exit_calls:
            _exit_calls.last = None

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

    def _unhooked(self) -> ExitStatus | None:
        """What a program that has put a hook of its own in our place ended by: Python keeps it before it calls that."""
        error, trace = getattr(sys, "last_value", None), getattr(sys, "last_traceback", None)
        if self._frame is None or not isinstance(error, BaseException) or hasattr(sys, "ps1"):
            return None
        return status_of(error) if trace is not None and trace.tb_frame is self._frame else None

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
        return ExitStatus(1, storable_text(str(code))[:_REASON_CHARS_MAX] or None)
    except Exception:
        return ExitStatus(1)


def _main_frame() -> FrameType | None:
    """Where the module `__main__` is being run; None when it is not, as in an embedded interpreter."""
    main = sys.modules.get("__main__")
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    found = outermost = None
    while main is not None and frame is not None:
        if frame.f_globals is vars(main) and frame.f_code.co_name == "<module>":
            found = frame
        outermost, frame = frame, frame.f_back
    # multiprocessing's spawn puts another module in the place of the one that Python runs.
    is_module = outermost is not None and outermost.f_code.co_name == "<module>"
    return found or (outermost if is_module else None)


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


_exit_calls: Final = ExitCalls() if sys.version_info < (3, 12) else None
