"""Where a run's spool can be made: in its folder, else in the temporary one, else in memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from .memory_folder import SEGMENT_BYTES, MemoryFolder
from .settings import default_data_dir, spool_root, temporary_dir
from .spool import Spool
from .spool_folder import writers_of

DISK: Final = "disk"
TEMPORARY: Final = "temporary"
MEMORY: Final = "memory"


class SpoolPlace(NamedTuple):
    """A spool, and where it is."""

    spool: Spool
    #: disk, temporary or memory.
    kind: str
    root: Path
    #: What that means for what is logged, where it is not on the disk that was asked for.
    warning: str | None


def open_spool(root: Path, bytes_max: int) -> SpoolPlace:
    """A new spool in the best place that there is. It never raises for the disk's sake."""
    trouble = ""
    # A user without a home has no other: then the temporary folder is as little a disk, and as much to be checked.
    if root != temporary_root():
        try:
            return SpoolPlace(Spool(root, bytes_max), DISK, root, None)
        except OSError as error:
            trouble = f"cannot write to {root} ({error.strerror or error})"
    try:
        temporary = _made_temporary_root()
        why = f"{trouble}: " if trouble else ""
        where = f"{why}what is logged is kept in {temporary}, and is lost if the machine restarts before it is sent"
        return SpoolPlace(Spool(temporary, bytes_max), TEMPORARY, temporary, where)
    except OSError as error:
        trouble = f"{trouble} or" if trouble else "cannot write"
        trouble += f" to the temporary folder ({error.strerror or error})"
    where = f"{trouble}: what is logged is kept in memory only, and what is not sent when the process ends is lost"
    return SpoolPlace(Spool(MemoryFolder(), bytes_max, SEGMENT_BYTES), MEMORY, root, where)


def temporary_root() -> Path:
    """Where spools are made that find no room in their own folder."""
    return temporary_dir() / "spool"


def _made_temporary_root() -> Path:
    """An OSError tells that it can't be made, or that it is not this user's alone."""
    root = temporary_root()
    root.parent.mkdir(mode=0o700, exist_ok=True)
    if not _is_private(root.parent):
        raise OSError(f"{root.parent} is not this user's alone")
    root.mkdir(mode=0o700, exist_ok=True)
    return root


def _is_private(folder: Path) -> bool:
    """Whether nobody else has made this folder or can write to it: anybody can to the one that it is in."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def roots_to_look_in() -> list[Path]:
    """The folders where this user's spools are, the usual one first, then those that runs fall back to."""
    found = [spool_root()]
    default = default_data_dir() / "spool"
    for root in (default, temporary_root()):
        try:
            is_ours = root != temporary_root() or _is_private(root.parent)
            if root not in found and is_ours and writers_of(root):
                found.append(root)
        except OSError:
            continue
    return found
