"""The summaries that a run's definitions of metrics ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .metric_summary import Definition, MetricSummary
from .metric_values import scalar
from .spool import Observer


class RunSummaries:
    """Only metrics that a definition fits are looked at: the others cost nothing."""

    def __init__(self, definitions: list[Definition]) -> None:
        self._definitions = definitions
        self._metrics: dict[str, MetricSummary] = {}

    def redefine(self) -> None:
        """The definitions have changed: what was seen of each metric stays."""
        for metric, summary in self._metrics.items():
            wanted, goal = self._wanted(metric)
            summary.wanted, summary.goal, summary.is_changed = wanted, goal, True

    def observer(self, keys: tuple[str, ...]) -> Observer | None:
        """What is to be told of rows of these metrics; None when nobody asks."""
        watched: list[tuple[int, MetricSummary]] = []
        for index, key in enumerate(keys):
            wanted, goal = self._wanted(key)
            if wanted:
                watched.append((index, self._metrics.setdefault(key, MetricSummary(wanted, goal))))
        if not watched:
            return None

        def observe(step: float, values: Iterable[Any]) -> None:
            row = list(values)
            for index, summary in watched:
                value = row[index]
                summary.add(value if isinstance(value, float) else scalar(value), step)

        return observe

    def changed(self) -> dict[str, Any]:
        """The entries that are not written down yet."""
        return {key: summary.entry() for key, summary in self._metrics.items() if summary.is_changed and summary.wanted}

    def _wanted(self, metric: str) -> tuple[frozenset[str], str | None]:
        fitting = [one for one in self._definitions if one.fits(metric)]
        # What names the metric itself says more than a pattern.
        fitting.sort(key=lambda one: one.name == metric)
        wanted: frozenset[str] = frozenset().union(*(one.summaries for one in fitting))
        goal = next((one.goal for one in reversed(fitting) if one.goal), None)
        return wanted, goal
