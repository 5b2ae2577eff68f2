"""Every point of a run, read as a tracker exports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .history import Series

#: A metric's name and three numbers.
_LINE_BYTES_MAX = 64 * 1024


def read_points(export: Callable[[dict[str, Any]], Iterator[bytes]], names: list[str] | None) -> dict[str, Series]:
    """The points of metrics, or of all of them, by metric; through Arrow where pyarrow is installed."""
    query: dict[str, Any] = {} if names is None else {"metric": names}
    try:
        import pyarrow
    except ImportError:
        return _from_lines(export({**query, "format": "jsonl"}))
    return _from_arrow(pyarrow, export({**query, "format": "arrow"}))


def _from_lines(pieces: Iterable[bytes]) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for line in lines_of(pieces):
        point = json.loads(line)
        series = found.get(point["metric"])
        if series is None:
            series = found[point["metric"]] = Series([], [], [])
        series.steps.append(point["step"])
        series.times.append(moment_ms(point["timestamp"]) / 1000)
        series.values.append(float(point["value"]))
    return found


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines out of pieces that are cut anywhere."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > _LINE_BYTES_MAX:
            raise ValueError("a line of its export has no end")
        yield from lines
    if rest:
        yield rest


def moment_ms(timestamp: Any) -> float:
    """A point's time as exports of lines have it, in milliseconds since the epoch."""
    if isinstance(timestamp, (int, float)):
        return float(timestamp)
    from .timestamps import milliseconds

    return milliseconds(timestamp)


def _from_arrow(pyarrow: Any, pieces: Iterator[bytes]) -> dict[str, Series]:
    with pyarrow.ipc.open_stream(_PieceFile(pieces)) as reader:
        table = reader.read_all()
    found: dict[str, Series] = {}
    compute = __import__("pyarrow.compute", fromlist=["compute"])
    names: Sequence[str] = compute.unique(table["metric"].cast(pyarrow.string())).to_pylist()
    microseconds = table["timestamp"].cast(pyarrow.int64())
    texts = table["metric"].cast(pyarrow.string())
    for name in names:
        mask = compute.equal(texts, name)
        times = compute.divide(microseconds.filter(mask).cast(pyarrow.float64()), 1e6)
        found[name] = Series(
            table["step"].filter(mask).to_numpy(), times.to_numpy(), table["value"].filter(mask).to_numpy()
        )
    return found


class _PieceFile:
    """Pieces as the file that pyarrow reads."""

    closed = False

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        parts = [self._rest]
        length = len(self._rest)
        while size < 0 or length < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            length += len(piece)
        data = b"".join(parts)
        if size < 0:
            self._rest = b""
            return data
        self._rest = data[size:]
        return data[:size]

    def close(self) -> None:
        self.closed = True
