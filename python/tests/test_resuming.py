"""`resume`: what becomes of a run that exists, and of one that does not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import aspara
from tracker_process import TrackerProcess


def begin(project: str, **arguments: Any) -> aspara.Run:
    return aspara.init(project=project, **arguments)


def first_start(project: str, **arguments: Any) -> None:
    run = begin(project, config={"lr": 0.1, "bs": 32}, tags=["t"], notes="n", **arguments)
    run.define_metric("loss", summary="min")
    for step, (acc, loss) in enumerate([(0.5, 3.0), (0.7, 1.0), (0.6, 2.0)]):
        run.log({"acc": acc, "loss": loss}, step=step * 10)
    run.summary["best_acc"] = 0.7
    run.finish(quiet=True)


@pytest.mark.parametrize("resume", ["allow", True, "must"])
@pytest.mark.parametrize("by", ["id", "name"])
def test_a_run_goes_on_with_what_the_tracker_has(
    tracker: TrackerProcess, project: str, resume: bool | str, by: str
) -> None:
    first_start(project, id="job-1", name="first name")
    again = {"id": "job-1"} if by == "id" else {"name": "first name"}
    run = begin(project, resume=resume, config={"lr": 0.2}, **again)
    assert run.resumed
    assert (run.name, run.id, run.display_name, run.step) == ("first-name", "job-1", "first name", 21)
    assert run.config.to_dict() == {"lr": 0.2, "bs": 32}
    assert (run.summary["best_acc"], run.summary["acc"], run.summary["loss"]) == (0.7, 0.6, {"min": 1.0})
    assert (run.tags, run.notes) == (("t",), "n")
    run.define_metric("loss", summary="min")
    run.log({"acc": 0.65, "loss": 1.5})
    assert (run.summary["acc"], run.summary["loss"]) == (0.65, {"min": 1.0})
    run.finish(quiet=True)
    (found,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert found["config"] == {"lr": 0.2, "bs": 32}
    assert found["summary"] == {"best_acc": 0.7, "loss": {"min": 1.0}}
    assert [point["step"] for point in tracker.points(project, "first-name") if point["metric"] == "acc"] == [
        0,
        10,
        20,
        21,
    ]


@pytest.mark.parametrize("is_sent", [True, False])
def test_what_a_process_wrote_no_summary_of_counts_on(is_sent: bool, project: str, tracker: TrackerProcess) -> None:
    # As one that was killed: the values are there, and the summary is not.
    run = begin(project, id="job-1", name="r", mode="online" if is_sent else "offline")
    for acc in (0.5, 0.9, math.nan, 0.7):
        run.log({"acc": acc})
    run.finish(quiet=True)
    run = begin(project, id="job-1", name="r", resume="allow")
    assert run.step == 4
    run.define_metric("acc", summary="min,max,first,mean,best", goal="maximize")
    run.log({"acc": 0.6})
    run.finish(quiet=True)
    found = tracker.get(f"/projects/{project}/runs/r")["summary"]["acc"]
    mean = found.pop("mean")
    assert found == {"min": 0.5, "max": 0.9, "first": 0.5, "best": 0.9, "best_step": 1}
    if is_sent:
        assert mean == pytest.approx((0.5 + 0.9 + 0.7 + 0.6) / 4)


def test_a_run_that_does_not_exist_is_begun_or_refused(tracker: TrackerProcess, project: str, spool: Path) -> None:
    with pytest.raises(ValueError, match=r"run job-1 of project .* does not exist"):
        begin(project, id="job-1", resume="must")
    assert not list(spool.glob("*")) if spool.exists() else True
    with pytest.raises(ValueError, match="needs the id or the name"):
        begin(project, resume="must")
    run = begin(project, id="job-1", resume="allow")
    assert (run.resumed, run.step) == (False, 0)
    run.finish(quiet=True)
    run = begin(project, id="job-2", resume="never")
    assert not run.resumed
    run.finish(quiet=True)
    assert len(tracker.get(f"/projects/{project}/runs")["runs"]) == 2


def test_never_refuses_a_run_that_exists(tracker: TrackerProcess, project: str) -> None:
    first_start(project, id="job-1", name="r")
    with pytest.raises(ValueError, match="exists already; resume='allow' continues it"):
        begin(project, id="job-1", resume="never")
    # The name alone says nothing: wandb's and trackio's scripts give it to one run after the other.
    run = begin(project, name="r", resume="never")
    run.log({"acc": 1})
    run.finish(quiet=True)
    assert run.address != "r"
    assert tracker.get(f"/projects/{project}/runs/r")["metrics"][0]["count"] == 3


def test_without_a_tracker_the_spools_of_this_machine_tell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASPARA_TRACKER_URI", "http://127.0.0.1:9")
    first_start("p", id="job-1", name="r", mode="offline")
    for mode in ("offline", "online"):
        run = begin("p", id="job-1", resume="must", mode=mode)
        assert (run.resumed, run.name, run.step) == (True, "r", 21)
        assert run.config == {"lr": 0.1, "bs": 32}
        assert (run.summary["best_acc"], run.summary["acc"]) == (0.7, 0.6)
        run.finish(quiet=True, flush_timeout=0)
    capsys.readouterr()
    run = begin("p", id="other", resume="must")
    assert not run.resumed
    assert "it could not be checked whether run other exists (no answer from" in capsys.readouterr().err
    run.finish(quiet=True, flush_timeout=0)


def test_auto_goes_on_with_the_last_run_that_did_not_end_well(tracker: TrackerProcess, project: str) -> None:
    run = begin(project, resume="auto")
    name = run.name
    run.log({"a": 1}, step=4)
    assert not run.resumed
    run.finish(exit_code=1, quiet=True)
    other = begin(f"{project}-other", resume="auto")
    assert not other.resumed
    other.finish(quiet=True)
    run = begin(project, resume="auto")
    assert (run.resumed, run.name, run.step) == (True, name, 5)
    # While it is running another process begins one of its own.
    beside = begin(project, resume="auto", reinit="create_new")
    assert not beside.resumed
    beside.finish(quiet=True)
    run.finish(quiet=True)
    run = begin(project, resume="auto")
    assert (run.resumed, run.step) == (False, 0)
    run.finish(quiet=True)


def test_the_summary_has_the_last_value_of_each_metric(spool: Path) -> None:
    run = begin("p", mode="offline")
    run.log({"acc": 0.5, "deep": {"loss": 1}})
    assert (run.summary["acc"], run.summary["deep/loss"]) == (0.5, 1)
    run.log({"acc": 0.6}, step=10)
    run.log({"acc": 0.1}, step=3)
    assert run.summary["acc"] == 0.6
    run.log({"acc": 0.7, "val": 2}, step=10)
    run.log({"acc": 0.8}, commit=False)
    assert run.summary.acc == 0.8
    run.log({"acc": 0.3}, step=run.step - 1)
    assert run.summary.acc == 0.8
    run.log({"val": math.nan})
    assert math.isnan(run.summary["val"])
    run.summary["acc"] = 1.0
    run.log({"acc": 0.2})
    assert run.summary["acc"] == 1.0
    run.define_metric("acc2", summary="max")
    run.define_metric("epoch", summary="none")
    for value in (1, 3, 2):
        run.log({"acc2": value, "epoch": value})
    assert run.summary["acc2"] == {"max": 3}
    assert "epoch" not in run.summary
    assert set(run.summary) == {"acc", "deep/loss", "val", "acc2"}
    run.finish()
    assert run.summary["deep/loss"] == 1


def test_last_values_outlive_segments(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aspara import spool as spool_module
    from aspara import spool_places

    class SmallSpool(spool_module.Spool):
        def __init__(self, root: Path, bytes_max: int) -> None:
            super().__init__(root, bytes_max, 256 * 1024)

    monkeypatch.setattr(spool_places, "Spool", SmallSpool)
    run = begin("p", mode="offline")
    run.log({"once": 42})
    for step in range(20_000):
        run.log({"a": step})
    assert run._spool.segment > 0
    assert (run.summary["once"], run.summary["a"]) == (42, 19_999)
