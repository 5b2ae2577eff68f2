"""A file that a tracker keeps with a run."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .api_errors import ApiError, quoted

if TYPE_CHECKING:
    from .api import Api


class ApiArtifact:
    """A file that is kept with a run."""

    def __init__(self, api: Api, run_path: str, record: dict[str, Any]) -> None:
        self._api = api
        self._path = f"{run_path}/artifacts/{quoted(record['name'])}"
        self.record = record
        self.name: str = record["name"]
        self.size: int = record["file_size"]
        self.sha256: str = record["sha256"]
        self.category: str | None = record["category"]
        self.description: str | None = record["description"]

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """
        Writes the file to `path`, into it when it is a folder, or into the current folder, and answers where it is.
        What is there already is replaced once all is here and its sha256 is right.
        """
        target = Path(self.name) if path is None else Path(path)
        if target.is_dir():
            target = target / self.name
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        digest = hashlib.sha256()
        try:
            with beside.open("wb") as file:
                for piece in self._api.stream(self._path, {}):
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != self.sha256:
                raise ApiError(f"artifact {self.name} came with sha256 {digest.hexdigest()}, and has {self.sha256}")
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        return target

    def __repr__(self) -> str:
        return f"<artifact {self.name}: {self.size} bytes>"
