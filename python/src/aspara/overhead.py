"""What logging itself costs, measured by the run."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

#: Upper ends of the buckets in nanoseconds: each a tenth of an octave above the one before, from 100 ns to 100 s.
_bounds: Final[list[float]] = [100 * 2 ** (step / 10) for step in range(300)]


class LogTimes:
    """
    Percentiles of sampled times in buckets that grow by 7 %: to add one costs a bisection, and memory stays as it is.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts = [0] * (len(_bounds) + 1)

    def add(self, nanoseconds: int) -> None:
        """One call took so long."""
        self._counts[bisect_left(_bounds, nanoseconds)] += 1

    def percentile(self, share: float) -> float | None:
        """The time in microseconds that this share of the calls did not exceed; None before the first one."""
        total = sum(self._counts)
        if total == 0:
            return None
        wanted = share * total
        seen = 0
        for index, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return round(_bounds[min(index, len(_bounds) - 1)] / 1000, 2)
        return None

    def report(self, rows: int, lost: int, calls: int, finish_seconds: float | None) -> dict[str, float | None]:
        """As it stands in the run's record."""
        return {
            "log_calls": calls,
            "log_p50_us": self.percentile(0.5),
            "log_p99_us": self.percentile(0.99),
            "rows": rows,
            "lost": lost,
            "finish_s": None if finish_seconds is None else round(finish_seconds, 4),
        }
