"""What scripts that were written for wandb name beside runs: each can be made, and what can't be kept is said once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .messages import say_once


class Media:
    """A picture, a table, a sound: it may be logged, and is left out of what is kept."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        say_once(f"{type(self).__name__} is not kept: metrics are numbers, and files go to log_artifact")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: not kept>"


class Image(Media):
    """A picture."""


class Video(Media):
    """A film."""


class Audio(Media):
    """A sound."""


class Histogram(Media):
    """How values are spread."""


class Html(Media):
    """A page."""


class Object3D(Media):
    """A body."""


class Plotly(Media):
    """A figure."""


class Table(Media):
    """Rows and columns; it holds what is added to it, as scripts read it again."""

    def __init__(self, columns: Any = None, data: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = list(columns or [])
        self.data = [list(row) for row in (data if data is not None else [])]

    def add_data(self, *row: Any) -> None:
        """Adds a row."""
        self.data.append(list(row))

    def add_column(self, name: str, data: Any) -> None:
        """Adds a column."""
        self.columns.append(name)
        for row, value in zip(self.data, data, strict=False):
            row.append(value)


class Artifact:
    """Files that `log_artifact` keeps with a run."""

    def __init__(self, name: str, type: str = "other", description: str | None = None, **_ignored: Any) -> None:
        self.name = name
        self.type = type
        self.description = description
        #: Names and files.
        self.entries: list[tuple[str, Path]] = []

    def add_file(self, local_path: str | os.PathLike[str], name: str | None = None, **_ignored: Any) -> None:
        """Adds a file. A ValueError tells that there is none."""
        path = Path(local_path).absolute()
        if not path.is_file():
            raise ValueError(f"Path is not a file: {path}")
        self.entries.append((name or path.name, path))

    def add_dir(self, local_path: str | os.PathLike[str], name: str | None = None, **_ignored: Any) -> None:
        """Adds every file of a folder. A ValueError tells that there is none."""
        folder = Path(local_path).absolute()
        if not folder.is_dir():
            raise ValueError(f"Path is not a folder: {folder}")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                relative = path.relative_to(folder).as_posix()
                self.entries.append((f"{name}/{relative}" if name else relative, path))

    def wait(self, *_args: Any, **_kwargs: Any) -> Artifact:
        """It is sent in the background: `Run.flush` waits for it."""
        return self


def login(*_args: Any, **_kwargs: Any) -> bool:
    """There is nobody to log in as: a tracker's token is in ASPARA_TOKEN."""
    return True


def setup(*_args: Any, **_kwargs: Any) -> None:
    """Has nothing to set up."""


class AlertLevel:
    """How loud an alert is: it is printed, whatever its level."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"
