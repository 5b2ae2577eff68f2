"""Artifacts: files that `log_artifact` keeps with a run."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ..messages import say_once


class Artifact:
    """Files under one name. They are read when they are sent."""

    def __init__(
        self,
        name: str,
        type: str = "other",
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        **_ignored: Any,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name={name!r}: an artifact needs a name")
        self.name = name
        self.type = type
        self.description = description
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.aliases: list[str] = []
        self.tags: list[str] = []
        self.version = "v0"
        self.ttl: Any = None
        #: Names and files.
        self.entries: list[tuple[str, Path]] = []
        self._folder: Path | None = None

    def add_file(self, local_path: str | os.PathLike[str], name: str | None = None, **_ignored: Any) -> Path:
        """Adds a file. A ValueError tells that there is none."""
        path = Path(local_path).expanduser().absolute()
        if not path.is_file():
            raise ValueError(f"Path is not a file: {path}")
        self.entries.append((name or path.name, path))
        return path

    def add_dir(self, local_path: str | os.PathLike[str], name: str | None = None, **_ignored: Any) -> None:
        """Adds every file of a folder. A ValueError tells that there is none."""
        folder = Path(local_path).expanduser().absolute()
        if not folder.is_dir():
            raise ValueError(f"Path is not a folder: {folder}")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                relative = path.relative_to(folder).as_posix()
                self.entries.append((f"{name}/{relative}" if name else relative, path))

    def add(self, obj: Any, name: str, overwrite: bool = False) -> None:
        """Adds a table as a CSV file; other values are not kept, which is said once."""
        del overwrite
        if not hasattr(obj, "columns") or not hasattr(obj, "data"):
            say_once(f"artifact.add: {type(obj).__name__} is not kept; add_file() keeps files")
            return
        import csv

        with self.new_file(f"{name}.csv") as file:
            writer = csv.writer(file)
            writer.writerow(obj.columns)
            writer.writerows(obj.data)

    def add_reference(self, uri: Any, name: str | None = None, **_ignored: Any) -> list[Any]:
        """A file that lies here is added; what lies elsewhere is kept as its address, in a small file."""
        text = str(uri)
        if text.startswith("file://"):
            path = Path(text.removeprefix("file://"))
            if path.is_dir():
                self.add_dir(path, name)
            else:
                self.add_file(path, name)
            return []
        with self.new_file(f"{name or text.rstrip('/').rsplit('/', 1)[-1] or 'reference'}.url") as file:
            file.write(f"{text}\n")
        return []

    @contextlib.contextmanager
    def new_file(self, name: str, mode: str = "w", encoding: str | None = None) -> Iterator[IO[Any]]:
        """Opens a new file to write; it is added when it is closed."""
        if self._folder is None:
            # It is read when it is sent, which may be after the program has forgotten the artifact.
            self._folder = Path(tempfile.mkdtemp(prefix="aspara-artifact-"))
        path = self._folder / name.replace("/", "_")
        with path.open(mode, encoding=None if "b" in mode else encoding or "utf-8") as file:
            yield file
        self.entries.append((name, path))

    def remove(self, item: Any) -> None:
        """Takes a file out again."""
        self.entries = [(name, path) for name, path in self.entries if item not in (name, path, str(path))]

    def wait(self, *_args: Any, **_kwargs: Any) -> Artifact:
        """It is sent in the background: `Run.flush` waits for it."""
        return self

    def files(self) -> list[Path]:
        """Its files."""
        return [path for _, path in self.entries]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(path.stat().st_size for _, path in self.entries if path.exists())

    @property
    def qualified_name(self) -> str:
        """Name and version."""
        return self.name if ":" in self.name else f"{self.name}:{self.version}"

    @property
    def manifest(self) -> list[dict[str, Any]]:
        """Its files: path and size."""
        return [{"path": name, "size": path.stat().st_size} for name, path in self.entries if path.exists()]

    def download(self, root: Any = None, **_ignored: Any) -> str:
        """The folder of its files as they lie here. What is at a tracker only is read by run."""
        if not self.entries:
            say_once("artifact.download: nothing is read; Api().run(…).artifact(name).download() reads a file of a run")
        folders = {path.parent for _, path in self.entries}
        if root is None and len(folders) == 1:
            return str(folders.pop())
        target = Path(root) if root is not None else Path("artifacts") / self.name.replace(":", "-")
        target.mkdir(parents=True, exist_ok=True)
        return str(target)

    def checkout(self, root: Any = None) -> str:
        """The same as `download`."""
        return self.download(root)

    def get_path(self, name: str) -> Path:
        """One of its files. A KeyError tells that there is none."""
        return dict(self.entries)[name]

    def finalize(self) -> None:
        """Has nothing to do."""

    def _without_effect(self, what: str) -> None:
        say_once(f"artifact.{what} has no effect here")

    def link(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once."""
        self._without_effect("link")

    def unlink(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once."""
        self._without_effect("unlink")

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once: log_artifact() keeps it."""
        self._without_effect("save")

    def delete(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once."""
        self._without_effect("delete")

    def __repr__(self) -> str:
        return f"<artifact {self.name}: {len(self.entries)} files>"
