"""Uploads a file as a multipart form while it is read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .http_call import Answer, Connection

#: As long as a tracker waits for an upload.
_TOTAL_SECONDS: Final = 3_600.0
_PIECE_BYTES: Final = 256 * 1024


class Refused(Exception):
    """The file can't be read: it will not be better next time."""


def upload_artifact(connection: Connection, run_path: str, document: dict[str, Any]) -> Answer:
    """Sends the file that an artifact's document names. Raises `NoAnswer`, or `Refused` when the file is not there."""
    path = Path(str(document.get("path")))
    try:
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from error
    boundary = secrets.token_hex(16)
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{document[field]}\r\n'
        for field in ("name", "description", "category")
        if document.get(field)
    )
    head = (
        f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{document.get("name")}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def parts() -> Iterator[bytes]:
        yield head
        left = size
        while left > 0:
            # A file that grows meanwhile is sent as long as it was; one that shrinks is filled up, and sent again.
            piece = file.read(min(_PIECE_BYTES, left))
            if not piece:
                raise OSError(f"{os.fspath(path)} became shorter while it was sent")
            left -= len(piece)
            yield piece
        yield tail

    with file:
        return connection.upload(
            f"{run_path}/artifacts",
            parts(),
            len(head) + size + len(tail),
            f"multipart/form-data; boundary={boundary}",
            _TOTAL_SECONDS,
        )
