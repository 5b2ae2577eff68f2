"""A run as a tracker has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .api_artifact import ApiArtifact
from .api_errors import ApiError, as_answered, quoted
from .history import History, Series, rows_of, sampled
from .messages import say_once
from .point_reader import read_points

if TYPE_CHECKING:
    from .api import Api

_states = {"lost": "crashed"}


class RunSummary(dict[str, Any]):
    """What a run came to: each metric's last value, and above that what was set."""

    @property
    def _json_dict(self) -> dict[str, Any]:
        return self


class ApiRun:
    """A run as the tracker had it when it was asked. What is changed is kept by `update()`."""

    #: wandb's people, sweeps and machine figures: there are none.
    entity = user = username = ""
    sweep = sweep_name = None

    def __init__(self, api: Api, record: dict[str, Any]) -> None:
        self._api = api
        self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        #: All that the tracker says of it.
        self.record = record
        self.project: str = record["project"]
        self.name: str = record["name"]
        self.id: str = record.get("id") or record["run_id"]
        self.display_name: str = record.get("display_name") or self.name
        self.config: dict[str, Any] = json.loads(json.dumps(record["config"]))
        last = {entry["metric"]: _number(entry["last"]) for entry in record["metrics"]}
        self.summary = RunSummary({**last, **json.loads(json.dumps(record["summary"]))})
        self._summary_read = dict(self.summary)
        self.tags: list[str] = list(record["tags"])
        self.notes: str = record["notes"]
        self.status: str = record["status"]
        self.group: str | None = record.get("group")
        self.job_type: str | None = record.get("job_type")
        self.created_at: str = record["created_at"]
        self.heartbeat_at: str = record["heard_at"]
        self._path = f"/projects/{quoted(self.project)}/runs/{quoted(self.name)}"

    # ---- what it is

    @property
    def state(self) -> str:
        """The status in wandb's words: running, finished, failed, or crashed where ours says lost."""
        return _states.get(self.status, self.status)

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """What each metric came to: count, first, last, min, max, mean and their steps."""
        return {entry["metric"]: entry for entry in self.record["metrics"]}

    @property
    def url(self) -> str:
        """The address of the run's page."""
        return f"{self._api.base}{self._path}"

    @property
    def path(self) -> list[str]:
        """As wandb has it: entity, project and id."""
        return [self.entity, self.project, self.id]

    createdAt = property(lambda self: self.created_at)  # noqa: N815
    jobType = property(lambda self: self.job_type)  # noqa: N815
    storage_id = property(lambda self: self.id)
    summary_metrics = property(lambda self: dict(self.summary))
    summaryMetrics = property(lambda self: dict(self.summary))  # noqa: N815
    rawconfig = property(lambda self: dict(self.config))

    @property
    def json_config(self) -> str:
        """The config as wandb writes it."""
        return json.dumps({key: {"desc": None, "value": value} for key, value in self.config.items()})

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802
        """The highest step; -1 when nothing was logged."""
        return max((int(entry["last_step"]) for entry in self.record["metrics"]), default=-1)

    @property
    def metadata(self) -> dict[str, Any]:
        """What the process that wrote it last says of itself."""
        writers = self.record.get("writers") or self.writers()
        return dict((writers[-1].get("client") if writers else None) or {})

    @property
    def system_metrics(self) -> dict[str, Any]:
        """The last values of what was logged below `system/`."""
        return {key: value for key, value in self._summary_read.items() if key.startswith("system/")}

    # ---- what was logged

    def history(
        self,
        metrics: str | Iterable[str] | int | None = None,
        exact: bool = True,
        points: int = 1_000,
        *,
        keys: Iterable[str] | None = None,
        samples: int | None = None,
        x_axis: str | None = None,
        pandas: bool | None = None,
        stream: str = "default",
    ) -> Any:
        """
        What was logged, as a dict of arrays: `step`, `timestamp` (seconds since the epoch) and one for each metric,
        NaN where a step has none. numpy arrays where numpy is installed, else lists. `exact`: every point; otherwise
        at most `points` for each metric, means of equal spans of steps.

        With `keys`, `samples`, `x_axis` or `pandas` it is as in wandb: a DataFrame, or with `pandas=False` a list of
        dicts, of the rows that have all of `keys`, at most `samples` (500) of them, evenly chosen.
        """
        if isinstance(metrics, int):
            metrics, samples = None, metrics
        if stream != "default":
            say_once("history: stream has no effect here; figures of the machine are metrics below system/")
        if keys is None and samples is None and x_axis is None and pandas is None:
            names = [metrics] if isinstance(metrics, str) else None if metrics is None else list(metrics)
            if names == []:
                return History({})
            return History(self._exact(names) if exact else self._buckets(names, points))
        wanted = None if keys is None else [keys] if isinstance(keys, str) else list(keys)
        rows = sampled(list(self._rows(wanted, x_axis)), 500 if samples is None else samples)
        if pandas is False:
            return rows
        try:
            import pandas as frames
        except ImportError:
            say_once("history: pandas is not installed; it is a list of dicts")
            return rows
        return frames.DataFrame(rows)

    def scan_history(
        self,
        keys: Iterable[str] | None = None,
        page_size: int = 1_000,
        min_step: int | None = None,
        max_step: int | None = None,
        **_ignored: Any,
    ) -> Iterator[dict[str, Any]]:
        """Every row as a dict with `_step` and `_timestamp`; with `keys` those that have all of them."""
        del page_size
        wanted = None if keys is None else [keys] if isinstance(keys, str) else list(keys)
        for row in self._rows(wanted, None):
            step = row["_step"]
            if (min_step is None or step >= min_step) and (max_step is None or step < max_step):
                yield row if wanted is None else {key: row[key] for key in wanted}

    beta_scan_history = scan_history

    def _rows(self, keys: list[str] | None, x_axis: str | None) -> Iterator[dict[str, Any]]:
        own = ("_step", "_timestamp", "_runtime")
        needed = None if keys is None else [*keys, *([x_axis] if x_axis and x_axis not in keys else [])]
        names = None if needed is None else [key for key in needed if key not in own]
        # Only keys that every row has: then all of them are wanted.
        series = self._exact(names if names else None)
        return rows_of(series, None if needed is None else [key for key in needed if key not in own])

    def _exact(self, names: list[str] | None) -> dict[str, Series]:
        export = f"{self._path}/metrics/export"
        return as_answered(self._api.base, lambda: read_points(lambda query: self._api.stream(export, query), names))

    def _buckets(self, names: list[str] | None, points: int) -> dict[str, Series]:
        query: dict[str, Any] = {"runs": self.name, "points": points}
        if names is not None:
            query["metric"] = names
        path = f"/projects/{quoted(self.project)}/series"
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

    # ---- files

    def artifacts(self) -> list[ApiArtifact]:
        """The files that are kept with the run."""
        pages = self._api.pages(f"{self._path}/artifacts", "artifacts", {})
        return as_answered(self._api.base, lambda: [ApiArtifact(self._api, self._path, record) for record in pages])

    def artifact(self, name: str) -> ApiArtifact:
        """One of them."""
        for found in self.artifacts():
            if found.name == name:
                return found
        raise ApiError(f"run {self.project}/{self.name} has no artifact {name}", 404)

    def files(self, names: Iterable[str] | None = None, *_args: Any, **_ignored: Any) -> list[ApiArtifact]:
        """The files that are kept with the run."""
        wanted = None if names is None else set(names)
        return [one for one in self.artifacts() if wanted is None or one.name in wanted]

    file = artifact

    def logged_artifacts(self, *_args: Any, **_ignored: Any) -> list[ApiArtifact]:
        """The files that are kept with the run."""
        return self.artifacts()

    def used_artifacts(self, *_args: Any, **_ignored: Any) -> list[ApiArtifact]:
        """None: what a run reads is not kept."""
        return []

    def writers(self) -> list[dict[str, Any]]:
        """The processes that wrote it: rows, points, checksum, and what they say of themselves."""
        return list(self._api.pages(f"{self._path}/writers", "writers", {}))

    # ---- changing it

    def update(self) -> None:
        """Keeps what was changed: config, summary, tags, notes and the name that is shown."""
        config = {key: value for key, value in self.config.items() if self.record["config"].get(key, _none) != value}
        summary = {key: value for key, value in self.summary.items() if self._summary_read.get(key, _none) != value}
        described = {
            key: value for key, value in (("tags", list(self.tags)), ("notes", self.notes)) if value != self.record[key]
        }
        if self.display_name != (self.record.get("display_name") or self.record["name"]):
            described["display_name"] = self.display_name
        elif self.name != self.record["name"]:
            # wandb's scripts rename a run so; its address stays.
            described["display_name"] = self.name
        if config:
            self._api.send("POST", f"{self._path}/config", {"config": config})
        if summary:
            self._api.send("POST", f"{self._path}/summary", {"summary": summary})
        if described:
            self._api.send("PATCH", self._path, described)
        self.load()

    save = update

    def load(self, force: bool = True) -> dict[str, Any]:
        """Reads it anew."""
        del force
        self._take(self._api.get(self._path))
        return self.record

    def delete(self, delete_artifacts: bool = False) -> None:
        """Puts the run into the trash of its project."""
        del delete_artifacts
        self._api.send("DELETE", self._path)

    def stop(self) -> None:
        """Has no effect, and says so once."""
        say_once("run.stop has no effect here: end the process that writes the run")

    def wait_until_finished(self) -> None:
        """Waits until the run has ended."""
        import time

        while self.load()["status"] == "running":
            time.sleep(1.0)

    def to_html(self, *_args: Any, **_ignored: Any) -> str:
        """A link to the run's page, for notebooks."""
        return f'<a href="{self.url}" target="_blank">{self.url}</a>'

    def display(self, *_args: Any, **_ignored: Any) -> bool:
        """Shows nothing: answers False, as outside a notebook."""
        return False

    def __repr__(self) -> str:
        return f"<run {self.project}/{self.name}: {self.status}>"


_none = object()


def _number(value: Any) -> Any:
    """NaN and infinities come as words."""
    return float(value) if isinstance(value, str) else value
