"""Nested objects and lists of a config that notice when they are changed in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .plain_json import plain

Tell = Callable[[], None]


def watched(value: Any, tell: Tell) -> Any:
    """The same plain JSON, in which each object and list tells when it is changed."""
    if isinstance(value, dict):
        return WatchedDict(value, tell)
    if isinstance(value, list):
        return WatchedList(value, tell)
    return value


def released(value: Any) -> Any:
    """The same as plain dicts and lists that tell nobody."""
    if isinstance(value, dict):
        return {key: released(item) for key, item in value.items()}
    if isinstance(value, list):
        return [released(item) for item in value]
    return value


class WatchedDict(dict[str, Any]):
    """Keys that are no methods can be read and set as attributes, too."""

    __slots__ = ("_tell",)
    _tell: Tell

    def __init__(self, value: dict[str, Any], tell: Tell) -> None:
        super().__init__({key: watched(item, tell) for key, item in value.items()})
        object.__setattr__(self, "_tell", tell)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f"there is no {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(str(key), watched(plain(value), self._tell))
        self._tell()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._tell()

    def update(self, *data: Any, **more: Any) -> None:
        """Sets many keys at once."""
        for key, value in dict(*data, **more).items():
            super().__setitem__(str(key), watched(plain(value), self._tell))
        self._tell()

    def __ior__(self, data: Any) -> WatchedDict:  # type: ignore[override,misc]
        self.update(data)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of a key, which becomes the default where there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, *arguments: Any) -> Any:
        """Removes a key and answers its value."""
        found = super().pop(*arguments)
        self._tell()
        return found

    def popitem(self) -> tuple[str, Any]:
        """Removes the last key."""
        found = super().popitem()
        self._tell()
        return found

    def clear(self) -> None:
        """Removes every key."""
        super().clear()
        self._tell()

    def copy(self) -> dict[str, Any]:
        """A plain dict of it."""
        return dict(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (released(self),)

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, Any]:
        found: dict[str, Any] = released(self)
        return found


class WatchedList(list[Any]):
    """A list of a config."""

    __slots__ = ("_tell",)
    _tell: Tell

    def __init__(self, value: list[Any], tell: Tell) -> None:
        super().__init__(watched(item, tell) for item in value)
        self._tell = tell

    def __setitem__(self, index: Any, value: Any) -> None:
        taken = plain(list(value) if isinstance(index, slice) else value)
        super().__setitem__(index, watched(taken, self._tell))
        self._tell()

    def __delitem__(self, index: Any) -> None:
        super().__delitem__(index)
        self._tell()

    def append(self, value: Any) -> None:
        """Adds an item."""
        super().append(watched(plain(value), self._tell))
        self._tell()

    def insert(self, index: Any, value: Any) -> None:
        """Adds an item at a place."""
        super().insert(index, watched(plain(value), self._tell))
        self._tell()

    def extend(self, values: Any) -> None:
        """Adds many items."""
        super().extend(watched(plain(value), self._tell) for value in values)
        self._tell()

    def __iadd__(self, values: Any) -> WatchedList:  # type: ignore[misc]
        self.extend(values)
        return self

    def pop(self, index: Any = -1) -> Any:
        """Removes an item and answers it."""
        found = super().pop(index)
        self._tell()
        return found

    def remove(self, value: Any) -> None:
        """Removes the first item that equals a value."""
        super().remove(value)
        self._tell()

    def clear(self) -> None:
        """Removes every item."""
        super().clear()
        self._tell()

    def sort(self, **how: Any) -> None:
        """Sorts in place."""
        super().sort(**how)
        self._tell()

    def reverse(self) -> None:
        """Turns the order around."""
        super().reverse()
        self._tell()

    def copy(self) -> list[Any]:
        """A plain list of it."""
        return list(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (released(self),)

    def __deepcopy__(self, _memo: dict[int, Any]) -> list[Any]:
        found: list[Any] = released(self)
        return found
