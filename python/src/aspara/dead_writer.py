"""What ends the writer of a process that is gone and has not ended it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .memory_folder import MemoryFolder
from .spool_folder import writers_of
from .spool_reader import SpoolDamaged, SpoolReader
from .spool_state import first_record


def last_words(folder: Path | MemoryFolder, run: dict[str, Any], last_time: float | None) -> dict[str, Any]:
    """The end of a writer, after all of its rows. `last_time`: that of its last row, in milliseconds."""
    time = last_time or run.get("started")
    # A pool's workers are killed in the ordinary course: whoever made them says how the run went. So does whoever has
    # gone on with the run since.
    if run.get("parent") or (isinstance(folder, Path) and continuation(folder, run, lambda: time or 0.0)):
        return {"exit_code": 0, "ends_run": False, "time": time}
    client = run.get("client") or {}
    process = f"the process (pid {client.get('pid')} on {client.get('host')})"
    return {"exit_code": 1, "time": time, "reason": f"{process} ended without finishing the run"}


def continuation(folder: Path, run: dict[str, Any], time: Callable[[], float]) -> dict[str, Any] | None:
    """
    The `id` of the run and the writer (`origin`) of another process of this machine that has resumed it since, if there
    is one: after `time`, that of the last row. Another rank of the job has another label.
    """
    for other in writers_of(folder.parent):
        if other == folder:
            continue
        try:
            found = first_record(other) or {}
        except (OSError, SpoolDamaged):
            continue
        is_same = found.get("project") == run.get("project") and found.get("label") == run.get("label")
        is_named = found.get("id") == run.get("id") or _is_named_alike(found, run)
        if found.get("resume") and is_same and is_named and (found.get("started") or 0.0) > time():
            return {"id": found.get("id"), "origin": other.name}
    return None


def _is_named_alike(later: dict[str, Any], run: dict[str, Any]) -> bool:
    """Whether a run was resumed by its name alone: who gives an id means that run, whatever this one is called."""
    has_given_id = re.fullmatch(r"[0-9a-f]{32}", str(later.get("id") or "0" * 32).replace("-", "")) is None
    return bool(later.get("name")) and later.get("name") == run.get("name") and not has_given_id


def last_row_time(folder: Path | MemoryFolder, limit: Callable[[], tuple[int, int]] | None = None) -> float | None:
    """The time of a writer's last row, in milliseconds. Raises `SpoolDamaged`."""
    reader = SpoolReader(folder, limit)
    try:
        while reader.read() is not None:
            pass
        return reader.last_time
    finally:
        reader.close()
