"""The metrics of a row, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .spool_format import ROW_BYTES, row_packer

Observer = Callable[[float, Iterable[Any]], None]


class Shape:
    """The metrics of a row, in their order: what it takes to pack one."""

    __slots__ = ("keys", "newest", "number", "observe", "pack", "size")

    def __init__(self, number: int, keys: tuple[str, ...], observe: Observer | None) -> None:
        self.number = number
        #: Is told the step and the values of each row, where somebody wants to know.
        self.observe = observe
        self.keys = keys
        #: Where the row with the highest step begins; 0 before there is one.
        self.newest = 0
        self.size = ROW_BYTES + 8 * len(keys)
        #: All of a row but its checksum: see spool_format.encode_row.
        self.pack = row_packer(len(keys)).pack
