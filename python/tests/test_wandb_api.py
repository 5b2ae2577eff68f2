"""`Api` as scripts written for wandb use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aspara as wandb
from aspara.api import ApiError
from test_sync import environment
from tracker_process import TrackerProcess


def test_the_api_answers_as_wandbs_does(tracker: TrackerProcess, project: str) -> None:
    for nth in range(3):
        with wandb.init(project=project, name=f"r{nth}", id=f"id-{nth}", config={"lr": nth / 10}, tags=["x"]) as run:
            for step in range(10):
                run.log({"loss": nth + step, "other": 1} if step % 2 else {"loss": nth + step})
            run.summary["best"] = nth
    with wandb.Api(timeout=29, overrides={"entity": "e"}) as api:
        runs = api.runs(f"me/{project}")
        assert (len(runs), runs[0].name, [one.name for one in runs[1:]]) == (3, "r2", ["r1", "r0"])

        def names(filters: Any = None, **more: Any) -> list[str]:
            return [one.name for one in api.runs(f"me/{project}", filters, **more)]

        assert names(order="+created_at", per_page=1) == ["r0", "r1", "r2"]
        assert names(order="-summary_metrics.loss") == ["r2", "r1", "r0"]
        assert names(order="+summary_metrics.best") == ["r0", "r1", "r2"]
        assert names(order="+config.lr.value") == ["r0", "r1", "r2"]
        assert names({"state": "finished", "config.lr": {"$gt": 0.05}}) == ["r2", "r1"]
        assert names({"$or": [{"config.lr.value": 0.1}, {"summary_metrics.best": {"$gte": 2}}]}) == ["r2", "r1"]
        assert names({"tags": {"$in": ["x"]}, "display_name": {"$regex": "R0", "$options": "i"}}) == ["r0"]
        assert names({"$not": {"config.lr": {"$in": [0, 0.1]}}}) == ["r2"]
        assert names({"config.none": {"$exists": True}}) == []
        with pytest.raises(ValueError, match=r"\$near is not known"):
            names({"config.lr": {"$near": 1}})
        run = api.run(f"me/{project}/id-1")
        assert (run.name, run.id, run.state, run.path) == ("r1", "id-1", "finished", ["", project, "id-1"])
        assert run.summary == {"loss": 10, "other": 1, "best": 1}
        assert run.summary._json_dict == run.summary
        assert json.loads(run.json_config) == {"lr": {"desc": None, "value": 0.1}}
        assert run.lastHistoryStep == 9
        for attribute in (
            *(
                "summaryMetrics",
                "summary_metrics",
                "url",
                "display_name",
                "created_at",
                "createdAt",
                "user",
                "username",
            ),
            *("entity", "metadata", "system_metrics", "group", "sweep", "job_type", "heartbeat_at", "rawconfig"),
        ):
            getattr(run, attribute)
        frame = run.history(keys=["loss", "other"])
        assert list(frame["_step"]) == [1, 3, 5, 7, 9]
        assert list(frame.columns) == ["_step", "_timestamp", "loss", "other", "_runtime"]
        assert len(run.history(samples=4)) == 4
        assert run.history(keys=["loss"], samples=2, pandas=False)[-1]["loss"] == 10
        assert run.history(keys=["nothing"], pandas=False) == []
        assert [row["loss"] for row in run.scan_history(keys=["loss"], min_step=8)] == [9, 10]
        assert len(list(run.scan_history())) == 10
        assert list(run.history().columns)[:2] == ["step", "timestamp"]
        run.config["new"] = 1
        run.summary["best"] = 7
        run.tags.append("y")
        run.update()
        again = api.run(project, "r1")
        assert (again.config, again.summary["best"], again.tags) == ({"lr": 0.1, "new": 1}, 7, ["x", "y"])
        assert again.record["summary"] == {"best": 7}
        with pytest.raises(ApiError, match="Run not found"):
            api.run(f"{project}/nothing")
        with pytest.raises(wandb.errors.CommError):
            api.artifact(f"{project}/m:latest")


def test_an_api_leaves_no_socket_open(tracker: TrackerProcess, project: str, spool: Path) -> None:
    wandb.init(project=project, name="r").finish()
    program = f"import aspara; print(len(aspara.Api('{tracker.url}').runs('{project}')))"
    process = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        env=environment(spool),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.stdout, process.stderr) == ("1\n", "")
