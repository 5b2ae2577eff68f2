"""Small tools that scripts take from `wandb.util`, `wandb.sdk.lib` and `wandb.termlog`."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from ..messages import say

_said: set[str] = set()


def generate_id(length: int = 8) -> str:
    """An id that no other run has: lower-case letters and digits."""
    return "".join(random.SystemRandom().choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def make_artifact_name_safe(name: str) -> str:
    """A name that artifacts can have."""
    return re.sub(r"[^a-zA-Z0-9_\-.]", "_", name)[:128]


def json_friendly(value: Any) -> tuple[Any, bool]:
    """The value as JSON can hold it, and whether it had to be changed."""
    from ..plain_json import plain

    found = plain(value)
    return found, found is not value


def json_dumps_safer(value: Any, **how: Any) -> str:
    """JSON of whatever it is."""
    from ..plain_json import plain

    return json.dumps(plain(value), **how)


def to_human_size(size: float, **_how: Any) -> str:
    """A number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.1f}{unit}"
        size /= 1000
    return f"{size:.1f}TB"


def termlog(string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Prints a line; `repeat=False` prints it once only."""
    del newline, prefix
    if repeat or string not in _said:
        _said.add(string)
        say(string)


termwarn = termerror = termlog


def termsetup(*_args: Any, **_kwargs: Any) -> None:
    """Has nothing to set up."""


def get_module(name: str, required: Any = None, **_how: Any) -> Any:
    """A module if it is installed. An Error says that a required one is missing."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        if required:
            from .errors import Error

            raise Error(required if isinstance(required, str) else f"{name} is not installed") from None
        return None
