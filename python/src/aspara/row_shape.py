"""The metrics of a row, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .spool_format import row_struct

Observer = Callable[[float, Iterable[Any]], None]


class Shape:
    """The metrics of a row, in their order: what it takes to pack one."""

    __slots__ = ("keys", "newest", "number", "observe", "pack_into", "size")

    def __init__(self, number: int, keys: tuple[str, ...], observe: Observer | None) -> None:
        packer = row_struct(len(keys))
        self.number = number
        #: Is told the step and the values of each row, where somebody wants to know.
        self.observe = observe
        self.keys = keys
        #: Where the row with the highest step begins; 0 before there is one.
        self.newest = 0
        self.size = packer.size
        self.pack_into = packer.pack_into
