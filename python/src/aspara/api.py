"""Reads runs back from a tracker."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from .history import History, Series
from .http_call import Answer, Connection, NoAnswer
from .settings import token, tracker_base

#: Of pages and of histories: long runs take a while to be read.
_STREAM_SECONDS: Final = 3_600.0
_PAGE_RUNS: Final = 100


class ApiError(Exception):
    """The tracker does not answer, or answers that it can't: the sentence is its own."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        #: The answer's status; None when there was no answer.
        self.status = status


class Api:
    """
    A tracker to read from. `uri`: with or without `/tracker` (ASPARA_TRACKER_URI, else http://127.0.0.1:3142). Not for
    several threads at once. Its methods raise `ApiError`.
    """

    def __init__(self, uri: str | None = None, timeout: float = 30.0) -> None:
        """`timeout`: seconds that one question may take."""
        self._connection = Connection(tracker_base(uri), token())
        self._timeout = timeout

    def projects(self) -> Iterator[dict[str, Any]]:
        """The projects, in pages that are read when they are needed."""
        yield from self._pages("/projects", "projects", {})

    def runs(self, project: str, filter: str | None = None, sort: str | None = None) -> Iterator[ApiRun]:
        """
        The runs of a project, read page by page while they are gone through. `filter` and `sort` are the tracker's,
        as in `config.lr < 0.01 and "baseline" in tags` and `-metric:val/acc:max`.
        """
        query = {key: value for key, value in (("filter", filter), ("sort", sort)) if value}
        for record in self._pages(f"/projects/{_quoted(project)}/runs", "runs", {**query, "limit": _PAGE_RUNS}):
            yield ApiRun(self, record)

    def run(self, project: str, name: str | None = None) -> ApiRun:
        """One run, named as `run("project", "name")` or `run("project/name")`."""
        if name is None:
            project, _, name = project.rpartition("/")
        return ApiRun(self, self.get(f"/projects/{_quoted(project)}/runs/{_quoted(name)}"))

    # ---- what the objects of this module ask through

    def get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        """The JSON that the tracker answers."""
        answer = self._answered("GET", path + (f"?{urlencode(query, doseq=True)}" if query else ""))
        return answer.json()

    def stream(self, path: str, query: dict[str, Any]) -> Iterator[bytes]:
        """An answer's pieces as they come."""
        pieces = self._connection.stream(f"{path}?{urlencode(query, doseq=True)}" if query else path, _STREAM_SECONDS)
        try:
            status = int(next(pieces))
            if status != 200:
                raise ApiError(Answer(status, b"".join(pieces)).sentence, status)
            yield from pieces
        except NoAnswer as error:
            raise ApiError(f"no answer from {self._connection.base}: {error}") from error

    def _answered(self, method: str, path: str) -> Answer:
        try:
            answer = self._connection.call(method, path, total=self._timeout)
        except NoAnswer as error:
            raise ApiError(f"no answer from {self._connection.base}: {error}") from error
        if answer.status != 200:
            raise ApiError(answer.sentence, answer.status)
        return answer

    def _pages(self, path: str, what: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            page = self.get(path, query)
            yield from page[what]
            if not page.get("next_cursor"):
                return
            query = {**query, "cursor": page["next_cursor"]}

    def close(self) -> None:
        """Closes the connection; the next question opens one."""
        self._connection.close()

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A tracker that was never connected to, as its address was wrong, has none.
        if hasattr(self, "_connection"):
            self._connection.close()


class ApiRun:
    """A run as the tracker had it when it was asked."""

    def __init__(self, api: Api, record: dict[str, Any]) -> None:
        self._api = api
        #: All that the tracker says of it.
        self.record = record
        self.project: str = record["project"]
        self.name: str = record["name"]
        self.id: str = record.get("id") or record["run_id"]
        self.config: dict[str, Any] = record["config"]
        self.summary: dict[str, Any] = record["summary"]
        self.tags: list[str] = record["tags"]
        self.notes: str = record["notes"]
        self.status: str = record["status"]
        self._path = f"/projects/{_quoted(self.project)}/runs/{_quoted(self.name)}"

    @property
    def state(self) -> str:
        """The status, under wandb's name."""
        return self.status

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """What each metric came to: count, first, last, min, max, mean and their steps."""
        return {entry["metric"]: entry for entry in self.record["metrics"]}

    def history(self, metrics: str | Iterable[str] | None = None, exact: bool = True, points: int = 1_000) -> History:
        """
        What was logged, as a dict of arrays: `step`, `timestamp` (seconds since the epoch) and one for each metric,
        NaN where a step has none. numpy arrays where numpy is installed, else lists. `exact`: every point; otherwise
        at most `points` for each metric, means of equal spans of steps.
        """
        names = [metrics] if isinstance(metrics, str) else None if metrics is None else list(metrics)
        if names == []:
            return History({})
        return History(self._exact(names) if exact else self._buckets(names, points))

    def artifacts(self) -> list[ApiArtifact]:
        """The files that are kept with the run."""
        pages = self._api._pages(f"{self._path}/artifacts", "artifacts", {})
        return [ApiArtifact(self._api, self._path, record) for record in pages]

    def artifact(self, name: str) -> ApiArtifact:
        """One of them."""
        for found in self.artifacts():
            if found.name == name:
                return found
        raise ApiError(f"run {self.project}/{self.name} has no artifact {name}", 404)

    def writers(self) -> list[dict[str, Any]]:
        """The processes that wrote it: rows, points, checksum, and what they say of themselves."""
        return list(self._api._pages(f"{self._path}/writers", "writers", {}))

    def __repr__(self) -> str:
        return f"<run {self.project}/{self.name}: {self.status}>"

    def _exact(self, names: list[str] | None) -> dict[str, Series]:
        query: dict[str, Any] = {} if names is None else {"metric": names}
        try:
            import pyarrow
        except ImportError:
            return _from_lines(self._api.stream(f"{self._path}/metrics/export", {**query, "format": "jsonl"}))
        pieces = self._api.stream(f"{self._path}/metrics/export", {**query, "format": "arrow"})
        return _from_arrow(pyarrow, pieces)

    def _buckets(self, names: list[str] | None, points: int) -> dict[str, Series]:
        query: dict[str, Any] = {"runs": self.name, "points": points}
        if names is not None:
            query["metric"] = names
        path = f"/projects/{_quoted(self.project)}/series"
        steps = {line["metric"]: line for line in self._api.get(path, query)["series"]}
        times = {line["metric"]: line for line in self._api.get(path, {**query, "x": "time"})["series"]}
        found: dict[str, Series] = {}
        for metric, line in steps.items():
            moments = times.get(metric, {}).get("x", [])
            seconds = [moment / 1000 for moment in moments[: len(line["x"])]]
            seconds += [float("nan")] * (len(line["x"]) - len(seconds))
            values = [float("nan") if value is None else float(value) for value in line["y"]]
            found[metric] = Series([int(step) for step in line["x"]], seconds, values)
        return found


class ApiArtifact:
    """A file that is kept with a run."""

    def __init__(self, api: Api, run_path: str, record: dict[str, Any]) -> None:
        self._api = api
        self._path = f"{run_path}/artifacts/{_quoted(record['name'])}"
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


def _quoted(name: str) -> str:
    return quote(name, safe="")


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
