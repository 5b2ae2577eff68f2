"""What forked children of a process have logged and not sent: they may be killed at any moment, and often are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from .spool_folder import Sent, is_alive, writers_of
from .spool_reader import SpoolDamaged
from .spool_state import first_record

#: The clocks of file systems are not exact.
_SLACK_SECONDS: Final = 2.0


def send_children(
    root: Path, writer: str, since: float, base: str, deadline: float, say: Callable[[str], None]
) -> list[str]:
    """
    Sends what was left by processes that were forked from a writer's process since then (seconds since the epoch), or
    from theirs, and ends their writers. Children that still live are left to themselves. Answers why some could not be
    sent by `deadline` (on the monotonic clock).
    """
    from .sync import sync_writer

    troubles = []
    for folder in _children_of(root, writer, since):
        if is_alive(folder) or Sent.read(folder).done:
            continue
        patience = deadline - time.monotonic()
        outcome = sync_writer(folder, base, say, max(0.0, patience), deadline)
        if outcome is not None and not outcome.is_done:
            troubles.append(outcome.trouble or "time is up")
    return troubles


def _children_of(root: Path, writer: str, since: float) -> Iterator[Path]:
    """The folders of the writers whose `parent` is this one, and of theirs."""
    parents: dict[str, list[Path]] = {}
    for folder in writers_of(root):
        try:
            if folder.name == writer or folder.stat().st_mtime < since - _SLACK_SECONDS:
                continue
            run: dict[str, Any] = first_record(folder) or {}
        except (OSError, SpoolDamaged):
            continue
        if run.get("parent"):
            parents.setdefault(str(run["parent"]), []).append(folder)
    generation = [writer]
    while generation:
        children = [child for parent in generation for child in parents.pop(parent, [])]
        yield from children
        generation = [child.name for child in children]
