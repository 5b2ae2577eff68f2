"""Rows of a spool, in columns."""

from __future__ import annotations

from collections.abc import Sequence


class Rows:
    """Rows that follow each other, in columns; None where a row has no value."""

    def __init__(
        self,
        steps: Sequence[float],
        times: Sequence[float],
        columns: dict[str, Sequence[float | None]],
        values: int,
    ) -> None:
        """`values`: how many there are, without the gaps."""
        self.steps = steps
        self.times = times
        self.columns = columns
        self.values = values

    def __len__(self) -> int:
        return len(self.steps)

    def after(self, count: int) -> Rows:
        """Without the first so many."""
        columns = {key: column[count:] for key, column in self.columns.items()}
        values = sum(value is not None for column in columns.values() for value in column)
        return Rows(self.steps[count:], self.times[count:], columns, values)
