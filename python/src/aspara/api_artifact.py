"""A file that a tracker keeps with a run."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .api_errors import ApiError, quoted
from .path_below import path_below

if TYPE_CHECKING:
    from .api import Api


class ApiArtifact:
    """A file that is kept with a run."""

    def __init__(self, api: Api, run_path: str, record: dict[str, Any]) -> None:
        self._api = api
        self._path = f"{run_path}/artifacts/{quoted(record['name'])}"
        self.record = record
        self.name: str = record["name"]
        if not isinstance(self.name, str):
            raise TypeError("the name of an artifact is a text")
        self.size: int = record["file_size"]
        self.sha256: str = record["sha256"]
        self.category: str | None = record["category"]
        self.description: str | None = record["description"]

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """
        Writes the file to `path`, into it when it is a folder, or into the current folder, and answers where it is.
        What is there already is replaced once all is here and its sha256 is right.
        """
        target = self._below(Path()) if path is None else Path(path)
        if target.is_dir():
            target = self._below(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".aspara-{secrets.token_hex(8)}")
        digest = hashlib.sha256()
        try:
            # A file that was not there before: nothing is written through what somebody has put in its place.
            with beside.open("xb") as file:
                for piece in self._api.stream(self._path, {}):
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != self.sha256:
                raise ApiError(f"artifact {self.name} came with sha256 {digest.hexdigest()}, and has {self.sha256}")
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        return target

    def _below(self, folder: Path) -> Path:
        """Its place in a folder. Raises ApiError: the tracker says what it is called, and may say anything."""
        try:
            return path_below(folder, self.name)
        except ValueError as error:
            raise ApiError(
                f"an artifact was not downloaded: {error}. Nothing was written; give a path of your own"
            ) from None

    def __repr__(self) -> str:
        return f"<artifact {self.name}: {self.size} bytes>"
