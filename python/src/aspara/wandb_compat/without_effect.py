"""What scripts call and what changes nothing here: said once, by name."""

from __future__ import annotations

from typing import Any

from ..messages import say_once


class WithoutEffect:
    """Can be called, entered, iterated over and asked for any attribute."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        say_once(f"{self._name} has no effect here")
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return WithoutEffect(f"{self._name}.{name}")

    def __repr__(self) -> str:
        return f"<{self._name}: no effect>"
