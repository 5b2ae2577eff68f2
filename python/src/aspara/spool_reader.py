"""Reads a spool, also while it is being written. docs/format/spool.md is the format."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from zlib import crc32

from .memory_folder import MemoryFile, MemoryFolder
from .rows import Rows
from .spool_folder import open_segment, segments_of
from .spool_format import (
    DAMAGED_DOCUMENT,
    DAMAGED_ROW,
    DOCUMENT_MARK,
    HEAD,
    HEADER,
    HEADER_BYTES,
    MAGIC,
    MARK_END_1,
    METRICS_MAX,
    RECORD_BYTES_MAX,
    RECORD_BYTES_MIN,
    ROW_BYTES,
    ROW_MARK,
    TAIL,
    VERSION,
    parse_document,
    row_struct,
)

_READ_BYTES: Final = 256 * 1024
#: Rows are taken in slices: each is some tenths of a millisecond during which a training's own thread may have to wait.
SLICE_ROWS: Final = 512


class SpoolDamaged(Exception):
    """A file that is no segment, or of a version that is not known: the sentence names it."""


class Place(NamedTuple):
    """Between two records: the segment, the offset in it, and how many rows stand before it over all segments."""

    segment: int
    offset: int
    rows: int


def damaged(rows: int) -> dict[str, Any]:
    """What is read in place of records that were damaged in the file: how many rows they were."""
    return {"type": "damaged", "rows": rows}


class SpoolReader:
    """
    Goes through a writer's records in order. At the end of what is written it answers None, and goes on from there when
    asked again. What is damaged is answered as a document (`damaged`), and counts as the rows it was. `limit` tells
    how far the writer's own process has got: what stands after it is not whole yet, and what stands before it is as
    it was written a moment ago.
    """

    def __init__(self, folder: Path | MemoryFolder, limit: Callable[[], tuple[int, int]] | None = None) -> None:
        self.folder = folder
        self._limit = limit
        self._file: IO[bytes] | MemoryFile | None = None
        self._shapes: dict[int, tuple[str, ...]] = {}
        self._buffer = b""
        self._buffer_start = 0
        #: The time of the last row that it passed.
        self.last_time: float | None = None
        self.version = VERSION
        present = segments_of(folder)
        self._open(present[0] if present else 0)
        #: The rows of segments that are no longer there.
        self.rows_gone = self.rows

    @classmethod
    def at(
        cls,
        folder: Path | MemoryFolder,
        limit: Callable[[], tuple[int, int]] | None,
        place: tuple[int, int, int] | None,
    ) -> SpoolReader:
        """At a place; where no record can be found there, at the beginning."""
        reader = cls(folder, limit)
        try:
            if place:
                reader.seek(Place(*place))
            return reader
        except SpoolDamaged:
            reader.close()
            return cls(folder, limit)

    @property
    def place(self) -> Place:
        """Where the next record begins."""
        return Place(self.segment, self.offset, self.rows)

    def seek(self, place: Place) -> None:
        """Goes to a place that this reader, or another one of the same folder, was at."""
        if place.segment == self.segment and place.offset >= self.offset:
            start = self.place
        else:
            self._open(place.segment)
            start = self.place
        # The shapes of a segment stand before their first rows.
        while self.offset < place.offset:
            if self._next(SLICE_ROWS, place.offset) is None and self.offset < place.offset:
                raise SpoolDamaged(f"{self.folder}: there is no record at {place.offset} of segment {place.segment}")
        if self.offset != place.offset:
            raise SpoolDamaged(f"{self.folder}: {start} does not lead to {place}")
        self.rows = place.rows

    def read(self, rows_max: int = SLICE_ROWS) -> Rows | dict[str, Any] | None:
        """The next rows or the next document; None at the end of what is written so far."""
        return self._next(min(rows_max, SLICE_ROWS), None)

    def close(self) -> None:
        """Closes the file."""
        if self._file:
            self._file.close()
            self._file = None

    # ---- records

    def _next(self, rows_max: int, end: int | None) -> Rows | dict[str, Any] | None:
        while True:
            head = self._record(end)
            if head is None:
                if end is not None or self._limit is not None or not self._is_left_behind():
                    return None
                return self._leave_segment()
            size, number = head
            if number == DAMAGED_ROW or (number > 0 and self._is_unnamed(size, number)):
                self.offset += size
                self.rows += 1
                return damaged(1)
            if number == DAMAGED_DOCUMENT:
                self.offset += size
                return damaged(0)
            if number != 0:
                return self._read_rows(size, number, rows_max, end)
            document = self._document(size)
            self.offset += size
            if document is None:
                return damaged(0)
            kind = document.get("type")
            if kind == "shape":
                self._shapes[document["number"]] = tuple(document["keys"])
            elif kind == "next":
                if end is not None:
                    return document
                self._open(self.segment + 1, self.rows)
            else:
                return document

    def _record(self, end: int | None) -> tuple[int, int] | None:
        """Size and shape of the record at the offset, if a whole one is there; for the shape see also DAMAGED_ROW."""
        if not self._file and not self._open_file():
            return None
        limit = self._readable() if end is None else end
        for is_fresh in (False, True):
            # What was read a while ago may have been written to since.
            if is_fresh and not self._fill(limit, RECORD_BYTES_MIN):
                return None
            at = self.offset - self._buffer_start
            if len(self._buffer) - at < RECORD_BYTES_MIN:
                continue
            size, number = HEAD.unpack_from(self._buffer, at)
            if size == 0 or size % 8 or not RECORD_BYTES_MIN <= size <= RECORD_BYTES_MAX:
                continue
            if len(self._buffer) - at < size and not (is_fresh and self._fill(limit, size)):
                continue
            at = self.offset - self._buffer_start
            mark, checksum = TAIL.unpack_from(self._buffer, at + size - 8)
            is_row = mark == self.offset + ROW_MARK
            if self.version == 1 and is_row and checksum == MARK_END_1:
                return size, number
            if self.version == 1 or not (is_row or mark == self.offset + DOCUMENT_MARK):
                continue
            if is_row == (number > 0) and (
                self._limit is not None or crc32(memoryview(self._buffer)[at : at + size - 4]) == checksum
            ):
                return size, number
            # The last one may just be being written.
            if is_fresh and self._is_followed(size):
                return size, DAMAGED_ROW if is_row else DAMAGED_DOCUMENT
        return None

    def _is_followed(self, size: int) -> bool:
        """Whether something is written behind a record of this size."""
        assert self._file is not None
        self._file.seek(self.offset + size, os.SEEK_SET)
        return self._file.read(4).strip(b"\0") != b""

    def _is_unnamed(self, size: int, number: int) -> bool:
        """Whether a row can't be read because the document that named its metrics is damaged."""
        keys = self._shapes.get(number)
        return self.version > 1 and (keys is None or size != ROW_BYTES + 8 * len(keys))

    def _is_left_behind(self) -> bool:
        """Whether the writer has gone on to the next segment, so that nothing will ever be added here."""
        if self.version == 1 or self._file is None:
            return False
        try:
            file = open_segment(self.folder, self.segment + 1)
        except OSError:
            return False
        try:
            file.seek(HEADER_BYTES, os.SEEK_SET)
            has_gone_on = file.read(4).strip(b"\0") != b""
        finally:
            file.close()
        # In this order: what stands here may have been written since it was looked at.
        return has_gone_on and self._record(None) is None

    def _leave_segment(self) -> dict[str, Any]:
        """Goes on with the next segment from a place at which no record begins."""
        rows = self.rows
        self._open(self.segment + 1)
        self.rows = max(self.rows, rows)
        return damaged(self.rows - rows)

    def _document(self, size: int) -> dict[str, Any] | None:
        at = self.offset - self._buffer_start
        return parse_document(self._buffer[at + 8 : at + size - 8])

    def _read_rows(self, size: int, number: int, rows_max: int, end: int | None) -> Rows:
        keys = self._keys(number, size)
        at = self.offset - self._buffer_start
        count = min(rows_max, (len(self._buffer) - at) // size)
        second = HEAD.unpack_from(self._buffer, at + size) if count > 1 else (size, number)
        if second != (size, number):
            return self._read_mixed(rows_max, end)
        slices = memoryview(self._buffer)[at : at + count * size]
        found = zip(*row_struct(len(keys)).iter_unpack(slices), strict=True)
        sizes, numbers, steps, times, *columns, marks, checksums = found
        first = self.offset + ROW_MARK
        expected = tuple(range(first, first + count * size, size))
        sums = self._checksums(slices, size, checksums)
        if marks != expected or checksums != sums or sizes.count(size) != count or numbers.count(number) != count:
            records = zip(sizes, numbers, marks, checksums, expected, sums, strict=True)
            count = next(i for i, (s, n, m, c, *e) in enumerate(records) if (s, n, m, c) != (size, number, *e))
            steps, times, columns = steps[:count], times[:count], [column[:count] for column in columns]
        self.offset += count * size
        self.rows += count
        self.last_time = times[-1]
        return Rows(steps, times, dict(zip(keys, columns, strict=True)), count * len(keys))

    def _checksums(self, rows: memoryview, size: int, found: tuple[int, ...]) -> tuple[int, ...]:
        """What should stand behind the mark of each row."""
        if self.version == 1:
            return (MARK_END_1,) * len(found)
        if self._limit is not None:
            return found
        return tuple([crc32(rows[at : at + size - 4]) for at in range(0, len(rows), size)])

    def _read_mixed(self, rows_max: int, end: int | None) -> Rows:
        """Rows of several shapes, one by one."""
        steps: list[float] = []
        times: list[float] = []
        columns: dict[str, list[float | None]] = {}
        shapes: set[int] = set()
        values = 0

        def is_too_much(keys: Sequence[str]) -> bool:
            """Whether with these there are more names than one request takes."""
            return bool(steps) and len(columns) + sum(key not in columns for key in keys) > METRICS_MAX

        while len(steps) < rows_max:
            head = self._record(end)
            if head is None:
                break
            size, number = head
            if number < 0 or (number > 0 and self._is_unnamed(size, number)):
                break
            if number == 0:
                document = self._document(size)
                if document is None or document.get("type") != "shape" or is_too_much(document["keys"]):
                    break
                self._shapes[document["number"]] = tuple(document["keys"])
                self.offset += size
                continue
            keys = self._keys(number, size)
            if number not in shapes:
                if is_too_much(keys):
                    break
                shapes.add(number)
            row = row_struct(len(keys)).unpack_from(self._buffer, self.offset - self._buffer_start)
            index = len(steps)
            for key, value in zip(keys, row[4:-2], strict=True):
                column = columns.get(key)
                if column is None:
                    column = columns[key] = []
                if len(column) < index:
                    column.extend([None] * (index - len(column)))
                column.append(value)
            values += len(keys)
            steps.append(row[2])
            times.append(row[3])
            self.last_time = row[3]
            self.offset += size
            self.rows += 1
        for column in columns.values():
            column.extend([None] * (len(steps) - len(column)))
        return Rows(steps, times, dict(columns), values)

    def _keys(self, number: int, size: int) -> tuple[str, ...]:
        keys = self._shapes.get(number)
        if keys is None or size != ROW_BYTES + 8 * len(keys):
            raise SpoolDamaged(f"{self.folder}: the row at {self.offset} has the unknown shape {number}")
        return keys

    # ---- the file

    def _open(self, segment: int, rows: int | None = None) -> None:
        self.close()
        self.segment = segment
        self.offset = HEADER_BYTES
        self.rows = rows or 0
        self._shapes = {}
        self._buffer = b""
        self._buffer_start = 0
        self._open_file(rows)

    def _open_file(self, rows: int | None = None) -> bool:
        """The next segment may not be there yet, and a header may not be written yet."""
        try:
            file = open_segment(self.folder, self.segment)
        except FileNotFoundError:
            return False
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or header[:8] == bytes(8):
            file.close()
            return False
        magic, version, segment, writer, first_row = HEADER.unpack_from(header)
        if magic != MAGIC or version not in (1, VERSION) or segment != self.segment:
            file.close()
            what = "is no segment of a spool" if magic != MAGIC else f"has version {version} and number {segment}"
            raise SpoolDamaged(f"segment {self.segment} of {self.folder} {what}")
        self.version = version
        self.writer = str(uuid.UUID(bytes=writer))
        if rows is None:
            self.rows = first_row
        self._file = file
        return True

    def _readable(self) -> int | None:
        if self._limit is None:
            return None
        segment, offset = self._limit()
        return offset if segment == self.segment else None

    def _fill(self, limit: int | None, wanted: int) -> bool:
        """Reads from the offset on; False when less than wanted is there."""
        assert self._file is not None
        length = max(_READ_BYTES, wanted)
        if limit is not None:
            length = min(length, limit - self.offset)
        if length < wanted:
            return False
        self._file.seek(self.offset, os.SEEK_SET)
        self._buffer = self._file.read(length)
        self._buffer_start = self.offset
        return len(self._buffer) >= wanted
