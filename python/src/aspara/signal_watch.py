"""Threads that no signal comes to, and one that brings a signal to the main thread which that has missed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

_FIRST_SECONDS: Final = 0.02
_LONGEST_SECONDS: Final = 1.0


def start_unsignalled(start: Callable[[], None]) -> None:
    """
    Starts a thread that signals are not delivered to: one that came to it would not wake the main thread from a call
    that blocks, so that its handler would never run.
    """
    if not hasattr(signal, "pthread_sigmask"):
        start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class SignalWatch:
    """
    A signal that comes just before the main thread blocks in a system call is noted, and its handler runs when the call
    returns: never, in a worker that waits for a task while its pool waits for its end. Pools send SIGTERM at the very
    moment at which a worker has handed over its last result, so that this is no rare accident. The signal is sent again
    until its handler has begun.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._descriptors: tuple[int, int] | None = None

    def start(self, numbers: Iterable[int]) -> None:
        """Watches these signals, unless another part of the program is told of signals already."""
        is_main = threading.current_thread() is threading.main_thread()
        if self._descriptors is not None or not is_main or not hasattr(signal, "pthread_kill"):
            return
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        except ValueError:
            previous = None
        if previous != -1:
            if previous is not None:
                signal.set_wakeup_fd(previous)
            os.close(reader)
            os.close(writer)
            return
        self._descriptors = reader, writer
        watched = frozenset(numbers)
        start_unsignalled(
            threading.Thread(target=self._watch, args=(reader, watched), name="aspara-signals", daemon=True).start
        )

    def has_begun(self) -> None:
        """A handler has begun."""
        self._begun += 1

    def after_fork(self) -> None:
        """In a forked child: the pipe is the parent's, and the thread is not here."""
        if self._descriptors is None:
            return
        with contextlib.suppress(ValueError):
            previous = signal.set_wakeup_fd(-1)
            if previous not in (-1, self._descriptors[1]):
                signal.set_wakeup_fd(previous)
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = None

    def _watch(self, reader: int, numbers: frozenset[int]) -> None:
        main = threading.main_thread().ident or 0
        while True:
            begun = self._begun
            found = os.read(reader, 1)
            if not found:
                return
            seconds = _FIRST_SECONDS
            while found[0] in numbers and self._begun == begun:
                time.sleep(seconds)
                if self._begun == begun:
                    signal.pthread_kill(main, found[0])
                seconds = min(2 * seconds, _LONGEST_SECONDS)
            # What it has sent itself came through the pipe, too.
            os.set_blocking(reader, False)
            with contextlib.suppress(BlockingIOError):
                while os.read(reader, 64):
                    pass
            os.set_blocking(reader, True)
