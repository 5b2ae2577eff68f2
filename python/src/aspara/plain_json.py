"""Whatever people keep in a config becomes plain JSON."""

from __future__ import annotations

import datetime
import enum
import os
from collections.abc import Mapping
from typing import Any, Final

_DEPTH_MAX: Final = 60
_SAFE_INTEGER: Final = 2**53


def plain(value: Any, depth: int = 0) -> Any:
    """
    The same as JSON can hold it. Namespaces, dataclasses and mappings become objects, sequences and sets lists,
    scalars of numpy and torch numbers; what nothing is known of becomes its text, as do whole numbers that a double
    can't hold.
    """
    if value is None or isinstance(value, (bool, str)):
        return value.replace("\0", "") if isinstance(value, str) and type(value) is not str else value
    if isinstance(value, enum.Enum):
        return plain(value.value, depth)
    if isinstance(value, int):
        return int(value) if abs(value) <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return float(value)
    if depth >= _DEPTH_MAX:
        return _text(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth + 1) for item in value), key=str)
    # As dataclasses.is_dataclass does it; importing that takes longer than all of this client.
    parts = getattr(type(value), "__dataclass_fields__", None)
    if parts is not None:
        return {name: plain(getattr(value, name), depth + 1) for name in parts}
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return _foreign(value, depth)


def _foreign(value: Any, depth: int) -> Any:
    """What other libraries bring: they are known by what they can do, and not imported."""
    try:
        for method in ("tolist", "to_dict", "as_dict"):
            convert = getattr(value, method, None)
            if callable(convert) and not isinstance(value, type):
                return plain(convert(), depth + 1)
        # argparse.Namespace and its like.
        if type(value).__module__ == "argparse" and hasattr(value, "__dict__"):
            return plain(vars(value), depth + 1)
        if hasattr(value, "__float__"):
            return float(value)
    except Exception:
        return _text(value)
    return _text(value)


def _text(value: Any) -> str:
    try:
        return str(value)[:10_000]
    except Exception:
        return f"<{type(value).__name__}>"


def plain_object(data: Any, what: str) -> dict[str, Any]:
    """The same for a config or a summary as a whole: a dict, or something with named parts. A TypeError otherwise."""
    converted = plain(data)
    if not isinstance(converted, dict):
        raise TypeError(f"{what} is a dict or has named parts, not {type(data).__name__}")
    return converted
