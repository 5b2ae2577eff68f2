"""What a run logged, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


def _numpy() -> Any:
    """numpy where it is installed. A training that never reads anything back does not wait for it."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy


@dataclass
class Series:
    """One metric's points in step order."""

    steps: Any
    #: Seconds since the epoch.
    times: Any
    values: Any


class History(dict[str, Any]):
    """
    `step`, `timestamp` and an array for each metric, all of one length; NaN where a step has no value. A metric that is
    itself called `step` or `timestamp` is under `metric.step` or `metric.timestamp`.
    """

    def __init__(self, series: dict[str, Series]) -> None:
        super().__init__(_aligned(series))

    def __getattr__(self, name: str) -> Any:
        # As scripts use what wandb answers: `history().columns`, `.iterrows()`.
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            frame = self.to_pandas()
        except ImportError:
            raise AttributeError(f"{name}: to_pandas() has it, where pandas is installed") from None
        return getattr(frame, name)

    def to_pandas(self) -> Any:
        """A pandas DataFrame."""
        import pandas

        return pandas.DataFrame(dict(self))

    def to_polars(self) -> Any:
        """A polars DataFrame."""
        import polars

        return polars.DataFrame(dict(self))

    def to_arrow(self) -> Any:
        """A pyarrow Table."""
        import pyarrow

        return pyarrow.table(dict(self))


def rows_of(series: dict[str, Series], keys: list[str] | None) -> Iterator[dict[str, Any]]:
    """
    A dict for each step, in their order, with `_step`, `_timestamp`, `_runtime` and the metrics that it has; with
    `keys` the steps that have all of them. Of several values at one step the last one counts.
    """
    if keys and any(key not in series for key in keys):
        return
    rows: dict[int, dict[str, Any]] = {}
    for metric, one in series.items():
        for step, moment, value in zip(_list(one.steps), _list(one.times), _list(one.values), strict=True):
            row = rows.get(step)
            if row is None:
                row = rows[step] = {"_step": step, "_timestamp": moment}
            row[metric] = value
    begun = min((row["_timestamp"] for row in rows.values()), default=0.0)
    for step in sorted(rows):
        row = rows[step]
        if keys is None or all(key in row for key in keys):
            row["_runtime"] = row["_timestamp"] - begun
            yield row


def sampled(rows: list[Any], count: int) -> list[Any]:
    """At most so many of them, evenly chosen, the first and the last among them."""
    if len(rows) <= count:
        return rows
    if count < 2:
        return rows[:count]
    return [rows[round(index * (len(rows) - 1) / (count - 1))] for index in range(count)]


def _aligned(series: dict[str, Series]) -> dict[str, Any]:
    if not series:
        return {"step": _array([]), "timestamp": _array([])}
    first = next(iter(series.values()))
    if all(_is_same(one.steps, first.steps) for one in series.values()):
        # As most runs are: every step has every metric.
        columns = {_column(metric): _array(one.values) for metric, one in series.items()}
        return {"step": _array(first.steps), "timestamp": _array(first.times), **columns}
    return _merged(series)


def _merged(series: dict[str, Series]) -> dict[str, Any]:
    # A metric may have several points at a step: the second of one stands beside the second of another.
    rows: dict[tuple[int, int], float] = {}
    places: dict[str, list[tuple[int, int]]] = {}
    for metric, one in series.items():
        keys = places[metric] = []
        previous, nth = None, 0
        for step, moment in zip(_list(one.steps), _list(one.times), strict=True):
            nth = nth + 1 if step == previous else 0
            previous = step
            keys.append((step, nth))
            rows.setdefault((step, nth), moment)
    order = sorted(rows)
    index = {key: row for row, key in enumerate(order)}
    found: dict[str, Any] = {
        "step": _array([step for step, _ in order]),
        "timestamp": _array([rows[key] for key in order]),
    }
    for metric, one in series.items():
        column = [float("nan")] * len(order)
        for key, value in zip(places[metric], _list(one.values), strict=True):
            column[index[key]] = value
        found[_column(metric)] = _array(column)
    return found


def _column(metric: str) -> str:
    return f"metric.{metric}" if metric in ("step", "timestamp") else metric


def _is_same(some: Any, others: Any) -> bool:
    if some is others:
        return True
    if len(some) != len(others):
        return False
    numpy = _numpy()
    if numpy is not None:
        return bool(numpy.array_equal(some, others))
    return bool(some == others)


def _array(values: Any) -> Any:
    numpy = _numpy()
    return values if numpy is None else numpy.asarray(values)


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else list(values.tolist())
