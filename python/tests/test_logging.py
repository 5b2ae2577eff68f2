"""What `log()` takes, what it refuses, and what becomes of it."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

import aspara
from aspara.spool_folder import writers_of
from aspara.spool_reader import SpoolReader
from tracker_process import TrackerProcess


def rows_of(root: Path) -> list[tuple[int, float, dict[str, float]]]:
    """Step, time and metrics of every row that is spooled below a folder."""
    found = []
    for folder in writers_of(root):
        reader = SpoolReader(folder)
        while (item := reader.read()) is not None:
            if isinstance(item, dict):
                continue
            for index in range(len(item)):
                values = {key: column[index] for key, column in item.columns.items()}
                kept = {key: value for key, value in values.items() if value is not None}
                found.append((int(item.steps[index]), item.times[index], kept))
    return found


def offline(**arguments: Any) -> aspara.Run:
    return aspara.init(project="p", mode="offline", **arguments)


def test_steps_count_on_from_the_highest(spool: Path) -> None:
    run = offline()
    run.log({"a": 1})
    run.log({"a": 2})
    run.log({"a": 3}, step=10)
    run.log({"a": 4}, step=5)
    run.log({"a": 5})
    assert run.step == 12
    run.finish()
    assert [(step, row["a"]) for step, _, row in rows_of(spool)] == [(0, 1), (1, 2), (10, 3), (5, 4), (11, 5)]


def test_commit_false_leaves_the_step_open(spool: Path) -> None:
    run = offline()
    run.log({"a": 1}, commit=False)
    run.log({"b": 2}, commit=False)
    run.log({"c": 3})
    run.log({"a": 4})
    run.log({"a": 5}, commit=None)
    run.finish()
    assert [(step, row) for step, _, row in rows_of(spool)] == [
        (0, {"a": 1}),
        (0, {"b": 2}),
        (0, {"c": 3}),
        (1, {"a": 4}),
        (2, {"a": 5}),
    ]


def test_nested_dicts_are_flattened(spool: Path) -> None:
    run = offline()
    for step in range(3):
        run.log({"train": {"loss": step, "parts": {"kl": 0.5}}, "lr": 0.1})
    run.finish()
    expected = [{"train/loss": step, "train/parts/kl": 0.5, "lr": 0.1} for step in range(3)]
    assert [row for _, _, row in rows_of(spool)] == expected


class Tensor:
    """What torch's and jax's scalars have in common."""

    def __init__(self, value: float) -> None:
        self.value = value

    def numel(self) -> int:
        return 1

    def item(self) -> float:
        return self.value

    def __float__(self) -> float:
        return self.value


def test_scalars_of_other_libraries_are_numbers(spool: Path) -> None:
    run = offline()
    values: dict[str, Any] = {
        "float32": numpy.float32(0.5),
        "int64": numpy.int64(7),
        "bool": True,
        "array": numpy.array([[2.5]]),
        "tensor": Tensor(1.25),
        "nan": math.nan,
        "inf": -math.inf,
    }
    for _ in range(2):
        run.log(values)
    run.finish()
    for _, _, row in rows_of(spool):
        assert math.isnan(row.pop("nan"))
        assert row == {"float32": 0.5, "int64": 7, "bool": 1, "array": 2.5, "tensor": 1.25, "inf": -math.inf}


def test_what_is_no_number_is_left_out_and_said_once(spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = offline()
    for step in range(3):
        run.log({"loss": step, "text": "0.5", "none": None, "many": numpy.zeros(3), "huge": 10**400})
    run.finish()
    assert [row for _, _, row in rows_of(spool)] == [{"loss": step} for step in range(3)]
    said = capsys.readouterr().err
    for key in ("text", "none", "many", "huge"):
        assert said.count(repr(key)) == 1, said


class Unreadable:
    """A tensor that is being traced, or has no data."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def item(self) -> float:
        raise self.error


def test_a_value_whose_reading_raises_is_left_out(spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    errors = [RuntimeError("Tensor.item() cannot be called\non meta tensors"), NotImplementedError(), KeyError("x")]
    with aspara.init(project="p", name="r", mode="offline") as run:
        for error in errors * 2:
            run.log({"loss": 1, type(error).__name__: Unreadable(error)})
    assert [row for _, _, row in rows_of(spool)] == [{"loss": 1.0}] * 6
    said = capsys.readouterr().err
    assert said.count("is left out") == 3
    assert (
        "'RuntimeError' is left out: Unreadable cannot be read (RuntimeError: Tensor.item() cannot be called)" in said
    )
    assert "'NotImplementedError' is left out: Unreadable cannot be read (NotImplementedError)" in said


def test_a_value_that_fails_after_its_shape_is_known_leaves_no_trace(spool: Path) -> None:
    run = offline()
    run.log({"a": 1, "b": 2})
    run.log({"a": 3, "b": "x"})
    run.log({"a": 4, "b": {"c": 5}})
    run.log({"a": 6, "b": 7})
    run.finish()
    assert [row for _, _, row in rows_of(spool)] == [{"a": 1, "b": 2}, {"a": 3}, {"a": 4, "b/c": 5}, {"a": 6, "b": 7}]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((["loss"],), TypeError, "takes a dict"),
        (("loss",), TypeError, "takes a dict"),
        ((None,), TypeError, "takes a dict"),
        (({"a": 1}, "3"), TypeError, "step must be a whole number"),
        (({"a": 1}, 1.5), TypeError, "step must be a whole number"),
        (({"a": 1}, 2**53), ValueError, "2\\^53-1"),
        (({"a": 1}, None, True, "yesterday"), ValueError, "ISO 8601"),
        (({"a": 1}, None, True, 1e300), ValueError, "not a valid time"),
        (({"a": 1}, None, True, [1]), TypeError, "timestamp is"),
    ],
)
@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_wrong_arguments_raise_at_once(arguments: Any, error: type[Exception], words: str, mode: str) -> None:
    run = aspara.init(project="p", mode=mode)
    run.log({"a": 0})
    with pytest.raises(error, match=words):
        run.log(*arguments)
    # And nothing is broken by it.
    run.log({"a": 1})


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"project": 3}, TypeError, "project must be a string"),
        ({"id": "a/b"}, ValueError, "id='a/b'"),
        ({"name": 3}, TypeError, "name must be a string"),
        ({"tags": [1]}, TypeError, "tags must be strings"),
        ({"config": 3}, TypeError, "config must be a dict"),
        ({"config": {"a": "x" * 2_000_000}}, ValueError, "1 MiB"),
        ({"mode": "on"}, ValueError, "mode='on'"),
        ({"resume": "perhaps"}, ValueError, "resume='perhaps'"),
        ({"tracker_uri": "localhost:3142"}, ValueError, "expected the address"),
        ({"entities": "x"}, TypeError, "entities"),
    ],
)
def test_a_run_with_wrong_arguments_is_not_begun(
    arguments: dict[str, Any], error: type[Exception], words: str, spool: Path
) -> None:
    with pytest.raises(error, match=words):
        aspara.init(**{"project": "p", "mode": "offline", **arguments})
    assert not spool.exists()


def test_moments_are_taken_in_every_way_people_write_them(spool: Path) -> None:
    run = offline()
    moment = datetime.datetime(2026, 1, 31, 9, 0, 0, 125000, tzinfo=datetime.timezone.utc)
    for timestamp in (
        moment,
        moment.timestamp(),
        "2026-01-31T09:00:00.125Z",
        "2026-01-31T18:00:00.125+09:00",
        "2026-01-31 10:00:00.125+0100",
    ):
        run.log({"a": 1}, timestamp=timestamp)
    local = datetime.datetime(2026, 1, 31, 9, 0, 0)
    naive = (local.isoformat(), local, pandas.Timestamp(local), numpy.datetime64(local), numpy.datetime64(local, "ns"))
    for one in naive:
        run.log({"a": 1}, timestamp=one)
    for other in (numpy.int64(1_769_850_000), numpy.float64(1_769_850_000), Tensor(1_769_850_000.0)):
        run.log({"a": 1}, timestamp=other)
    run.log({"a": 1}, timestamp=pandas.Timestamp("2026-01-31T09:00:00", tz="UTC"))
    run.log({"a": 1}, timestamp=datetime.date(2026, 1, 31))
    run.finish()
    times = [time for _, time, _ in rows_of(spool)]
    assert times == [
        *[1_769_850_000_125.0] * 5,
        *[local.timestamp() * 1000] * len(naive),
        *[1_769_850_000_000.0] * 4,
        datetime.datetime(2026, 1, 31).timestamp() * 1000,
    ]


@pytest.mark.parametrize(
    ("timestamp", "words"),
    [
        (1_769_850_000_125, "looks like milliseconds: give seconds"),
        (numpy.int64(1_769_850_000_125), "looks like milliseconds: give seconds"),
        (7, "is 7 s after 1970: give seconds since the epoch"),
        (math.nan, "is not a valid time"),
        (numpy.datetime64("NaT"), "is not a valid time"),
        (True, "timestamp is seconds since the epoch, a datetime or ISO 8601 text, not bool"),
        (numpy.timedelta64(5, "s"), "not timedelta64"),
    ],
)
def test_a_time_of_the_wrong_unit_says_which_is_meant(spool: Path, timestamp: Any, words: str) -> None:
    run = offline()
    with pytest.raises((TypeError, ValueError), match=words):
        run.log({"a": 1}, timestamp=timestamp)
    run.log({"a": 2})
    run.finish()
    assert [row for _, _, row in rows_of(spool)] == [{"a": 2}]


def test_a_name_that_is_none_is_left_out_and_said_once(spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = offline()
    deep: dict[str, Any] = {"x": 1}
    for _ in range(33):
        deep = {"d": deep}
    names: list[Any] = [1, None, ("t",), "", "a\nb", "\ud800", "é" * 257]
    for step in range(3):
        run.log({**dict.fromkeys(names, 1.0), "good": step, "deep": deep, "a/b": 1, "a": {"b": 2}}, step=float(step))  # type: ignore[arg-type]
    run.finish()
    assert [(step, row) for step, _, row in rows_of(spool)] == [(step, {"good": step, "a/b": 2}) for step in range(3)]
    said = capsys.readouterr().err
    assert said.count("is left out: a metric") == len(names)
    assert said.count("nested more than 32 deep") == 1
    assert said.count("metric 'a/b' is given twice in one log(): the later value is kept") == 1


def test_after_the_end_nothing_raises_and_it_is_said_once(spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="No active run"):
        aspara.log({"a": 1})
    run = aspara.init(project="p", name="r", mode="offline", config={"a": 1})
    run.log({"a": 1})
    run.finish()
    run.finish()
    capsys.readouterr()
    run.log({"a": 2})
    run.log({"b": 2}, step=7)
    aspara.log({"a": 3})
    run.log(["not", "a", "dict"])  # type: ignore[arg-type]
    run.config.update({"a": 2})
    run.summary["best"] = 1
    run.tags = ["x"]
    run.notes = "n"
    run.name = "renamed"
    run.define_metric("a", summary="max")
    run.log_artifact("/no/such/file")
    run.alert("done")
    aspara.finish()
    said = capsys.readouterr().err
    assert said.count("has ended") == 1
    assert said.count("\n") == 1, said
    assert run.overhead()["after_finish"] == 4
    assert [row for _, _, row in rows_of(spool)] == [{"a": 1}]
    assert aspara.run is None


def test_disabled_keeps_no_file_and_begins_no_thread(spool: Path) -> None:
    import threading

    before = threading.active_count()
    with aspara.init(project="p", mode="disabled", config={"a": 1}) as run:
        run.log({"loss": 1, "img": object()})
        run.config.b = 2
        run.summary["c"] = 3
        run.set_tags(["x"])
        assert (run.step, run.config.b, run.summary["c"]) == (1, 2, 3)
        assert threading.active_count() == before
    assert not spool.exists()


def test_all_that_is_said_of_a_run_reaches_the_tracker(tracker: TrackerProcess, project: str, tmp_path: Path) -> None:
    file = tmp_path / "weights of it.bin"
    file.write_bytes(bytes(range(256)) * 1000)
    folder = tmp_path / "plots"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_text("a")
    with aspara.init(
        project=project,
        name="lr=0.1, größer",
        config={"lr": 0.1, "path": Path("x"), "nested": {"n": numpy.float32(0.5)}},
        tags=["a", "b"],
        notes="first",
        project_tags=["all"],
        group="sweep",
        job_type="train",
    ) as run:
        run.log({"loss": 1})
        run.config.lr = 0.2
        run.config["new"] = {"x": 1}
        run.config.update({"more": math.inf}, allow_val_change=True)
        run.summary["best"] = 0.9
        run.summary.update({"worst": 0.1})
        run.tags = ["c"]
        run.notes = "second"
        run.log_artifact(file, description="After the last step", category="model")
        run.log_artifact(str(folder))
    found = tracker.get(f"/projects/{project}/runs/lr-0-1-gro-er")
    assert found["display_name"] == "lr=0.1, größer"
    assert found["config"] == {"lr": 0.2, "path": "x", "nested": {"n": 0.5}, "new": {"x": 1}, "more": "Infinity"}
    assert found["summary"] == {"best": 0.9, "worst": 0.1}
    assert (found["tags"], found["notes"], found["group"], found["job_type"]) == (["c"], "second", "sweep", "train")
    artifacts = tracker.get(f"/projects/{project}/runs/{found['name']}/artifacts")["artifacts"]
    assert [(one["name"], one["file_size"], one["category"]) for one in artifacts] == [
        ("plots-deep-a.txt", 1, None),
        ("weights_of_it.bin", 256_000, "model"),
    ]
    assert found["writers"][0]["client"]["rows"] == 1


def test_defined_metrics_are_summed_up(tracker: TrackerProcess, project: str) -> None:
    with aspara.init(project=project, name="r") as run:
        run.log({"acc": 0.1})
        run.define_metric("epoch")
        run.define_metric("acc", step_metric="epoch", summary="max,last")
        run.define_metric("val/*", summary="best", goal="minimize")
        run.define_metric("loss", summary="mean")
        for step, acc in enumerate([0.5, 0.9, 0.7]):
            run.log({"acc": acc, "val/a": 1 - acc, "loss": step, "epoch": step})
        run.log({"val": {"a": math.nan}})
    summary = tracker.get(f"/projects/{project}/runs/r")["summary"]
    assert summary["acc"] == {"max": 0.9, "last": 0.7}
    assert summary["loss"] == {"mean": 1}
    assert summary["val/a"] == {"best": pytest.approx(0.1), "best_step": 2}


def test_a_run_measures_what_its_logging_costs(tracker: TrackerProcess, project: str) -> None:
    with aspara.init(project=project, name="r") as run:
        for step in range(2_000):
            run.log({"loss": step, "acc": 0.5})
    client = tracker.get(f"/projects/{project}/runs/r/writers")["writers"][0]["client"]
    assert (client["rows"], client["log_calls"], client["rows_waiting"]) == (2_000, 2_000, 0)
    assert (client["lost"], client["refused"], client["retries"]) == (0, 0, 0)
    assert 0.1 < client["log_p50_us"] <= client["log_p99_us"]
    assert 0 < client["finish_s"] < 30
    assert client["bytes_sent"] > 1_000


def test_a_disabled_run_says_that_it_keeps_nothing(spool: Path) -> None:
    with aspara.init(project="p", dir=spool, mode="disabled") as run:
        run.log({"a": 1})
        found = run.overhead()
    assert (found["rows"], found["spool"], found["lost"]) == (0, None, 0)
