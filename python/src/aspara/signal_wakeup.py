"""
Signals that come just before a call that blocks. Python calls handlers between two instructions only, so one that
arrives right before the worker of a pool waits for a lock would never be handled: the pool holds that lock while it
waits for the worker's end. A thread sends the signal once more, which interrupts the call.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import Final

#: A handler that has not been called after this long is not going to be.
_PATIENCE_SECONDS: Final = 0.25

#: How many signals were handled.
_handled = 0
_descriptor = -1


def handled() -> None:
    """A handler of ours has been called."""
    global _handled
    _handled += 1


def watch(numbers: list[signal.Signals]) -> None:
    """Watches these signals in this process, unless another part of the program is woken by signals already."""
    global _descriptor
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_kill"):
        return
    with contextlib.suppress(OSError, ValueError):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        if before not in (-1, _descriptor):
            signal.set_wakeup_fd(before)
            os.close(reading)
            os.close(writing)
            return
        _descriptor = writing
        watched = bytes(numbers)
        threading.Thread(target=_wake, args=(reading, watched), name="aspara-signals", daemon=True).start()


def _wake(reading: int, watched: bytes) -> None:
    main = threading.main_thread().ident
    assert main is not None
    while arrived := os.read(reading, 64):
        number = next((one for one in arrived if one in watched), None)
        if number is None:
            continue
        before = _handled
        time.sleep(_PATIENCE_SECONDS)
        if _handled == before:
            # It comes back through the pipe, and so is tried until the handler has been called.
            signal.pthread_kill(main, number)
