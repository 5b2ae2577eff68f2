"""How a writer's spool stands: what `aspara status` shows, and what `aspara sync` goes by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ranks import host_name
from .spool_folder import Sent, is_alive
from .spool_reader import SpoolReader


@dataclass
class SpoolState:
    """One writer, as its folder tells."""

    folder: Path
    #: Its first record; None when that is gone or not written yet.
    run: dict[str, Any] | None
    sent: Sent
    #: Rows in the files, the refused ones included.
    rows: int
    #: log() calls that were dropped, as the writer has said last.
    lost: int
    is_finished: bool
    is_alive: bool

    @property
    def waiting(self) -> int:
        """Rows that are not known to be at the tracker."""
        return 0 if self.sent.done else max(0, self.rows - self.sent.rows)

    @property
    def is_left(self) -> bool:
        """Whether its process is surely gone: only on its own machine can that be told."""
        host = ((self.run or {}).get("client") or {}).get("host")
        return not self.is_alive and host == host_name()

    @property
    def name(self) -> str:
        """Project and run."""
        return f"{self.run.get('project')}/{self.run.get('name')}" if self.run else "?"


def first_record(folder: Path) -> dict[str, Any] | None:
    """The run that a spool belongs to."""
    reader = SpoolReader(folder)
    try:
        found = reader.read() if reader.segment == 0 else None
    finally:
        reader.close()
    return found if isinstance(found, dict) and found.get("type") == "run" else None


def read_state(folder: Path) -> SpoolState:
    """Reads what is not sent yet to its end. Raises `SpoolDamaged`."""
    alive = is_alive(folder)
    sent = Sent.read(folder)
    reader = SpoolReader.at(folder, None, sent.place)
    is_finished = sent.done
    lost = sent.lost
    try:
        while (found := reader.read()) is not None:
            if isinstance(found, dict):
                is_finished = is_finished or found.get("type") == "finish"
                lost = int(found.get("count", lost)) if found.get("type") == "lost" else lost
        return SpoolState(folder, first_record(folder), sent, reader.rows, lost, is_finished, alive)
    finally:
        reader.close()
