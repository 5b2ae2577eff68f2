"""The last value of each metric, read from the spool when somebody asks for it."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .row_shape import Shape

_double = struct.Struct("<d")
#: A row begins with its size and shape; its step and its time follow, then the values.
_STEP_AT = 8
_VALUES_AT = 24


def step_at(map: mmap.mmap, offset: int) -> float:
    """The step of the row that begins at an offset."""
    found: float = _double.unpack_from(map, offset + _STEP_AT)[0]
    return found


class LastValues:
    """By metric: the value at the highest step, and of several at that step the one logged last."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self._steps: dict[str, float] = {}

    def take(self, shapes: Iterable[Shape], map: mmap.mmap) -> None:
        """Adds the newest row of each shape of a segment. Segments are taken in their order."""
        rows = sorted((step_at(map, shape.newest), shape.newest, shape) for shape in shapes if shape.newest)
        for step, offset, shape in rows:
            values = struct.unpack_from(f"<{len(shape.keys)}d", map, offset + _VALUES_AT)
            for key, value in zip(shape.keys, values, strict=True):
                if step >= self._steps.get(key, step):
                    self.values[key] = value
                    self._steps[key] = step
