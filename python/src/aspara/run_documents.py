"""`run.config` and `run.summary`: dicts that tell their run what changed."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from .plain_json import plain, plain_object


class Document:
    """Read and set by attribute, by item, or many at once. What it holds is plain JSON."""

    _data: dict[str, Any]
    _on_change: Callable[[dict[str, Any]], None] | None

    def __init__(
        self, data: Mapping[str, Any] | None = None, on_change: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        object.__setattr__(self, "_data", dict(data) if data else {})
        object.__setattr__(self, "_on_change", on_change)

    def __getattr__(self, name: str) -> Any:
        # Only what is no attribute comes here. Copying and pickling look for `_data` before there is any.
        if not name.startswith("_") and name in self._data:
            return self._data[name]
        raise AttributeError(f"{type(self).__name__.lower()} has no {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        return self._data == (other._data if isinstance(other, Document) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data!r})"

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        return self._data.get(key, default)

    def keys(self) -> KeysView[str]:
        """Its keys."""
        return self._data.keys()

    def values(self) -> ValuesView[Any]:
        """Its values."""
        return self._data.values()

    def items(self) -> ItemsView[str, Any]:
        """Its keys and values."""
        return self._data.items()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of a key, which becomes the default where there is none."""
        if key not in self._data:
            self.update({key: default})
        return self._data[key]

    def update(self, data: Any = None, allow_val_change: bool | None = None, **more: Any) -> None:
        """Sets many keys at once. `allow_val_change` is taken for wandb's sake: values may always change."""
        changed = plain_object(data, type(self).__name__.lower()) if data is not None else {}
        changed.update(plain(more))
        if not changed:
            return
        if self._on_change:
            self._on_change(changed)
        self._data.update(changed)

    def to_dict(self) -> dict[str, Any]:
        """A plain dict of it."""
        return dict(self._data)

    as_dict = to_dict


class Config(Document):
    """A run's parameters."""

    def setdefaults(self, data: Any) -> None:
        """Sets those keys that are not there."""
        self.update({key: value for key, value in plain_object(data, "config").items() if key not in self._data})


class Summary(Document):
    """What a run came to."""
