"""The bytes of a spool, as docs/format/spool.md describes them. Nothing here touches a disk."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

MAGIC: Final = b"ASPSPOOL"
#: What is written; version 1, which has no checksums, is read, too.
VERSION: Final = 2
#: magic, version, segment, writer, first row
HEADER: Final = struct.Struct("<8sII16sQ")
HEADER_BYTES: Final = 64
#: size, shape: how every record begins
HEAD: Final = struct.Struct("<II")
#: mark, checksum: how every record ends
TAIL: Final = struct.Struct("<II")
#: A row's mark is its offset plus this: it never carries beyond 4 bytes, as segments have at most 64 MiB.
ROW_MARK: Final = 0x4D41524B
DOCUMENT_MARK: Final = 0xB2BEADB4
#: Where version 2 has the checksum, version 1 has this; there the marks of documents are those of rows.
MARK_END_1: Final = 0x4153505F
#: In place of the shape, for a record of which only the frame can be believed.
DAMAGED_ROW: Final = -1
DAMAGED_DOCUMENT: Final = -2
RECORD_BYTES_MIN: Final = 24
#: Size, shape, step, time, mark and checksum of a row: what stands beside its values.
ROW_BYTES: Final = 32
RECORD_BYTES_MAX: Final = 1024 * 1024
SEGMENT_BYTES_MAX: Final = 64 * 1024 * 1024
STEP_MAX: Final = 2**53 - 1
#: What one record, and one request, takes.
METRICS_MAX: Final = 10_000
#: What the names of one shape may come to: the rest of its record is the document around them.
_NAMES_BYTES_MAX: Final = RECORD_BYTES_MAX - 1024


def row_struct(values: int) -> struct.Struct:
    """A whole row: size, shape, step, time, so many values, mark, checksum."""
    return struct.Struct(f"<II{2 + values}dII")


def row_packer(values: int) -> struct.Struct:
    """A row without its checksum, which is over all of this."""
    return struct.Struct(f"<II{2 + values}dI")


def encode_row(pack: Any, size: int, shape: int, step: float, time_ms: float, values: Sequence[Any], at: int) -> bytes:
    """The record of a row that is to stand at the offset `at`; `pack` is that of its row_packer."""
    return _with_checksum(pack(size, shape, step, time_ms, *values, at + ROW_MARK))


def fits_record(keys: tuple[str, ...]) -> bool:
    """Whether the names of a row find room in one record, however they are written."""
    # As JSON a character takes at most six bytes.
    return 6 * sum(map(len, keys)) + 3 * len(keys) <= _NAMES_BYTES_MAX or len(split_names(keys)) == 1


def split_names(keys: tuple[str, ...]) -> list[slice]:
    """The parts of a row that has too many metrics for one record, or whose names are too long together."""
    parts = []
    start = size = 0
    for index, key in enumerate(keys):
        added = len(json.dumps(key, ensure_ascii=False).encode("utf-8", "replace")) + 1
        if index > start and (size + added > _NAMES_BYTES_MAX or index - start >= METRICS_MAX):
            parts.append(slice(start, index))
            start, size = index, 0
        size += added
    parts.append(slice(start, len(keys)))
    return parts


def encode_document(document: dict[str, Any], offset: int) -> bytes:
    """The record of a document that is to stand at this offset."""
    content = document_text(document)
    content += b" " * (-len(content) % 8)
    return _with_checksum(HEAD.pack(len(content) + 16, 0) + content + (offset + DOCUMENT_MARK).to_bytes(4, "little"))


def _with_checksum(record: bytes) -> bytes:
    return record + crc32(record).to_bytes(4, "little")


def parse_document(content: bytes) -> dict[str, Any] | None:
    """A document of a spool; None when it is none, or does not say what one of its type has to say to a reader."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kind = found.get("type")
    if kind == "shape":
        keys = found.get("keys")
        is_whole = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
        return found if is_whole and type(found.get("number")) is int else None
    if kind == "lost":
        return found if type(found.get("count")) is int else None
    return found if kind != "run" or isinstance(found.get("project"), str) else None


def document_text(document: dict[str, Any]) -> bytes:
    """JSON in which NaN and infinities stand as words, which any parser reads."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(in_words(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A lone surrogate has no UTF-8: it becomes a question mark rather than an error in somebody's training.
    return text.encode("utf-8", "replace")


def in_words(value: Any) -> Any:
    """The same with NaN and infinities as the words "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: in_words(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_words(item) for item in value]
    return value
