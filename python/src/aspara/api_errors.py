"""What goes wrong when a tracker is read."""

from __future__ import annotations

from urllib.parse import quote

from .wandb_compat.errors import CommError


class ApiError(CommError):
    """The tracker does not answer, or answers that it cannot: the sentence is its own."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        #: The answer's status; None when there was no answer.
        self.status = status


def quoted(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")
