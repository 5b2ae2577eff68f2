"""The count and the checksum that a tracker keeps of each writer. docs/format/spool.md, "Receipts"."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence

from .rows import Rows


class Receipt:
    """Over rows in the order in which they were written, however they were divided into batches."""

    def __init__(self) -> None:
        self.rows = 0
        self.points = 0
        self._crc = 0
        self._places: dict[tuple[str, ...], list[tuple[int, str]]] = {}

    @property
    def checksum(self) -> str:
        """8 hexadecimal digits."""
        return f"{self._crc:08x}"

    def add(self, rows: Rows) -> None:
        """Goes on with these rows."""
        keys = tuple(rows.columns)
        order = self._places.get(keys)
        if order is None:
            order = self._places[keys] = sorted(((zlib.crc32(key.encode()), key) for key in keys), key=_by_bytes)
        columns = [(crc, rows.columns[key]) for crc, key in order]
        parts = [_row(rows, columns, index) for index in range(len(rows))]
        self._crc = zlib.crc32(b"".join(parts), self._crc)
        self.rows += len(rows)
        self.points += rows.values


def _by_bytes(entry: tuple[int, str]) -> tuple[int, bytes]:
    return entry[0], entry[1].encode()


def _row(rows: Rows, columns: Sequence[tuple[int, Sequence[float | None]]], index: int) -> bytes:
    found: list[float | int] = [rows.steps[index], rows.times[index]]
    count = 0
    for crc, column in columns:
        value = column[index]
        if value is not None:
            count += 1
            # One NaN stands for all of them: JSON knows no other.
            found += (crc, value if value == value else math.nan)
    return struct.pack(f"<dd{'Id' * count}", *found)
