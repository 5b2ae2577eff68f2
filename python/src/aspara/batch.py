"""Rows of a spool become the JSON of one batch."""

from __future__ import annotations

import json
import time
import zlib
from typing import Any, Final

from .rows import Rows
from .spool_format import METRICS_MAX

ROWS_MAX: Final = 20_000
#: What the columns may come to as JSON; a tracker commits as much in some milliseconds.
TEXT_BYTES_MAX: Final = 1_000_000
#: Below it, compressing costs more than it saves.
_COMPRESSED_BYTES_MIN: Final = 1_500
#: A tracker counts nulls as cells too. Gaps compress to nothing, but past so many for each value a new batch begins.
_GAPS_PER_VALUE_MAX: Final = 8


class Batch:
    """
    Columns over the union of the metrics of their rows. They are written as JSON while they are added, so that a batch
    takes its text and no more. Between columns the interpreter is offered to other threads: a training that wants it
    waits for some tenths of a millisecond at most.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.values = 0
        self._text_bytes = 0
        self._steps: list[str] = []
        self._times: list[str] = []
        self._columns: dict[str, list[str]] = {}

    @property
    def is_full(self) -> bool:
        """No more rows should be added."""
        return self.rows >= ROWS_MAX or self._text_bytes >= TEXT_BYTES_MAX

    def takes(self, rows: Rows) -> bool:
        """Whether these rows fit: with no more names than a request takes, and without leaving mostly gaps."""
        if self.rows == 0:
            return True
        strangers = sum(key not in self._columns for key in rows.columns)
        if len(self._columns) + strangers > METRICS_MAX:
            return False
        absent = len(self._columns) + strangers - len(rows.columns)
        gaps = strangers * self.rows + absent * len(rows)
        return gaps <= _GAPS_PER_VALUE_MAX * (self.values + rows.values) + 10_000

    def add(self, rows: Rows) -> None:
        """Adds rows below those that are there."""
        count = len(rows)
        self._append(self._steps, [int(step) for step in rows.steps])
        self._append(self._times, rows.times)
        for key, column in rows.columns.items():
            parts = self._columns.get(key)
            if parts is None:
                parts = self._columns[key] = self._gap(self.rows)
            self._append(parts, column)
            time.sleep(0)
        for key, parts in self._columns.items():
            if key not in rows.columns:
                parts.extend(self._gap(count))
        self.rows += count
        self.values += rows.values

    def body(self, head: dict[str, Any], is_local: bool = False) -> tuple[bytes, dict[str, str]]:
        """
        The request's body, with `head` before the columns, and the headers that say what it is. `is_local`: the
        tracker is on this machine, where both sides would compress and expand for nothing.
        """
        columns = ",".join(f"{json.dumps(key)}:[{','.join(parts)}]" for key, parts in self._columns.items())
        text = (
            f"{json.dumps(head)[:-1]},"
            f'"steps":[{",".join(self._steps)}],"timestamps":[{",".join(self._times)}],"metrics":{{{columns}}}}}'
        ).encode()
        headers = {"Content-Type": "application/json"}
        if is_local or len(text) < _COMPRESSED_BYTES_MIN:
            return text, headers
        compressor = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        return compressor.compress(text) + compressor.flush(), {**headers, "Content-Encoding": "gzip"}

    def _append(self, parts: list[str], column: Any) -> None:
        # NaN and infinities become the bare words that a tracker takes.
        text = json.dumps(column, separators=(",", ":"))[1:-1]
        self._text_bytes += len(text)
        parts.append(text)

    def _gap(self, rows: int) -> list[str]:
        self._text_bytes += 5 * rows
        return ["null" + ",null" * (rows - 1)] if rows else []
