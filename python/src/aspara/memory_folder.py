"""The segments of a writer that has no disk to keep them on: they are in memory until they are sent."""

from __future__ import annotations

import errno
import mmap
from typing import Any, Final

SEGMENT_BYTES: Final = 4 * 1024 * 1024
#: Some two million numbers; what comes on top of that before any of it is sent is lost, and counted.
BYTES_MAX: Final = 64 * 1024 * 1024


class MemoryFolder:
    """What a folder is to other writers."""

    def __init__(self) -> None:
        self._segments: dict[int, mmap.mmap] = {}
        #: What sent.json is in a folder.
        self.sent: dict[str, Any] = {}

    def segments(self) -> list[int]:
        """The numbers of the segments that are there, in rising order."""
        return sorted(self._segments)

    def open(self, segment: int) -> MemoryFile:
        """A segment, to be read. Raises FileNotFoundError."""
        mapped = self._segments.get(segment)
        if mapped is None:
            raise FileNotFoundError(errno.ENOENT, "no such segment", str(segment))
        return MemoryFile(mapped)

    def create(self, segment: int) -> MemorySegment:
        """A new segment. What is sent makes room for it; an OSError tells that there is none."""
        sent = int(self.sent.get("segment", 0))
        for one in self.segments():
            if one < sent:
                del self._segments[one]
        if (len(self._segments) + 1) * SEGMENT_BYTES > BYTES_MAX:
            raise OSError(errno.ENOBUFS, f"{BYTES_MAX // 2**20} MiB wait in memory")
        mapped = self._segments[segment] = mmap.mmap(-1, SEGMENT_BYTES)
        return MemorySegment(mapped)

    def __str__(self) -> str:
        return "memory"


class MemorySegment:
    """What a file is to other segments."""

    def __init__(self, mapped: mmap.mmap) -> None:
        self._mapped = mapped

    def reserve(self, _start: int, end: int) -> mmap.mmap:
        """All of it: the system gives memory to what is written to."""
        assert end <= SEGMENT_BYTES
        return self._mapped

    def close(self, _used: int | None) -> None:
        """There is nothing to give back: it goes when nobody reads it any more."""


class MemoryFile:
    """Reads a segment in memory as a file is read."""

    def __init__(self, mapped: mmap.mmap) -> None:
        self._mapped = mapped
        self._position = 0

    def seek(self, position: int, _whence: int = 0) -> int:
        """Goes to a byte."""
        self._position = position
        return position

    def read(self, length: int) -> bytes:
        """The next so many bytes."""
        found = self._mapped[self._position : self._position + length]
        self._position += len(found)
        return found

    def close(self) -> None:
        """Others may read on."""
