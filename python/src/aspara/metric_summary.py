"""What `define_metric` asks for: what a metric came to, computed while it is logged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

SUMMARIES: Final = ("min", "max", "last", "first", "mean", "best", "none")
#: wandb's word for a summary that is not computed.
_accepted: Final = (*SUMMARIES, "copy")


class Definition(NamedTuple):
    """How metrics whose names match are shown and summed up."""

    name: str
    step_metric: str | None
    summaries: frozenset[str]
    goal: str | None
    #: Whether it asks for no summary at all.
    is_none: bool = False

    def fits(self, metric: str) -> bool:
        """Whether it is about this metric; `*` in its name stands for anything."""
        return self.name == metric or ("*" in self.name and fnmatchcase(metric, self.name))


def definition(name: object, step_metric: object, summary: object, goal: object) -> Definition:
    """A checked definition. A TypeError or ValueError says what is wrong."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"define_metric() takes a metric's name, not {name!r}")
    # wandb's users hand over what an earlier define_metric gave them.
    step_name = getattr(step_metric, "name", step_metric)
    if step_name is not None and not isinstance(step_name, str):
        raise TypeError(f"step_metric must be a metric's name, not {step_metric!r}")
    words: Iterable[Any] = summary.split(",") if isinstance(summary, str) else summary or ()  # type: ignore[assignment]
    chosen = frozenset(str(word).strip() for word in words)
    for word in chosen:
        if word not in _accepted:
            raise ValueError(f"summary={word!r}: expected one or more of {', '.join(SUMMARIES)}")
    if goal not in (None, "minimize", "maximize", "min", "max"):
        raise ValueError(f"goal={goal!r}: expected minimize or maximize")
    shortened = str(goal)[:3] if goal else None
    return Definition(name, step_name, chosen - {"none", "copy"}, shortened, "none" in chosen)


def described(definitions: list[Definition]) -> dict[str, Any]:
    """Over which metric others are to be drawn, for the run's record."""
    axes = {one.name: {"step_metric": one.step_metric} for one in definitions if one.step_metric}
    # The record of what a client says has 16 KiB.
    return {"defined_metrics": axes} if axes and len(str(axes)) < 8_000 else {}


class EarlierValues:
    """What is known of a metric's values before this process goes on with the run. Seen twice, a value counts once."""

    def __init__(self) -> None:
        #: The least and the greatest, each with its step.
        self.least: tuple[float, float] | None = None
        self.greatest: tuple[float, float] | None = None
        #: That of the lowest step, with the step.
        self.first: tuple[float, float] | None = None
        #: Of the finite values that the tracker has.
        self.count = 0
        self.sum = 0.0

    def add_record(self, entry: Mapping[str, Any]) -> None:
        """What the tracker has of the metric."""
        if entry.get("first") is not None:
            self.first = (float(entry["first"]), float(entry["first_step"]))
        for side in ("min", "max"):
            if entry.get(side) is not None:
                self.add(float(entry[side]), float(entry[f"{side}_step"]))
        if entry.get("mean") is not None:
            self.count = entry["count"] - entry.get("nonfinite", 0)
            self.sum = self.count * float(entry["mean"])

    def add(self, value: float, step: float) -> None:
        """One value more."""
        if self.first is None or step < self.first[1]:
            self.first = (value, step)
        if not math.isfinite(value):
            return
        if self.least is None or value < self.least[0]:
            self.least = (value, step)
        if self.greatest is None or value > self.greatest[0]:
            self.greatest = (value, step)


class MetricSummary:
    """What one metric came to so far. NaN and infinities count as the last value and otherwise not."""

    def __init__(self, wanted: frozenset[str], goal: str | None) -> None:
        self.wanted = wanted
        self.goal = goal
        #: Whether it says something that is not written down yet.
        self.is_changed = False
        self._count = 0
        self._sum = 0.0
        self._min = math.inf
        self._max = -math.inf
        self._first: float | None = None
        self._last = math.nan
        self._step = -math.inf
        self._best_step: dict[str, float] = {}

    def add(self, value: float, step: float) -> None:
        """One value. `last` is that of the highest step, whatever the order."""
        self.is_changed = True
        if step >= self._step:
            self._step, self._last = step, value
        if self._first is None:
            self._first = value
        if not math.isfinite(value):
            return
        self._count += 1
        self._sum += value
        if value < self._min:
            self._min = value
            self._best_step["min"] = step
        if value > self._max:
            self._max = value
            self._best_step["max"] = step

    def go_on(self, earlier: Any) -> None:
        """The extremes of the run that this process goes on with."""
        if not isinstance(earlier, dict):
            return
        is_max = self.goal == "max"
        for side, better in (("min", min), ("max", max)):
            known = [earlier.get(side), earlier.get("best") if is_max == (side == "max") else None]
            for value in known:
                if isinstance(value, (int, float)) and math.isfinite(value):
                    setattr(self, f"_{side}", better(getattr(self, f"_{side}"), float(value)))
                    self._best_step.setdefault(side, earlier.get("best_step") or 0)
        if isinstance(earlier.get("first"), (int, float)):
            self._first = float(earlier["first"])

    def go_on_from(self, values: EarlierValues | None) -> None:
        """The same from the values themselves: a process that was killed has not written its last summary."""
        if values is None:
            return
        if values.least is not None and values.least[0] <= self._min:
            self._min, self._best_step["min"] = values.least
        if values.greatest is not None and values.greatest[0] >= self._max:
            self._max, self._best_step["max"] = values.greatest
        if self._first is None and values.first is not None:
            self._first = values.first[0]
        self._count, self._sum = values.count, values.sum

    def entry(self) -> dict[str, Any]:
        """The summary's entry."""
        found: dict[str, Any] = {}
        if "last" in self.wanted:
            found["last"] = self._last
        if "first" in self.wanted:
            found["first"] = self._first
        if self._count:
            if "min" in self.wanted:
                found["min"] = self._min
            if "max" in self.wanted:
                found["max"] = self._max
            if "mean" in self.wanted:
                found["mean"] = self._sum / self._count
            if "best" in self.wanted:
                side = self.goal or "min"
                found["best"] = self._max if side == "max" else self._min
                found["best_step"] = int(self._best_step[side])
        return found
