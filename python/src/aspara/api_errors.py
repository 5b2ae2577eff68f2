"""What goes wrong when a tracker is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from .messages import printable
from .wandb_compat.errors import CommError


class ApiError(CommError):
    """The tracker does not answer, or answers that it cannot: the sentence is its own."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        # It may hold what the tracker says, and ends on a terminal when nobody catches it.
        super().__init__(printable(sentence))
        #: The answer's status; None when there was no answer.
        self.status = status


_Made = TypeVar("_Made")


def not_a_tracker(base: str, why: str) -> ApiError:
    """What speaks HTTP there, but not as a tracker does."""
    return ApiError(f"{base} is not an Aspara tracker ({why})")


def as_answered(base: str, make: Callable[[], _Made]) -> _Made:
    """What comes of an answer. Raises an `ApiError` that says so where it is not as a tracker's is."""
    try:
        return make()
    except ApiError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise not_a_tracker(base, "its answer lacks what a tracker says") from error


def quoted(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")
