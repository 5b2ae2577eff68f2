"""The folders that spools are kept in: their file names, what is known to be sent, and the room they take."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from pathlib import Path
from typing import IO, Any, Final

from .file_lock import is_locked
from .memory_folder import MemoryFile, MemoryFolder
from .own_file import open_own, read_own

#: Has room for what a hundred thousand refusals take.
_SENT_BYTES_MAX: Final = 16 * 1024 * 1024
#: What was sent whole is kept this long, for `aspara verify`.
KEPT_SECONDS: Final = 7 * 86_400


def segment_path(folder: Path, segment: int) -> Path:
    """Where a segment of a writer stands."""
    return folder / f"{segment:06d}.spool"


def open_segment(folder: Path | MemoryFolder, segment: int) -> IO[bytes] | MemoryFile:
    """A segment, to be read. Raises FileNotFoundError, and PermissionError where it is not this user's own file."""
    if isinstance(folder, MemoryFolder):
        return folder.open(segment)
    return open(open_own(segment_path(folder, segment)), "rb", buffering=0)


def make_private(folder: Path) -> None:
    """Makes a folder that only this user can read, and those above it that are missing."""
    if not folder.is_dir():
        if folder.parent != folder:
            make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def segments_of(folder: Path | MemoryFolder) -> list[int]:
    """The numbers of the segments that are there, in rising order."""
    if isinstance(folder, MemoryFolder):
        return folder.segments()
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(int(name[:-6]) for name in names if re.fullmatch(r"[0-9]{6,}\.spool", name))


def writers_of(root: Path) -> list[Path]:
    """The folders of writers below this one, or this one itself when it is a writer's."""
    if segments_of(root):
        return [root]
    try:
        folders = [path for path in root.iterdir() if path.is_dir()]
    except OSError:
        return []
    # Whoever names the data folder means its spool.
    if not any(segments_of(path) for path in folders) and (root / "spool").is_dir():
        folders = [path for path in (root / "spool").iterdir() if path.is_dir()]
    return sorted(path for path in folders if segments_of(path))


class Sent:
    """sent.json: how far a writer is known to be sent."""

    def __init__(self, found: dict[str, Any] | None = None) -> None:
        known = found or {}
        self.segment = int(known.get("segment", 0))
        self.offset = int(known.get("offset", 0))
        self.rows = int(known.get("rows", 0))
        self.refused: list[dict[str, Any]] = list(known.get("refused", []))
        self.lost = int(known.get("lost", 0))
        self.done = bool(known.get("done", False))
        self.server: str | None = known.get("server")
        #: What the tracker there calls the run.
        self.run: str | None = known.get("run")
        #: The id that it has there, where its own was another run's.
        self.id: str | None = known.get("id")

    @classmethod
    def read(cls, folder: Path | MemoryFolder) -> Sent:
        """What the file says; that nothing is sent when it is missing, damaged, or not this user's."""
        if isinstance(folder, MemoryFolder):
            return cls(folder.sent)
        try:
            found = json.loads(read_own(folder / "sent.json", _SENT_BYTES_MAX))
        except (OSError, ValueError, RecursionError):
            return cls()
        return cls(found) if _is_sent(found) else cls()

    def write(self, folder: Path | MemoryFolder) -> None:
        """Replaces the file as a whole. A full disk is no trouble: the tracker knows what it has."""
        if isinstance(folder, MemoryFolder):
            folder.sent = dict(vars(self))
            return
        beside = folder / "sent.json.new"
        with contextlib.suppress(OSError):
            # What stands there was left by a process that died, or is a link that somebody has put there.
            beside.unlink(missing_ok=True)
            with open(open_own(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8") as file:
                file.write(json.dumps(vars(self)))
            os.replace(beside, folder / "sent.json")

    @property
    def place(self) -> tuple[int, int, int] | None:
        """Segment, offset and rows, as a `Place` has them; None before anything is sent."""
        return (self.segment, self.offset, self.rows) if self.offset else None

    def file_row(self, stored: int) -> int:
        """The row of the files that follows so many stored ones: refused rows are in the files only."""
        row = stored
        for entry in sorted(self.refused, key=lambda entry: int(entry["row"])):
            if int(entry["row"]) <= row:
                row += int(entry.get("count", 1))
        return row

    def refuse(self, row: int, count: int, reason: str) -> None:
        """The tracker will never have these rows; a count of 0 is a document before that row. Twice is once."""
        entry = {"row": row, "count": count, "reason": reason}
        last = self.refused[-1] if self.refused else {"count": 0}
        if entry in self.refused or any(one["row"] <= row < one["row"] + one["count"] for one in self.refused):
            return
        if count and last["count"] and last["reason"] == reason and last["row"] + last["count"] == row:
            last["count"] += count
        else:
            self.refused.append(entry)

    @property
    def refused_rows(self) -> int:
        """How many rows the tracker will never take."""
        return sum(int(entry.get("count", 1)) for entry in self.refused)

    @property
    def left_out(self) -> int:
        """The same, and documents."""
        return sum(int(entry.get("count", 1)) or 1 for entry in self.refused)


def _is_sent(found: Any) -> bool:
    """Whether what was read has the shape that docs/format/spool.md gives it."""
    if not isinstance(found, dict):
        return False
    refused = found.get("refused", [])
    texts = [found.get(key) for key in ("server", "run", "id")]
    return (
        all(_is_count(found.get(key, 0)) for key in ("segment", "offset", "rows", "lost"))
        and all(text is None or isinstance(text, str) for text in texts)
        and isinstance(refused, list)
        and all(
            isinstance(one, dict) and _is_count(one.get("row")) and _is_count(one.get("count", 1)) for one in refused
        )
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def is_alive(folder: Path) -> bool:
    """Whether the process that writes this spool lives, as far as this machine can tell."""
    return is_locked(folder / "alive")


def is_being_sent(folder: Path) -> bool:
    """Whether some process sends this spool now, as far as this machine can tell."""
    return is_locked(folder / "lock")


def bytes_of(folder: Path) -> int:
    """Bytes that a folder takes on the disk."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                total += getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
    return total


class SpoolRoom:
    """Keeps all spools of a folder together below a limit, and takes away what is sent and no longer needed."""

    #: Looking at every spool of a folder takes a while where there are thousands: not at each piece that is reserved.
    measured_seconds: Final = 30.0

    def __init__(self, own: Path, bytes_max: int) -> None:
        self._root = own.parent
        self._own = own
        self._bytes_max = bytes_max
        self._bytes = 0
        self._measured_at = -self.measured_seconds

    def has(self, wanted: int) -> bool:
        """
        Whether so many bytes more are allowed; if so, they count as taken. Deletes what is sent if that is needed.
        """
        now = time.monotonic()
        if now - self._measured_at >= self.measured_seconds or self._bytes + wanted > self._bytes_max:
            self._measured_at = now
            self._bytes = self._clear(wanted)
        if self._bytes + wanted > self._bytes_max:
            return False
        self._bytes += wanted
        return True

    def _clear(self, wanted: int) -> int:
        """Removes spools that are done, the oldest first; answers what the others take."""
        total = 0
        done: list[tuple[float, int, Path]] = []
        for folder in writers_of(self._root):
            size = bytes_of(folder)
            total += size
            if folder == self._own:
                continue
            sent = folder / "sent.json"
            with contextlib.suppress(OSError):
                if sent.exists() and Sent.read(folder).done and not is_alive(folder):
                    done.append((sent.stat().st_mtime, size, folder))
        for sent_at, size, folder in sorted(done):
            if time.time() - sent_at < KEPT_SECONDS and total + wanted <= self._bytes_max:
                break
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
            total -= size
        if total + wanted > self._bytes_max:
            total -= self._clear_own()
        return total

    def _clear_own(self) -> int:
        """Removes this writer's own segments that are acknowledged whole; answers how many bytes that gave."""
        freed = 0
        acknowledged = Sent.read(self._own).segment
        for segment in segments_of(self._own):
            if segment < acknowledged:
                with contextlib.suppress(OSError):
                    path = segment_path(self._own, segment)
                    size = path.stat().st_size
                    path.unlink()
                    freed += size
        return freed
