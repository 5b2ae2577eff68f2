"""A tracker that is asked until it answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from .backoff import Backoff
from .http_call import TOTAL_SECONDS, Answer, Connection, NoAnswer
from .memory_folder import MemoryFolder

#: The tracker's wish to be left alone for a while, and what a person may set right meanwhile.
_TRANSIENT: Final = frozenset({401, 403, 407, 408, 425, 429})


_Taken = TypeVar("_Taken")


def _is_final(answer: Answer) -> bool:
    """Whether a tracker has said it, and will not say anything else: not a proxy, a portal, or another server."""
    is_redirect = 300 <= answer.status < 400
    return answer.status < 500 and not is_redirect and answer.status not in _TRANSIENT and answer.is_tracker_like


class Stopped(Exception):
    """Whoever sends was told to stop, or has tried for long enough."""


class PatientTracker:
    """
    Repeats each request until it is answered for good, which may be a refusal. Trouble of the network or of the tracker
    (5xx) is waited for; so is a missing token.
    """

    def __init__(
        self,
        connection: Connection,
        folder: Path | MemoryFolder,
        say: Callable[[str], None],
        patience: float | None,
        deadline: float | None = None,
    ) -> None:
        """
        `patience`: seconds of trouble after which `Stopped` is raised; None goes on for ever. `deadline`: when it is
        raised in any case, on the monotonic clock.
        """
        self._connection = connection
        self._folder = folder
        self._say = say
        self._patience = patience
        self._deadline = deadline
        self._backoff = Backoff()
        # Not an Event: its lock is not reentrant, and a signal's handler may wake while its thread wakes.
        self._waking = threading.Condition()
        self._is_woken = False
        self._is_stopped = False
        self._said: set[str] = set()
        self.retries = 0
        #: The last trouble, until something goes well.
        self.trouble: str | None = None
        #: When the tracker last answered, on the monotonic clock.
        self.answered_at = time.monotonic()

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """The answer to a request; `body` is bytes, or becomes JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json"}
        return self.patiently(lambda: self._connection.call(method, path, body, headers, self._seconds()))

    def read(self, path: str, take: Callable[[Answer], _Taken]) -> _Taken:
        """What `take` makes of an answer; where that is not as a tracker's is, it is asked again."""
        taken: list[_Taken] = []

        def attempt() -> Answer:
            answer = self._connection.call("GET", path, None, None, self._seconds())
            if _is_final(answer):
                try:
                    taken[:] = [take(answer)]
                except (KeyError, TypeError, ValueError, OverflowError) as error:
                    raise NoAnswer("what answers is not a tracker") from error
            return answer

        self.patiently(attempt)
        return taken[0]

    def _seconds(self) -> float:
        """How long a request may take."""
        return TOTAL_SECONDS if self._deadline is None else min(TOTAL_SECONDS, self._deadline - time.monotonic())

    def patiently(self, attempt: Callable[[], Answer]) -> Answer:
        """What an attempt answers when it does. Raises `Stopped`."""
        begun = time.monotonic()
        while True:
            if self._is_stopped:
                raise Stopped("told to stop")
            retry_after = None
            try:
                answer = attempt()
            except NoAnswer as error:
                self.trouble = f"no answer from {self._connection.base}: {error}"
            else:
                if _is_final(answer):
                    self.trouble = None
                    self._backoff.reset()
                    self.answered_at = time.monotonic()
                    return answer
                self.trouble = f"{self._connection.base} answers {answer.status}: {answer.sentence}"
                retry_after = answer.retry_after
                if answer.status in (401, 403):
                    hint = " (ASPARA_TOKEN sets it)" if answer.status == 401 else ""
                    self.say_once(f"{self.trouble}{hint}. What is logged waits in {self._folder}")
            self.retries += 1
            if self._patience is not None and time.monotonic() - begun > self._patience:
                raise Stopped(self.trouble)
            if self._deadline is not None and time.monotonic() >= self._deadline:
                raise Stopped(self.trouble)
            self.wait_a_while(retry_after)

    def wait_a_while(self, retry_after: float | None = None) -> None:
        """Waits before something is tried again, each time longer."""
        if self.wait(self._backoff.next(retry_after)):
            self._backoff.reset()

    def wait(self, seconds: float) -> bool:
        """Waits; True when somebody who can't wait any longer cut it short."""
        with self._waking:
            if not self._is_woken:
                self._waking.wait(seconds)
            is_woken, self._is_woken = self._is_woken, False
            return is_woken

    def wake(self) -> None:
        """Cuts the waiting short."""
        with self._waking:
            self._is_woken = True
            self._waking.notify_all()

    def stop(self) -> None:
        """Makes the next request raise `Stopped`."""
        self._is_stopped = True
        self.wake()

    def say_once(self, sentence: str) -> None:
        """Tells the person, the first time."""
        if sentence not in self._said and len(self._said) < 100:
            self._said.add(sentence)
            self._say(sentence)
