"""The files that `log_artifact` names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .names import CATEGORIES, artifact_name_of, is_artifact_name

_FILES_MAX: Final = 10_000
#: What wandb's users call the kinds of artifacts.
_categories: Final = {"dataset": "data", "checkpoint": "model", "weights": "model", "source": "code"}


def artifact_documents(
    path: Any, name: str | None, description: str | None, category: str | None, kind: str | None
) -> list[dict[str, Any]]:
    """
    What the spool keeps of a file, of each file of a folder, or of an `Artifact` with its files. A TypeError or
    ValueError says what is wrong.
    """
    if category is not None and category not in CATEGORIES:
        raise ValueError(f"Invalid category: {category}. Must be one of: {', '.join(CATEGORIES)}")
    if category is None and kind is not None:
        found = _categories.get(kind, kind)
        category = found if found in CATEGORIES else "other"
    if hasattr(path, "entries") and hasattr(path, "type"):
        category = category or _categories.get(path.type, path.type if path.type in CATEGORIES else "other")
        description = description or path.description
        return [
            document
            for entry, file in path.entries
            for document in _documents(file, f"{name or path.name}-{entry}", description, category)
        ]
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise TypeError(f"log_artifact takes the path of a file or a folder, not {path!r}")
    return _documents(Path(path), name, description, category)


def _documents(path: Path, name: str | None, description: str | None, category: str | None) -> list[dict[str, Any]]:
    path = path.absolute()
    if path.is_dir():
        prefix = name or path.name
        files = [(f"{prefix}-{file.relative_to(path).as_posix().replace('/', '-')}", file) for file in _files(path)]
        if not files:
            raise ValueError(f"The folder has no files: {path}")
        if len(files) > _FILES_MAX:
            raise ValueError(f"The folder has {len(files)} files, and one log_artifact takes {_FILES_MAX}: {path}")
        return [_document(file, artifact_name_of(named), description, category) for named, file in files]
    if not path.exists():
        raise ValueError(f"File does not exist: {path}")
    if not path.is_file():
        raise ValueError(f"Path is not a file: {path}")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name is text, not {type(name).__name__}")
    named = name or path.name
    return [_document(path, named if is_artifact_name(named) else artifact_name_of(named), description, category)]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path


def _document(path: Path, name: str, description: str | None, category: str | None) -> dict[str, Any]:
    return {
        "type": "artifact",
        "path": str(path),
        "name": name,
        "description": description,
        "category": category,
        "size": path.stat().st_size,
    }
