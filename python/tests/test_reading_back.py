"""`aspara.Api`: what was logged comes back."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

import aspara
from aspara.api import ApiError
from test_sync import environment
from tracker_process import TrackerProcess


@pytest.fixture
def runs(tracker: TrackerProcess, project: str, tmp_path: Path) -> aspara.Api:
    file = tmp_path / "model.bin"
    file.write_bytes(bytes(range(256)) * 4000)
    for nth in range(3):
        with aspara.init(project=project, name=f"r{nth}", config={"lr": nth / 10}, tags=["even"][nth % 2 :]) as run:
            for step in range(200):
                run.log({"loss": 1 / (step + 1), "acc": step * nth}, timestamp=1_700_000_000 + step)
                if step % 50 == 0:
                    run.log({"val/a": math.nan if step else 1}, step=step, timestamp=1_700_000_000 + step)
            run.summary["best"] = nth
            run.log_artifact(file)
    return aspara.Api(tracker.url)


def test_runs_are_filtered_sorted_and_paged(runs: aspara.Api, project: str) -> None:
    assert [run.name for run in runs.runs(project, sort="-config.lr")] == ["r2", "r1", "r0"]
    found = list(runs.runs(project, filter='"even" in tags and summary.best > 0'))
    said = [(run.name, run.config, run.summary["best"], run.tags) for run in found]
    assert said == [("r2", {"lr": 0.2}, 2, ["even"])]
    # Below what was set: each metric's last value.
    assert (found[0].summary["loss"], found[0].summary["acc"]) == (0.005, 398)
    assert found[0].metrics["loss"]["count"] == 200
    assert found[0].status == "finished"
    with pytest.raises(ApiError, match="filter"):
        list(runs.runs(project, filter="lr ="))
    with pytest.raises(ApiError, match="Run not found"):
        runs.run(project, "r9")
    with pytest.raises(ApiError, match="no answer"):
        aspara.Api("http://127.0.0.1:9").run("a", "b")


def test_a_history_is_a_dict_of_arrays(runs: aspara.Api, project: str) -> None:
    run = runs.run(f"{project}/r1")
    history = run.history()
    assert set(history) == {"step", "timestamp", "loss", "acc", "val/a"}
    assert numpy.array_equal(history["step"], numpy.arange(200))
    assert history["timestamp"][7] == 1_700_000_007
    assert numpy.array_equal(history["acc"], numpy.arange(200))
    assert history["val/a"][0] == 1
    assert numpy.isnan(history["val/a"][1:]).all()
    only = run.history("loss")
    assert set(only) == {"step", "timestamp", "loss"}
    coarse = run.history(["loss"], exact=False, points=10)
    assert 5 <= len(coarse["step"]) <= 10
    assert coarse["loss"][0] > coarse["loss"][-1]
    assert run.history([]).keys() == {"step", "timestamp"} or run.history([]) == {}


def test_a_history_goes_on_into_other_libraries(runs: aspara.Api, project: str) -> None:
    history = runs.run(project, "r2").history(["loss", "acc"])
    pandas = pytest.importorskip("pandas")
    assert isinstance(history.to_pandas(), pandas.DataFrame)
    assert list(history.to_pandas()["acc"]) == [2 * step for step in range(200)]
    pytest.importorskip("polars")
    assert history.to_polars()["acc"].to_list() == [2 * step for step in range(200)]
    pytest.importorskip("pyarrow")
    assert history.to_arrow()["acc"].to_pylist() == [2 * step for step in range(200)]


ALONE = """
import sys
sys.modules["numpy"] = sys.modules["pyarrow"] = None
import aspara
history = aspara.Api(sys.argv[1]).run(sys.argv[2], "r1").history()
assert history["step"] == list(range(200)), history["step"]
assert history["acc"] == list(range(200))
assert history["val/a"][0] == 1 and history["val/a"][50] != history["val/a"][50]
"""


def test_without_any_library_it_is_lists(runs: aspara.Api, project: str, spool: Path, tracker: TrackerProcess) -> None:
    process = subprocess.run(
        [sys.executable, "-c", ALONE, tracker.url, project],
        env=environment(spool),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def test_artifacts_are_downloaded_whole(runs: aspara.Api, project: str, tmp_path: Path) -> None:
    run = runs.run(project, "r0")
    assert [one.name for one in run.artifacts()] == ["model.bin"]
    there = run.artifact("model.bin").download(tmp_path / "new" / "copy.bin")
    assert there.read_bytes() == bytes(range(256)) * 4000
    assert run.artifact("model.bin").download(tmp_path).name == "model.bin"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["copy.bin"]
    with pytest.raises(ApiError, match="no artifact other"):
        run.artifact("other")


def test_writers_are_listed(runs: aspara.Api, project: str) -> None:
    (writer,) = runs.run(project, "r0").writers()
    assert (writer["rows"], writer["points"], writer["exit_code"]) == (204, 404, 0)
