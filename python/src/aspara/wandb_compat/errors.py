"""Exceptions under the names that scripts catch."""

from __future__ import annotations


class Error(Exception):
    """What this client raises where wandb would raise its own error."""

    def __init__(self, message: object = "", context: object = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.context = context


class UsageError(Error):
    """A call that makes no sense as it is."""


class UnsupportedError(UsageError):
    """What this client cannot do."""


class CommError(Error):
    """A tracker that does not answer, or answers that it cannot."""


class AuthenticationError(CommError):
    """A token that is missing or wrong."""


class NoActiveRun(Error, RuntimeError):
    """A function that needs a run was called before there was one."""

    def __init__(self, what: str) -> None:
        super().__init__(f"No active run. Call aspara.init() before aspara.{what}.")
