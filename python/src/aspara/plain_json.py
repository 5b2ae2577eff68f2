"""Whatever people keep in a config becomes plain JSON."""

from __future__ import annotations

import datetime
import enum
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from .messages import say_once

_DEPTH_MAX: Final = 60
#: Objects of classes that nothing is known of may refer to everything there is.
_OBJECT_DEPTH_MAX: Final = 4
_SAFE_INTEGER: Final = 2**53


def plain(value: Any, depth: int = 0, above: tuple[int, ...] = ()) -> Any:
    """
    The same as JSON can hold it. Namespaces, dataclasses, objects and mappings become objects, sequences and sets
    lists, scalars of numpy and torch numbers; what nothing is known of becomes its text, as do whole numbers that a
    double can't hold. `above`: the identities of what it is inside of.
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
    if id(value) in above:
        say_once(f"config: a {type(value).__name__} that contains itself is kept as text there")
        return f"<the same {type(value).__name__}>"
    inside = (*above, id(value))
    if type(value).__module__.startswith("omegaconf"):
        return _omega(value, depth, inside)
    if isinstance(value, Mapping):
        return _object(value.items(), depth, inside)
    named = getattr(value, "_asdict", None) if isinstance(value, tuple) else None
    if callable(named):
        return plain(named(), depth, above)
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1, inside) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth + 1, inside) for item in value), key=str)
    # As dataclasses.is_dataclass does it; importing that takes longer than all of this client.
    parts = getattr(type(value), "__dataclass_fields__", None)
    if parts is not None:
        return {name: plain(getattr(value, name, None), depth + 1, inside) for name in parts}
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return _foreign(value, depth, inside)


def _object(items: Any, depth: int, inside: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in items:
        name = str(key.value if isinstance(key, enum.Enum) else key)
        if name in found:
            say_once(f"config: two keys are called {name!r}: the later value is kept")
        found[name] = plain(item, depth + 1, inside)
    return found


def _omega(value: Any, depth: int, inside: tuple[int, ...]) -> Any:
    """OmegaConf's containers. What is missing (`???`) or can't be resolved is kept as its text."""
    try:
        raw = sys.modules["omegaconf"].OmegaConf.to_container(value, resolve=False)
    except Exception:
        return _text(value)
    if not isinstance(raw, (dict, list)):
        return plain(raw)
    resolved = []
    for key in raw if isinstance(raw, dict) else range(len(raw)):
        try:
            item = value[key]
        except Exception:
            item = raw[key]
            say_once(f"config: {key!r} has no value and is kept as its text: {_text(item)}")
        resolved.append((key, item))
    if isinstance(raw, dict):
        return _object(resolved, depth, inside)
    return [plain(item, depth + 1, inside) for _, item in resolved]


def _foreign(value: Any, depth: int, inside: tuple[int, ...]) -> Any:
    """What other libraries bring: they are known by what they can do, and not imported."""
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return _text(value)
    try:
        for method in ("tolist", "flag_values_dict", "to_dict", "as_dict", "model_dump"):
            convert = getattr(value, method, None)
            if callable(convert):
                return plain(convert(), depth + 1, inside)
        # argparse.Namespace, types.SimpleNamespace and their like.
        if type(value).__name__.endswith("Namespace") and hasattr(value, "__dict__"):
            return plain(vars(value), depth + 1, inside)
        if hasattr(value, "__float__"):
            return float(value)
        # Text such as <Options object at 0x7f…> says nothing: what the object has says more.
        if getattr(type(value), "__repr__", None) == object.__repr__ and depth < _OBJECT_DEPTH_MAX:
            public = _public(vars(value)) if hasattr(value, "__dict__") else {}
            if public:
                return plain(public, depth + 1, inside)
    except Exception:
        return _text(value)
    return _text(value)


def _public(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: part
        for name, part in parts.items()
        if not (name.startswith("_") or callable(part) or hasattr(part, "__get__") or type(part) is type(sys))
    }


def _text(value: Any) -> str:
    try:
        return str(value)[:10_000]
    except Exception:
        return f"<{type(value).__name__}>"


def plain_object(data: Any, what: str) -> dict[str, Any]:
    """The same for a config or a summary as a whole: a dict, or something with named parts. A TypeError otherwise."""
    converted = plain(data)
    if not isinstance(converted, (dict, list)) and hasattr(data, "__dict__"):
        # A class with its defaults, or an object whose text says what it is: as a whole its parts are meant.
        parts = _public({**vars(type(data)), **vars(data)} if not isinstance(data, type) else vars(data))
        converted = plain(parts) if parts else converted
    if not isinstance(converted, dict):
        raise TypeError(f"{what} must be a dict or have named parts, not {type(data).__name__}")
    return converted
