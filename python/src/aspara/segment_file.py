"""
A segment that is being written: a file mapped into memory, whose blocks are on the disk before they are written to.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
from pathlib import Path
from typing import Final

#: Linux's MADV_POPULATE_WRITE: makes pages ready to be written, so that log() does not wait for each.
_POPULATE_WRITE: Final = 23
_ZEROS: Final = bytes(64 * 1024)


class SegmentFile:
    """
    Writing to a mapped page that has no block on a full disk ends a process (SIGBUS), so blocks are reserved first, in
    pieces, and only what is reserved is mapped.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o600)

    def reserve(self, start: int, end: int) -> mmap.mmap:
        """
        The file mapped up to `end`, whose blocks from `start` on are now reserved, too. Raises an OSError when there is
        no room, and leaves the file as it was.
        """
        # A writer that goes on to the next segment closes this one, while its background thread may still be here.
        descriptor = os.dup(self._descriptor)
        try:
            _allocate(descriptor, start, end - start)
            mapped = mmap.mmap(descriptor, end)
        finally:
            os.close(descriptor)
        # Older kernels don't know it, and do without.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            page = start - start % mmap.PAGESIZE
            mapped.madvise(_POPULATE_WRITE, page, end - page)
        return mapped

    def close(self, used: int | None) -> None:
        """Gives back what lies beyond `used` bytes. None: after a fork, when the file is the parent's."""
        if used is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, used)
        os.close(self._descriptor)


def _allocate(descriptor: int, start: int, length: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, start, length)
            return
        except OSError as error:
            # Some file systems have no such call.
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
    # What stands below the end of the file has its blocks already, and may just be written to.
    position = max(start, os.fstat(descriptor).st_size)
    with open(os.dup(descriptor), "r+b", buffering=0) as file:
        file.seek(position)
        while position < start + length:
            position += file.write(_ZEROS[: start + length - position])
