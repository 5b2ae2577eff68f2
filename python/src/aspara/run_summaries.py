"""The summaries that a run's definitions of metrics ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .metric_summary import Definition, EarlierValues, MetricSummary
from .metric_values import scalar
from .row_shape import Observer


class RunSummaries:
    """Only metrics that a definition fits are looked at: the others cost nothing."""

    def __init__(self, definitions: list[Definition]) -> None:
        self._definitions = definitions
        self._metrics: dict[str, MetricSummary] = {}
        #: The summary of the run that is gone on with: extremes of before count on.
        self.earlier: Mapping[str, Any] = {}
        #: Its values, by metric.
        self.earlier_values: Mapping[str, EarlierValues] = {}

    def redefine(self) -> None:
        """The definitions have changed: what was seen of each metric stays."""
        for metric, summary in self._metrics.items():
            wanted, goal = self._wanted(metric)
            summary.wanted, summary.goal, summary.is_changed = wanted, goal, True

    def observer(self, keys: tuple[str, ...]) -> Observer | None:
        """What is called with rows of these metrics; None when nobody asks."""
        watched: list[tuple[int, MetricSummary]] = []
        for index, key in enumerate(keys):
            wanted, goal = self._wanted(key)
            if wanted:
                watched.append((index, self._summary_of(key, wanted, goal)))
        if not watched:
            return None

        def observe(step: float, values: Iterable[Any]) -> None:
            row = list(values)
            for index, summary in watched:
                value = row[index]
                summary.add(value if isinstance(value, float) else scalar(value), step)

        return observe

    def changed(self) -> dict[str, Any]:
        """The entries that are not written down yet; they count as written from now on."""
        found = {}
        for key, summary in list(self._metrics.items()):
            if summary.is_changed and summary.wanted:
                summary.is_changed = False
                found[key] = summary.entry()
        return found

    def entries(self) -> dict[str, Any]:
        """What the defined metrics came to by now."""
        return {key: summary.entry() for key, summary in list(self._metrics.items()) if summary.wanted}

    def shown(self, last: Mapping[str, float]) -> dict[str, float]:
        """The last values, without those of metrics that are to have no summary."""
        hiding = [one for one in self._definitions if one.is_none]
        if not hiding:
            return dict(last)
        return {key: value for key, value in last.items() if not any(one.fits(key) for one in hiding)}

    def _summary_of(self, key: str, wanted: frozenset[str], goal: str | None) -> MetricSummary:
        summary = self._metrics.get(key)
        if summary is None:
            summary = self._metrics[key] = MetricSummary(wanted, goal)
            summary.go_on(self.earlier.get(key))
            summary.go_on_from(self.earlier_values.get(key))
        return summary

    def _wanted(self, metric: str) -> tuple[frozenset[str], str | None]:
        fitting = [one for one in self._definitions if one.fits(metric)]
        # What names the metric itself says more than a pattern.
        fitting.sort(key=lambda one: one.name == metric)
        wanted: frozenset[str] = frozenset().union(*(one.summaries for one in fitting))
        goal = next((one.goal for one in reversed(fitting) if one.goal), None)
        return wanted, goal
