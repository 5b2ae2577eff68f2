"""What `log()` is given becomes metrics: nested dicts are flattened, and whatever is a number is taken as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_DEPTH_MAX: Final = 32


def flatten(data: Mapping[Any, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """
    The numbers by their names, `/` between the names of nested dicts; and what is no number, with the reason. A
    TypeError or ValueError tells of a name that is none.
    """
    numbers: dict[str, float] = {}
    others: dict[str, str] = {}
    _flatten(data, "", numbers, others, 0)
    return numbers, others


def _flatten(
    data: Mapping[Any, Any], prefix: str, numbers: dict[str, float], others: dict[str, str], depth: int
) -> None:
    for name, value in data.items():
        if not isinstance(name, str):
            raise TypeError(f"a metric's name is text, not {type(name).__name__}: {name!r}")
        key = f"{prefix}/{name}" if prefix else name
        if isinstance(value, Mapping):
            if depth >= _DEPTH_MAX:
                raise ValueError(f"the dicts at {key!r} are nested more than {_DEPTH_MAX} deep")
            _flatten(value, key, numbers, others, depth + 1)
            continue
        try:
            numbers[key] = scalar(value)
        except (TypeError, ValueError, OverflowError) as error:
            others[key] = str(error)


def scalar(value: Any) -> float:
    """
    The number that a value is: an int, float or bool, or anything of one element that can be made a float, as scalars
    and tensors of numpy, torch, jax and mlx can. A TypeError or ValueError says why it is none.
    """
    if isinstance(value, (str, bytes, bytearray)):
        # float() would take "1"; a text that happens to be digits is still no metric.
        raise TypeError(f"{type(value).__name__} is no number")
    if value is None:
        raise TypeError("None is no number")
    size = getattr(value, "size", None)
    # An attribute of arrays, a method of torch's tensors.
    count = size if isinstance(size, int) else value.numel() if hasattr(value, "numel") else 1
    if count != 1:
        raise TypeError(f"{type(value).__name__} of {count} elements is no single number")
    item = getattr(value, "item", None)
    if item is not None and not isinstance(value, (int, float)):
        # Of an array with dimensions numpy makes a float only by way of this.
        return float(item())
    return float(value)
