"""Pictures of what a network reads and misreads, as PNG files. Nothing but numpy and zlib is needed for that."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PAPER = 255
_GAP = 2


def save_confusion(
    path: Path,
    images: NDArray[np.float32],
    truth: NDArray[np.int64],
    read: NDArray[np.int64],
) -> None:
    """
    A square for each digit (rows) and what it was read as (columns), the darker the more often; blue where it is right,
    red where it is wrong. The handwritten digits at the borders say which is which. `images`: 0 to 1, 64 a digit.
    """
    counts = np.zeros((10, 10))
    np.add.at(counts, (truth, read), 1)
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    cell = 32
    picture = np.full((11 * cell, 11 * cell, 3), _PAPER, np.uint8)
    for digit in range(10):
        written = _ink(images[np.flatnonzero(truth == digit)[0]], cell)
        _place(picture, written, digit + 1, 0, cell)
        _place(picture, written, 0, digit + 1, cell)
        for other in range(10):
            # The root, so that a single mistake is seen.
            depth = np.sqrt(share[digit, other])
            colour = np.array([0, 90, 180]) if digit == other else np.array([200, 40, 30])
            square = np.full((cell - _GAP, cell - _GAP, 3), _PAPER - depth * (_PAPER - colour))
            _place(picture, square, digit + 1, other + 1, cell)
    _save_png(path, picture)


def save_mistakes(
    path: Path,
    images: NDArray[np.float32],
    truth: NDArray[np.int64],
    read: NDArray[np.int64],
) -> None:
    """The first 24 images that were misread, eight a row, each with the digit it was taken for (in red) below it."""
    wrong = np.flatnonzero(truth != read)[:24]
    across, cell = 8, 48
    rows = max(1, -(-len(wrong) // across))
    picture = np.full((rows * 2 * cell, across * cell, 3), _PAPER, np.uint8)
    for place, index in enumerate(wrong):
        row, column = divmod(place, across)
        _place(picture, _ink(images[index], cell), 2 * row, column, cell)
        taken_for = images[np.flatnonzero(truth == read[index])[0]]
        _place(
            picture,
            _ink(taken_for, cell, (200, 40, 30)),
            2 * row + 1,
            column,
            cell,
        )
    _save_png(path, picture)


def _ink(image: NDArray[np.float32], cell: int, colour: tuple[int, int, int] = (30, 30, 30)) -> NDArray[np.float64]:
    scale = (cell - 2 * _GAP) // 8
    large = np.zeros((cell - _GAP, cell - _GAP, 1))
    margin = (cell - 8 * scale) // 2
    large[margin : margin + 8 * scale, margin : margin + 8 * scale, 0] = np.kron(
        image.reshape(8, 8), np.ones((scale, scale))
    )
    return _PAPER - large * (_PAPER - np.array(colour))


def _place(
    picture: NDArray[np.uint8],
    square: NDArray[np.float64],
    row: int,
    column: int,
    cell: int,
) -> None:
    height, width = square.shape[:2]
    picture[row * cell : row * cell + height, column * cell : column * cell + width] = square


def _save_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """https://www.w3.org/TR/png-3/: 8 bits a channel, red, green and blue, no filter."""
    height, width, _ = picture.shape
    lines = np.zeros((height, 1 + width * 3), np.uint8)
    lines[:, 1:] = picture.reshape(height, -1)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes())),
        (b"IEND", b""),
    ]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )
    )
