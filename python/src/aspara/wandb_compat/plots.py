"""
`wandb.plot`: charts of tables. The data that a chart is made of is computed and kept in it; logging one says once that
it is not kept yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .table import Table


class CustomChart:
    """A chart of a table."""

    is_media = True

    def __init__(self, table: Any = None, spec: Any = None, *, kind: str = "", title: str = "", **fields: Any) -> None:
        self.table = table
        self.spec = spec
        self.kind = kind
        self.title = title
        self.fields = fields

    def __repr__(self) -> str:
        return f"<{self.kind or 'chart'} {self.title!r}>"


class Visualize(CustomChart):
    """A chart of a table, by the name of its description."""


def visualize(id: str, value: Any) -> Visualize:
    """A chart of a table, by the name of its description."""
    return Visualize(value, id, kind=id)


def plot_table(
    vega_spec_name: str,
    data_table: Any,
    fields: dict[str, Any],
    string_fields: dict[str, Any] | None = None,
    split_table: bool = False,
) -> CustomChart:
    """A chart of a table, by the name of its Vega description."""
    del split_table
    _require_table(data_table)
    return CustomChart(data_table, vega_spec_name, kind=vega_spec_name, **fields, **(string_fields or {}))


def line(
    table: Any, x: str, y: str, stroke: str | None = None, title: str = "", split_table: bool = False
) -> CustomChart:
    """A line through the rows of a table."""
    del split_table
    _require_table(table)
    return CustomChart(table, kind="line", title=title, x=x, y=y, stroke=stroke)


def scatter(table: Any, x: str, y: str, title: str = "", split_table: bool = False) -> CustomChart:
    """A dot for each row of a table."""
    del split_table
    _require_table(table)
    return CustomChart(table, kind="scatter", title=title, x=x, y=y)


def bar(table: Any, label: str, value: str, title: str = "", split_table: bool = False) -> CustomChart:
    """A bar for each row of a table."""
    del split_table
    _require_table(table)
    return CustomChart(table, kind="bar", title=title, label=label, value=value)


def histogram(table: Any, value: str, title: str = "", split_table: bool = False) -> CustomChart:
    """How the values of a column are spread."""
    del split_table
    _require_table(table)
    return CustomChart(table, kind="histogram", title=title, value=value)


def line_series(
    xs: Any, ys: Any, keys: Any = None, title: str = "", xname: str = "x", split_table: bool = False
) -> CustomChart:
    """Several lines: `xs` is one list for all of them, or one for each."""
    del split_table
    lines = [list(one) for one in ys]
    listed = list(xs)
    rows_of = [list(one) for one in listed] if listed and isinstance(listed[0], Iterable) else [listed] * len(lines)
    if len(rows_of) != len(lines):
        raise ValueError(f"there are {len(rows_of)} lists of x and {len(lines)} of y")
    names = list(keys) if keys is not None else [f"line_{index}" for index in range(len(lines))]
    if len(names) != len(lines):
        raise ValueError(f"there are {len(names)} keys and {len(lines)} lines")
    rows = [
        [x, name, y]
        for name, row, values in zip(names, rows_of, lines, strict=True)
        for x, y in zip(row, values, strict=False)
    ]
    return CustomChart(Table(columns=["step", "lineKey", "lineVal"], data=rows), kind="lines", title=title, x=xname)


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,
) -> CustomChart:
    """How often each class was taken for each other."""
    del split_table
    if y_true is None or (probs is None) == (preds is None):
        raise ValueError("confusion_matrix() takes y_true and either probs or preds")
    chosen = [_highest(row) for row in probs] if preds is None else list(preds)
    truth = list(y_true)
    if len(chosen) != len(truth):
        raise ValueError(f"there are {len(chosen)} predictions and {len(truth)} true labels")
    labels = sorted({*truth, *chosen}, key=str)
    if class_names is None:
        names = {label: f"Class_{index + 1}" for index, label in enumerate(labels)}
    else:
        is_index = all(isinstance(label, int) or hasattr(label, "__index__") for label in labels)
        names = {
            label: str(class_names[int(label) if is_index else place])
            for place, label in enumerate(labels)
            if (int(label) if is_index else place) < len(class_names)
        }
        if len(names) != len(labels):
            raise ValueError(f"there are {len(class_names)} class names, and labels {labels}")
    counts: dict[tuple[Any, Any], int] = {}
    for actual, predicted in zip(truth, chosen, strict=True):
        counts[actual, predicted] = counts.get((actual, predicted), 0) + 1
    rows = [[names[a], names[p], counts.get((a, p), 0)] for a in labels for p in labels]
    table = Table(columns=["Actual", "Predicted", "nPredictions"], data=rows)
    return CustomChart(table, kind="confusion_matrix", title=title)


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Any = None,
    classes_to_plot: Any = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,
) -> CustomChart:
    """Precision over recall for each class."""
    del split_table
    rows: list[list[Any]] = []
    for name, curve in _curves(y_true, y_probas, labels, classes_to_plot):
        hits = [(true / all_true if all_true else 0.0, true / taken) for taken, true, all_true, _ in curve if taken]
        for index in range(interp_size):
            recall = index / max(1, interp_size - 1)
            rows.append([name, max((p for r, p in hits if r >= recall), default=0.0), recall])
    return CustomChart(Table(columns=["class", "precision", "recall"], data=rows), kind="pr_curve", title=title)


def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Any = None,
    classes_to_plot: Any = None,
    title: str = "ROC Curve",
    split_table: bool = False,
) -> CustomChart:
    """The rate of true over that of false alarms for each class."""
    del split_table
    rows = [
        [name, (taken - true) / (count - all_true or 1), true / (all_true or 1)]
        for name, curve in _curves(y_true, y_probas, labels, classes_to_plot)
        for taken, true, all_true, count in curve
    ]
    return CustomChart(Table(columns=["class", "fpr", "tpr"], data=rows), kind="roc_curve", title=title)


def _curves(
    y_true: Any, y_probas: Any, labels: Any, classes: Any
) -> Iterable[tuple[str, list[tuple[int, int, int, int]]]]:
    """By class, for each threshold: how many are taken, how many of them rightly, how many it has, and of how many."""
    if y_true is None or y_probas is None:
        return
    truth = [value.item() if hasattr(value, "item") else value for value in y_true]
    known = sorted(set(truth), key=str)
    rows = [list(row) for row in y_probas]
    for place, label in enumerate(known):
        if classes is not None and label not in list(classes):
            continue
        column = label if isinstance(label, int) and 0 <= label < len(rows[0]) else place
        ranked = sorted(zip((float(row[column]) for row in rows), truth, strict=True), key=lambda one: -one[0])
        all_true = sum(value == label for value in truth)
        curve, true = [(0, 0, all_true, len(truth))], 0
        for taken, (score, value) in enumerate(ranked, 1):
            true += value == label
            if taken == len(ranked) or ranked[taken][0] != score:
                curve.append((taken, true, all_true, len(truth)))
        is_named = labels is not None and isinstance(column, int) and column < len(labels)
        yield (str(labels[column]) if is_named else str(label)), curve


def _highest(row: Any) -> int:
    values = [float(value) for value in row]
    return values.index(max(values))


def _require_table(table: Any) -> None:
    if not hasattr(table, "columns"):
        raise TypeError(f"a chart takes a Table, not {type(table).__name__}")
