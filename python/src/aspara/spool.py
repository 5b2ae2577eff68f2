"""
The spool of one writer: what `log()` takes is in its file before `log()` returns. docs/format/spool.md is the format.
"""

from __future__ import annotations

import contextlib
import mmap
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from .file_lock import FileLock, NoLock
from .last_values import LastValues, step_at
from .memory_folder import MemoryFolder, MemorySegment
from .names import metric_fault
from .row_shape import Observer, Shape
from .segment_file import SegmentFile
from .spool_folder import SpoolRoom, make_private, segment_path
from .spool_format import (
    HEADER,
    HEADER_BYTES,
    MAGIC,
    METRICS_MAX,
    RECORD_BYTES_MAX,
    ROW_BYTES,
    SEGMENT_BYTES_MAX,
    VERSION,
    encode_document,
    encode_row,
    fits_record,
    split_names,
)

#: Rows leave this much of what is reserved to documents: on a full disk there is still room for the last words.
_DOCUMENT_ROOM: Final = 4096
#: Documents leave so much, so that a segment can always say that another one follows.
_NEXT_ROOM: Final = 64
#: The first piece holds some ten thousand rows of five metrics, which is all that many runs ever log.
_PIECE_BYTES_MIN: Final = 1024 * 1024
#: On a disk that is nearly full.
_PIECE_BYTES_LEAST: Final = 64 * 1024
_PIECE_BYTES_MAX: Final = 4 * 1024 * 1024
#: Scripts that make up a new name at every step must not fill the memory with shapes.
_SHAPES_MAX: Final = 4096
#: Calls of log() that are divided are few: who logs 10,000 metrics logs the same ones.
_PARTS_MAX: Final = 16
#: On a full disk room is looked for so often, and not at every log().
_RETRY_SECONDS: Final = 1.0


class NoSpool:
    """Takes nothing: for runs that are disabled, and for forked children that have not logged yet."""

    writer = ""
    segment = 0
    offset = 0
    room_end = 0
    rows = 1
    lost = 0
    lost_reason = ""
    clock_offset_ms = 0.0
    rows_of_calls = 0
    is_closed = True

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.shapes: dict[tuple[str, ...], Shape] = {}

    def forget_shapes(self) -> None:
        """There are none."""

    def last_values(self) -> dict[str, float]:
        """There are none."""
        return {}


class Spool:
    """
    One writer's files. `Run.log` packs rows into `map` at `offset` by itself, under `lock`: that is the fast path.
    All else goes through the methods. None of them raises for the disk's sake: what finds no room is counted in `lost`.
    """

    def __init__(self, root: Path | MemoryFolder, bytes_max: int, segment_bytes_max: int = SEGMENT_BYTES_MAX) -> None:
        """Makes the writer's folder and its first segment; an OSError tells why it can't."""
        self.writer = str(uuid.uuid4())
        self.folder: Path | MemoryFolder = root
        self._alive: FileLock | NoLock = NoLock()
        self._room: SpoolRoom | None = None
        if not isinstance(root, MemoryFolder):
            self.folder = root / self.writer
            make_private(self.folder.parent)
            self.folder.mkdir(mode=0o700)
            self._alive = FileLock(self.folder / "alive")
            self._alive.take()
            self._room = SpoolRoom(self.folder, bytes_max)
        self._segment_bytes_max = segment_bytes_max
        # Reentrant: a finalizer that logs while a row is being packed must not wait for itself.
        self.lock = threading.RLock()
        self.segment = -1
        #: Where the next record begins: everything before it is whole, and may be read.
        self.offset = 0
        #: A row that would end beyond this needs room to be made first.
        self.room_end = 0
        #: Rows written, over all segments.
        self.rows = 0
        #: log() calls that found no room.
        self.lost = 0
        self.lost_reason = ""
        #: What is to be added to `rows` to know of how many log() calls they are.
        self.rows_of_calls = 0
        self._parts: dict[tuple[str, ...], list[slice]] = {}
        self._lost_written = 0
        #: How far the last timestamp that was given to log() is from this machine's clock.
        self.clock_offset_ms = 0.0
        #: The shapes of this segment, by the names of their metrics.
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self._last = LastValues()
        self._shape_number = 0
        self._reserved = 0
        self._full_until = 0.0
        #: Makes the observer of a new shape's rows, if there is to be one.
        self.observer_of: Callable[[tuple[str, ...]], Observer | None] | None = None
        self.is_closed = False
        try:
            self._open_segment()
        except OSError:
            self._alive.release()
            if not isinstance(self.folder, MemoryFolder):
                import shutil

                shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def sending_lock(self) -> FileLock | NoLock:
        """Held by whoever sends this spool."""
        return NoLock() if isinstance(self.folder, MemoryFolder) else FileLock(self.folder / "lock")

    # ---- rows and documents

    def append_row(self, keys: tuple[str, ...], step: float, time_ms: float, values: Sequence[float]) -> bool:
        """
        One row, or several of the same step where there are more metrics than one takes. False when it was lost, or a
        part of it. A ValueError names a key that is none.
        """
        if len(keys) > METRICS_MAX or (keys not in self.shapes and not fits_record(keys)):
            return self._append_parts(keys, step, time_ms, values)
        with self.lock:
            if self.is_closed:
                return False
            if self._lost_written != self.lost and self._make_room(_DOCUMENT_ROOM, _DOCUMENT_ROOM):
                self._tell_lost()
            shape = self.shapes.get(keys)
            if shape is None:
                shape = self._new_shape(keys)
                if shape is None:
                    return self._lose()
            if not self._make_room(shape.size, _DOCUMENT_ROOM):
                return self._lose()
            if self.shapes.get(keys) is not shape:
                # Making room went on to the next segment, where shapes are numbered anew.
                return self.append_row(keys, step, time_ms, values)
            offset = self.offset
            record = encode_row(shape.pack, shape.size, shape.number, step, time_ms, values, offset)
            self.map[offset : offset + shape.size] = record
            self.offset = offset + shape.size
            self.rows += 1
            self.note_row(shape, offset, step)
            if shape.observe:
                shape.observe(step, values)
            return True

    def _append_parts(self, keys: tuple[str, ...], step: float, time_ms: float, values: Sequence[float]) -> bool:
        with self.lock:
            parts = self._parts.get(keys)
            if parts is None:
                if len(self._parts) >= _PARTS_MAX:
                    self._parts.clear()
                parts = self._parts[keys] = split_names(keys)
            lost, rows = self.lost, self.rows
            for part in parts:
                self.append_row(keys[part], step, time_ms, values[part])
            # It was one call, whatever became of its parts.
            self.rows_of_calls -= max(0, self.rows - rows - 1)
            self.lost = min(self.lost, lost + 1)
            return self.lost == lost

    def append_document(self, document: dict[str, Any]) -> bool:
        """One document. False when there was no room for it. A ValueError tells that it is larger than 1 MiB."""
        with self.lock:
            if self.is_closed:
                return False
            size = len(encode_document(document, 0))
            if size > RECORD_BYTES_MAX:
                raise ValueError(f"a {document['type']} has at most 1 MiB of JSON, and this one {size} bytes")
            if not self._make_room(size, _NEXT_ROOM):
                return False
            self._put(encode_document(document, self.offset))
            return True

    def note_row(self, shape: Shape, offset: int, step: float) -> None:
        """Remembers the row at this offset when no other of its shape has a higher step."""
        if not shape.newest or step >= step_at(self.map, shape.newest):
            shape.newest = offset

    def last_values(self) -> dict[str, float]:
        """The last value of each metric: that of the highest step. Costs log() nothing but a note of where it is."""
        with self.lock:
            if self.room_end:
                self._last.take(self.shapes.values(), self.map)
            return self._last.values

    def forget_shapes(self) -> None:
        """The next row of each shape describes it anew."""
        if self.room_end:
            self._last.take(self.shapes.values(), self.map)
        self.shapes.clear()

    # ---- room

    def reserve_ahead(self) -> None:
        """Reserves the next piece before log() needs it; for the background thread."""
        with self.lock:
            piece = self._next_piece()
            if self.is_closed or piece == 0 or self._reserved - self.offset > piece // 2:
                return
            file, segment, start = self._file, self.segment, self._reserved
        if not self._has_room(piece):
            return
        with contextlib.suppress(OSError, ValueError):
            mapped = file.reserve(start, start + piece)
            with self.lock:
                if self.segment == segment and not self.is_closed and start + piece > self._reserved:
                    self._use(mapped, start + piece)

    def close(self) -> None:
        """After the last record. What was reserved and not used is given back."""
        with self.lock:
            if self.is_closed:
                return
            self.is_closed = True
            self._forget_map()
            self._file.close(self.offset)
            self._alive.release()

    def touch(self) -> None:
        """Tells other hosts that this process lives."""
        self._alive.touch()

    def abandon(self) -> None:
        """In a forked child: the files and the locks are the parent's."""
        self.is_closed = True
        # Another thread of the parent may have held the lock when it forked.
        self.lock = threading.RLock()
        self._forget_map()
        self._file.close(None)
        self._alive.release()

    def _forget_map(self) -> None:
        self.forget_shapes()
        self.shapes = {}
        self.room_end = 0
        del self.map

    def _open_segment(self) -> None:
        segment = self.segment + 1
        if not self._has_room(_PIECE_BYTES_MIN):
            raise OSError("the spools have as much of the disk as ASPARA_SPOOL_MAX_BYTES gives them")
        end = min(_PIECE_BYTES_MIN, self._segment_bytes_max)
        file: SegmentFile | MemorySegment
        if isinstance(self.folder, MemoryFolder):
            file = self.folder.create(segment)
            mapped = file.reserve(0, end)
        else:
            path = segment_path(self.folder, segment)
            file = SegmentFile(path)
            try:
                mapped = file.reserve(0, end)
            except BaseException:
                file.close(None)
                path.unlink()
                raise
        HEADER.pack_into(mapped, 0, MAGIC, VERSION, segment, uuid.UUID(self.writer).bytes, self.rows)
        self.forget_shapes()
        self._file = file
        self.segment = segment
        self.shapes = {}
        self._shape_number = 0
        self.offset = HEADER_BYTES
        self._reserved = 0
        self._use(mapped, end)

    def _use(self, mapped: mmap.mmap, end: int) -> None:
        self.map = mapped
        self._reserved = end
        self.room_end = end - _DOCUMENT_ROOM

    def _has_room(self, bytes_wanted: int) -> bool:
        return self._room is None or self._room.has(bytes_wanted)

    def _next_piece(self) -> int:
        piece = min(_PIECE_BYTES_MAX, max(_PIECE_BYTES_MIN, self._reserved))
        return min(piece, self._segment_bytes_max - self._reserved)

    def _make_room(self, size: int, kept: int) -> bool:
        """Whether a record of this size can be written now, with so much of the rest kept for documents."""
        if self.is_closed:
            return False
        if self.offset + size + kept <= self._reserved:
            return True
        if time.monotonic() < self._full_until:
            return False
        try:
            if self.offset + size + _DOCUMENT_ROOM > self._segment_bytes_max:
                self._next_segment()
            while self.offset + size + kept > self._reserved:
                self._reserve_more(self.offset + size + kept - self._reserved)
        except (OSError, ValueError) as error:
            self._full_until = time.monotonic() + _RETRY_SECONDS
            self.lost_reason = getattr(error, "strerror", None) or str(error)
            return False
        return True

    def _reserve_more(self, wanted: int) -> None:
        """Reserves the next piece, or the smallest that does where there is no room for that."""
        least = min(-(-wanted // _PIECE_BYTES_LEAST) * _PIECE_BYTES_LEAST, self._segment_bytes_max - self._reserved)
        error: OSError | None = None
        for piece in (self._next_piece(), least):
            if not self._has_room(piece):
                error = error or OSError("the spools have as much of the disk as ASPARA_SPOOL_MAX_BYTES gives them")
                continue
            end = self._reserved + piece
            try:
                self._use(self._file.reserve(self._reserved, end), end)
                return
            except OSError as found:
                error = error or found
        if error:
            raise error

    def _next_segment(self) -> None:
        file, offset = self._file, self.offset
        last = encode_document({"type": "next"}, offset)
        mapped, used = self.map, offset + len(last)
        self._open_segment()
        # Only now: where the new one found no room, the old one is still the last, and documents may still go there.
        mapped[offset:used] = last
        file.close(used)

    def _new_shape(self, keys: tuple[str, ...]) -> Shape | None:
        for key in keys:
            fault = metric_fault(key)
            if fault:
                raise ValueError(fault)
        document = {"type": "shape", "number": 0xFFFF_FFFF, "keys": keys}
        size = len(encode_document(document, 0))
        row = ROW_BYTES + 8 * len(keys)
        # Both in one segment: a shape means nothing in the next one.
        if not self._make_room(size + row, _DOCUMENT_ROOM):
            return None
        self._shape_number += 1
        document["number"] = self._shape_number
        self._put(encode_document(document, self.offset))
        if len(self.shapes) >= _SHAPES_MAX:
            self.forget_shapes()
        observe = self.observer_of(keys) if self.observer_of else None
        shape = self.shapes[keys] = Shape(self._shape_number, keys, observe)
        return shape

    def _put(self, record: bytes) -> None:
        offset, end = self.offset, self.offset + len(record)
        # Whoever reads meanwhile may see a part of it: its checksum tells.
        self.map[offset:end] = record
        self.offset = end

    def _lose(self) -> bool:
        self.lost += 1
        return False

    def _tell_lost(self) -> None:
        if self.append_document({"type": "lost", "count": self.lost, "reason": self.lost_reason}):
            self._lost_written = self.lost

    def tell_lost(self) -> None:
        """Writes down how many rows were lost, where that is not written yet."""
        with self.lock:
            if self._lost_written != self.lost:
                self._tell_lost()
