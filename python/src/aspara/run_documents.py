"""`run.config` and `run.summary`: dicts that tell their run what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from .plain_json import plain, plain_object

Change = Callable[[dict[str, Any]], None]


class Document(MutableMapping[str, Any]):
    """
    Read and set by attribute, by item, or many at once. What it holds is plain JSON. Nested objects and lists may be
    changed in place. A copy, and what comes out of a pickle, is no run's any more.
    """

    _data: dict[str, Any]
    _on_change: Change | None

    def __init__(self, data: Mapping[str, Any] | None = None, on_change: Change | None = None) -> None:
        object.__setattr__(self, "_data", {})
        object.__setattr__(self, "_on_change", on_change)
        self._keep(data or {})

    def __getattr__(self, name: str) -> Any:
        # Only what is no attribute comes here. Copying and pickling look for `_data` before there is any.
        if not name.startswith("_") and name in self:
            return self[name]
        raise AttributeError(f"{type(self).__name__.lower()} has no {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __delattr__(self, name: str) -> None:
        if name not in self._data:
            raise AttributeError(f"{type(self).__name__.lower()} has no {name!r}")
        del self[name]

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        """Removes a key here. The tracker, which only adds and replaces, keeps it as null."""
        del self._data[key]
        if self._on_change:
            self._on_change({key: None})

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == (other.to_dict() if isinstance(other, Document) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.to_dict()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.to_dict(),)

    def __copy__(self) -> Document:
        return type(self)(self.to_dict())

    def __deepcopy__(self, _memo: dict[int, Any]) -> Document:
        return type(self)(self.to_dict())

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of a key, which becomes the default where there is none."""
        if key not in self:
            self.update({key: default})
        return self[key]

    def update(  # type: ignore[override]
        self, data: Any = None, allow_val_change: bool | None = None, **more: Any
    ) -> None:
        """Sets many keys at once. `allow_val_change` is taken for wandb's sake: values may always change."""
        changed = plain_object(data, type(self).__name__.lower()) if data is not None else {}
        changed.update(plain(more))
        if not changed:
            return
        if self._on_change:
            self._on_change(changed)
        self._keep(changed)

    def to_dict(self) -> dict[str, Any]:
        """A plain dict of it."""
        return {key: _released(self[key]) for key in self}

    as_dict = to_dict

    def put_below(self, earlier: Mapping[str, Any]) -> None:
        """What the run had before this process: what is set already wins."""
        own = dict(self._data)
        self._keep(earlier)
        self._keep(own)

    def _keep(self, changed: Mapping[str, Any]) -> None:
        """Takes plain values without telling the run."""
        for key, value in changed.items():
            self._data[key] = _watched(value, self._teller(key)) if isinstance(value, (dict, list)) else value

    def _teller(self, key: str) -> Callable[[], None]:
        def tell() -> None:
            if self._on_change and key in self._data:
                self._on_change({key: _released(self._data[key])})

        return tell


def _watched(value: Any, tell: Callable[[], None]) -> Any:
    # Configs of plain values need none of it.
    from .watched_values import watched

    return watched(value, tell)


def _released(value: Any) -> Any:
    if not isinstance(value, (dict, list)):
        return value
    from .watched_values import released

    return released(value)


class Config(Document):
    """A run's parameters."""

    def setdefaults(self, data: Any) -> None:
        """Sets those keys that are not there."""
        self.update({key: value for key, value in plain_object(data, "config").items() if key not in self})

    def persist(self) -> None:
        """Does nothing: what is set is written down at once."""

    def merge_locked(self, data: Any) -> None:
        """Sets many keys at once."""
        self.update(data)

    update_locked = merge_locked


class Summary(Document):
    """
    What a run came to: what was set, what `define_metric` asks for, and below that each metric's last value.
    """

    _metrics: Callable[[], Iterable[Mapping[str, Any]]]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        on_change: Change | None = None,
        metrics: Callable[[], Iterable[Mapping[str, Any]]] = tuple,
    ) -> None:
        """`metrics`: what the metrics came to, as layers of which a later one hides an earlier one."""
        object.__setattr__(self, "_metrics", metrics)
        super().__init__(data, on_change)

    def __getitem__(self, key: str) -> Any:
        if key not in self._data:
            for layer in reversed(list(self._metrics())):
                if key in layer:
                    return layer[key]
        return self._data[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data or any(key in layer for layer in self._metrics())

    def __iter__(self) -> Iterator[str]:
        return iter(self._merged())

    def __len__(self) -> int:
        return len(self._merged())

    def to_dict(self) -> dict[str, Any]:
        """A plain dict of it."""
        return {key: _released(value) for key, value in self._merged().items()}

    as_dict = to_dict

    def _merged(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for layer in self._metrics():
            merged.update(layer)
        merged.update(self._data)
        return merged
