"""Files of a spool that must be this user's own, whatever somebody has put in their place."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

#: Windows has neither of the first two, and would change line ends.
_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_own(path: Path, flags: int = os.O_RDONLY) -> int:
    """
    A descriptor: a link is not followed, and a pipe is not waited for. Raises FileNotFoundError, and PermissionError
    where it is not this user's own file.
    """
    try:
        descriptor = os.open(path, flags | _FLAGS, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise PermissionError(f"{path} is a link") from error
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise PermissionError(f"{path} is not a file")
        require_own(path, found)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_own(path: Path, bytes_max: int) -> bytes:
    """All of such a file. Raises as `open_own`, and a ValueError where it is larger."""
    with open(open_own(path), "rb") as file:
        found = file.read(bytes_max + 1)
    if len(found) > bytes_max:
        raise ValueError(f"{path} has more than {bytes_max} bytes")
    return found


def require_own_folder(folder: Path) -> None:
    """
    A spool names files to upload: whoever wrote it must be whoever reads those files. Raises PermissionError where it
    belongs to somebody else, or is a link.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{folder} is not a folder")
    require_own(folder, found)


def require_own(path: Path, found: os.stat_result) -> None:
    """Raises PermissionError where it belongs to somebody else."""
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to another user (uid {found.st_uid}): run aspara sync as that user")
