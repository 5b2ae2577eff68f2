"""What `log()` is given becomes metrics: nested mappings are flattened, and whatever is a number is taken as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .exit_status import describe
from .names import metric_fault

_DEPTH_MAX: Final = 32


class Flat:
    """The metrics of one `log()`."""

    __slots__ = ("left_out", "numbers", "replaced")

    def __init__(self, data: Mapping[Any, Any]) -> None:
        #: By name, `/` between the names of nested mappings.
        self.numbers: dict[str, float] = {}
        #: What is not kept, with the reason, by name as it is shown.
        self.left_out: dict[str, str] = {}
        #: Names that were given twice: the later value is kept.
        self.replaced: list[str] = []
        self._add(data, "", 0)

    def _add(self, data: Mapping[Any, Any], prefix: str, depth: int) -> None:
        for name, value in data.items():
            if not isinstance(name, str):
                self.left_out[repr(name)[:100]] = f"a metric's name must be a string, not {type(name).__name__}"
                continue
            key = f"{prefix}/{name}" if prefix else name
            if isinstance(value, Mapping):
                if depth >= _DEPTH_MAX:
                    self.left_out[_shown(key)] = f"it is nested more than {_DEPTH_MAX} deep"
                else:
                    self._add(value, key, depth + 1)
                continue
            fault = metric_fault(key)
            if fault:
                self.left_out[_shown(key)] = fault
                continue
            try:
                number = scalar(value)
            except (TypeError, ValueError, OverflowError) as error:
                self.left_out[_shown(key)] = str(error)
                continue
            except Exception as error:
                # What reading a tensor raises, as one of the meta device or that is being traced does.
                self.left_out[_shown(key)] = (
                    f"{type(value).__name__} cannot be read ({describe(error).splitlines()[0]})"
                )
                continue
            if key in self.numbers:
                self.replaced.append(key)
            self.numbers[key] = number


def _shown(key: str) -> str:
    shown = repr(key).encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= 100 else f"{shown[:96]}…'"


#: What no scalar of a library calls itself, and what to do instead.
_advice: Final = {
    "str": "text is not kept as a metric; run.config and run.summary take text",
    "NoneType": "None is not a number",
    "Figure": "Figure is not a number: save it to a file for log_artifact()",
    "module": "module is not a number: save its figure to a file for log_artifact()",
    "datetime": "datetime is not a number: log its timestamp()",
    "datetime64": "datetime64 is not a number: log it as seconds",
    "timedelta": "timedelta is not a number: log its total_seconds()",
    "timedelta64": "timedelta64 is not a number: divide it by numpy.timedelta64(1, 's')",
    "MaskedConstant": "it is masked and has no value",
}


def scalar(value: Any) -> float:
    """
    The number that a value is: an int, float or bool, or anything of one element that can be made a float, as scalars
    and tensors of numpy, torch, jax and mlx can. A TypeError, ValueError or OverflowError says why it is none.
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        try:
            return float(value)
        except OverflowError:
            raise OverflowError("the number is too large for a double") from None
    kind = type(value).__name__
    if kind in _advice:
        raise TypeError(_advice[kind])
    if isinstance(value, (str, bytes, bytearray, complex, type)):
        # float() would take "1"; text that happens to be digits is still no metric.
        raise TypeError(f"{kind} is not a number")
    size = getattr(value, "size", None)
    # An attribute of arrays, a method of torch's tensors.
    count = size if isinstance(size, int) else value.numel() if hasattr(value, "numel") else 1
    if count != 1:
        raise TypeError(f"{kind} of {count} elements is not a single number: log its mean, or each element by a name")
    item = getattr(value, "item", None)
    if callable(item):
        # Of an array with dimensions numpy makes a float only by way of this.
        found = item()
        return scalar(found) if found is not value and isinstance(found, (float, int, complex, str)) else float(found)
    if not hasattr(value, "__float__"):
        raise TypeError(_of_media(value, kind))
    return float(value)


def _of_media(value: Any, kind: str) -> str:
    if getattr(value, "is_media", False):
        return f"{kind} is not a number: it is not kept yet; log_artifact() keeps files"
    if isinstance(value, (list, tuple)):
        first = value[0] if value else None
        if getattr(first, "is_media", False):
            return f"{kind} of {type(first).__name__} is not a number: it is not kept yet; log_artifact() keeps files"
        return f"{kind} is not a number: log its elements by names of their own"
    return f"{kind} is not a number"
