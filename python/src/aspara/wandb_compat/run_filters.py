"""The filters of wandb's `Api().runs`: MongoDB's, of which each run that was read is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_missing = object()
_spellings = {
    "displayName": "display_name",
    "jobType": "job_type",
    "createdAt": "created_at",
    "heartbeatAt": "heartbeat_at",
}


def condition(filters: Any) -> Callable[[Any], bool]:
    """Whether a run fits. A ValueError names an operator that is not known."""
    if not isinstance(filters, Mapping):
        raise ValueError(f"filters must be a dict, not {type(filters).__name__}")
    parts: list[Callable[[Any], bool]] = []
    for key, wanted in filters.items():
        if key in ("$and", "$or", "$nor"):
            inner = [condition(one) for one in wanted]
            parts.append(_joined(key, inner))
        elif key == "$not":
            parts.append(_joined("$nor", [condition(wanted)]))
        else:
            parts.append(_of_field(str(key), wanted))
    return lambda run: all(part(run) for part in parts)


def _joined(how: str, parts: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    if how == "$and":
        return lambda run: all(part(run) for part in parts)
    if how == "$or":
        return lambda run: any(part(run) for part in parts)
    return lambda run: not any(part(run) for part in parts)


def _of_field(key: str, wanted: Any) -> Callable[[Any], bool]:
    is_operators = isinstance(wanted, Mapping) and wanted and all(str(one).startswith("$") for one in wanted)
    operators = dict(wanted) if is_operators else {"$eq": wanted}
    options = operators.pop("$options", "")
    for name in operators:
        if name not in _operators and name != "$not":
            raise ValueError(f"filters: {name} is not known; known are {', '.join(_operators)}")
    if "$regex" in operators and isinstance(operators["$regex"], str):
        operators["$regex"] = re.compile(operators["$regex"], re.IGNORECASE if "i" in options else 0)
    inverted = operators.pop("$not", None)
    without = None if inverted is None else _of_field(key, inverted)

    def fits(run: Any) -> bool:
        value = _value(run, key)
        return all(_operators[name](value, operand) for name, operand in operators.items()) and not (
            without is not None and without(run)
        )

    return fits


def _value(run: Any, key: str) -> Any:
    place, _, rest = key.partition(".")
    if place == "config":
        return _within(run.config, rest.removesuffix(".value"))
    if place in ("summary_metrics", "summaryMetrics", "summary"):
        return _within(run.summary, rest)
    names = {
        "displayName": "display_name",
        "jobType": "job_type",
        "createdAt": "created_at",
        "heartbeatAt": "heartbeat_at",
    }
    return getattr(run, names.get(place, place), _missing)


def _within(found: Any, path: str) -> Any:
    if isinstance(found, Mapping) and path in found:
        return found[path]
    for piece in path.split("."):
        if not isinstance(found, Mapping) or piece not in found:
            return _missing
        found = found[piece]
    return found


def _equals(value: Any, wanted: Any) -> bool:
    if value is _missing:
        return wanted is None
    if isinstance(value, (list, tuple)) and not isinstance(wanted, (list, tuple)):
        return wanted in value
    return bool(value == wanted)


def _compared(value: Any, wanted: Any, fits: Callable[[Any, Any], bool]) -> bool:
    try:
        return value is not _missing and value is not None and bool(fits(value, wanted))
    except TypeError:
        return False


_operators: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equals,
    "$ne": lambda value, wanted: not _equals(value, wanted),
    "$gt": lambda value, wanted: _compared(value, wanted, lambda a, b: a > b),
    "$gte": lambda value, wanted: _compared(value, wanted, lambda a, b: a >= b),
    "$lt": lambda value, wanted: _compared(value, wanted, lambda a, b: a < b),
    "$lte": lambda value, wanted: _compared(value, wanted, lambda a, b: a <= b),
    "$in": lambda value, wanted: any(_equals(value, one) for one in wanted),
    "$nin": lambda value, wanted: not any(_equals(value, one) for one in wanted),
    "$exists": lambda value, wanted: (value is not _missing) == bool(wanted),
    "$regex": lambda value, wanted: isinstance(value, str) and wanted.search(value) is not None,
    "$all": lambda value, wanted: all(_equals(value, one) for one in wanted),
}
