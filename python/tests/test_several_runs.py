"""Several runs in one process: one after the other, beside each other, in threads, and as copies."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import aspara
from test_logging import rows_of
from test_sync import environment
from tracker_process import TrackerProcess


def offline(name: str, **arguments: Any) -> aspara.Run:
    return aspara.init(project="p", name=name, mode="offline", **arguments)


def test_a_second_init_in_the_same_thread_ends_the_first_run_and_says_so(
    tracker: TrackerProcess, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = aspara.init(project=project, name="first")
    aspara.log({"a": 1})
    second = aspara.init(project=project, name="second")
    assert aspara.run is second
    aspara.log({"a": 2})
    first.log({"a": 3})
    first.log({"a": 4})
    aspara.finish()
    first.finish()
    said = capsys.readouterr().err
    assert said.count("run first is ended: a second init()") == 1
    assert said.count("run first has ended: what is logged") == 1
    runs = tracker.get(f"/projects/{project}/runs")["runs"]
    assert {one["name"]: (one["status"], one["metrics"][0]["last"]) for one in runs} == {
        "first": ("finished", 1),
        "second": ("finished", 2),
    }


def test_threads_have_runs_of_their_own(tracker: TrackerProcess, project: str) -> None:
    barrier = threading.Barrier(3)
    failed: list[BaseException] = []

    def train(nth: int) -> None:
        try:
            aspara.init(project=project, name=f"t{nth}", config={"nth": nth})
            for step in range(20):
                barrier.wait()
                aspara.log({"a": nth * 100 + step})
                aspara.config.update({"last": step})
            assert aspara.run is not None
            assert aspara.run.name == f"t{nth}"
            aspara.finish(quiet=True)
            assert aspara.run is None
            # A late call of this thread must not end up in another thread's run.
            aspara.log({"late": 1})
        except BaseException as error:
            failed.append(error)
            barrier.abort()

    threads = [threading.Thread(target=train, args=(nth,)) for nth in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for nth in range(3):
        assert [point["value"] for point in tracker.points(project, f"t{nth}")] == [nth * 100 + s for s in range(20)]
        run = tracker.get(f"/projects/{project}/runs/t{nth}")
        assert (run["status"], run["config"]) == ("finished", {"nth": nth, "last": 19})


def test_a_thread_without_a_run_logs_to_the_newest_open_one(spool: Path) -> None:
    run = offline("main")
    thread = threading.Thread(target=lambda: aspara.log({"a": 1}))
    thread.start()
    thread.join()
    run.finish()
    assert [row for _, _, row in rows_of(spool)] == [{"a": 1}]


def test_reinit_does_what_wandb_documents(capsys: pytest.CaptureFixture[str]) -> None:
    first = offline("first")
    beside = offline("beside", reinit="create_new")
    # It changes neither what is open nor what aspara.run is.
    assert aspara.run is first
    assert not first._is_finished
    assert offline("any", reinit="return_previous") is first
    assert offline("any", reinit=False) is first
    again = offline("again", reinit=True)
    assert first._is_finished
    assert not beside._is_finished
    assert aspara.run is again
    last = offline("last", reinit="finish_previous")
    assert again._is_finished
    assert beside._is_finished
    assert aspara.run is last
    assert offline("named", settings=aspara.Settings(reinit="return_previous")) is last
    assert "a second init()" not in capsys.readouterr().err
    with pytest.raises(ValueError, match="reinit='perhaps'"):
        offline("x", reinit="perhaps")
    # What raises has ended nothing.
    assert not last._is_finished


def test_a_run_that_is_beside_others_can_be_the_only_one(spool: Path) -> None:
    run = offline("beside", reinit="create_new")
    assert aspara.run is None
    with pytest.raises(RuntimeError, match="No active run"):
        aspara.log({"a": 1})
    run.log({"a": 2})
    run.finish()
    assert [row for _, _, row in rows_of(spool)] == [{"a": 2}]


def test_config_and_run_can_be_assigned_on_the_module() -> None:
    import aspara as wandb

    wandb.config = {"lr": 1, "bs": 2}  # type: ignore[assignment]
    run = offline("r", config={"bs": 4})
    assert run.config.to_dict() == {"lr": 1, "bs": 4}
    wandb.config = {"lr": 2}  # type: ignore[assignment]
    wandb.config.seed = 3
    assert run.config == {"lr": 2, "bs": 4, "seed": 3}
    assert dict(wandb.config) == {"lr": 2, "bs": 4, "seed": 3}
    assert dict(**wandb.config) == dict(wandb.config)
    run.config = {"lr": 5}
    wandb.summary = {"best": 1}  # type: ignore[assignment]
    assert (run.config["lr"], run.summary["best"]) == (5, 1)
    wandb.run = None
    assert wandb.run is run
    run.finish()
    assert offline("next").config.to_dict() == {}


def test_config_and_summary_are_copied_as_plain_data() -> None:
    run = offline("r", config={"opt": {"lr": 1}, "layers": [1, {"a": 2}]})
    run.log({"acc": 0.5})
    for one in (run.config, aspara.config, run.summary, aspara.summary):
        for twin in (copy.deepcopy(one), copy.copy(one), pickle.loads(pickle.dumps(one))):
            assert dict(twin) == dict(one)
    twin = copy.deepcopy(run.config)
    twin.opt.lr = 2
    twin.layers.append(3)
    assert run.config.to_dict() == {"opt": {"lr": 1}, "layers": [1, {"a": 2}]}
    assert pickle.loads(pickle.dumps(run.config["opt"])) == {"lr": 1}


WORKER = """
import pickle, sys
run = pickle.load(open(sys.argv[1], "rb"))
run.log({"worker": 2}, step=7)
run.config.seen = run.config.lr
"""


def test_a_run_that_is_pickled_joins_as_another_writer(
    tracker: TrackerProcess, project: str, spool: Path, tmp_path: Path
) -> None:
    with aspara.init(project=project, name="shared", config={"lr": 1}) as run:
        run.log({"main": 1})
        (tmp_path / "run").write_bytes(pickle.dumps(run))
        process = subprocess.run(
            [sys.executable, "-c", WORKER, tmp_path / "run"],
            env=environment(spool),
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        twin = copy.deepcopy(run)
        assert (twin.name, twin.id, twin.url, twin.step) == (run.name, run.id, run.url, run.step)
        twin.log({"twin": 3})
        twin.finish(quiet=True)
        run.log({"main": 4})
    found = tracker.get(f"/projects/{project}/runs/shared")
    assert (found["status"], found["config"]) == ("finished", {"lr": 1, "seen": 1})
    assert {one["metric"]: (one["count"], one["last"]) for one in found["metrics"]} == {
        "main": (2, 4),
        "worker": (1, 2),
        "twin": (1, 3),
    }
    assert len(found["writers"]) == 3


KILLED = """
import os, pickle, signal, sys
run = pickle.load(open(sys.argv[1], "rb"))
for step in range(100):
    run.log({"worker": step})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_worker_of_a_pickled_run_logged_is_sent_when_the_run_ends(
    tracker: TrackerProcess, project: str, spool: Path, tmp_path: Path
) -> None:
    with aspara.init(project=project, name="shared") as run:
        run.log({"main": 1})
        (tmp_path / "run").write_bytes(pickle.dumps(run))
        process = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "run"], env=environment(spool), check=False)
        assert process.returncode == -9
    found = tracker.get(f"/projects/{project}/runs/shared")
    assert (found["status"], found["exit_code"]) == ("finished", 0)
    assert {one["metric"]: one["count"] for one in found["metrics"]} == {"main": 1, "worker": 100}
