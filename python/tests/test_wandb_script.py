"""Scripts as they are written for wandb, with one line changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker_process import TrackerProcess

SCRIPT = """
import argparse
import random

import aspara as wandb

wandb.login()
parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=32)
args = parser.parse_args([])

wandb.init(
    project=PROJECT,
    entity="my-team",
    name="cifar run #1",
    config=args,
    tags=["baseline"],
    notes="first try",
    group="experiments",
    job_type="train",
    reinit=True,
    save_code=True,
    sync_tensorboard=True,
    settings=wandb.Settings(start_method="fork"),
)
config = wandb.config
config.learning_rate = 0.01
wandb.config.update({"epochs": 3}, allow_val_change=True)
assert config.batch_size == 32 and wandb.config["epochs"] == 3 and "epochs" in config

wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch", summary="max")
wandb.watch(object(), log="all")
table = wandb.Table(columns=["id", "label"])
table.add_data(1, "cat")
for epoch in range(config.epochs):
    for batch in range(10):
        wandb.log({"train/loss": 1 / (1 + epoch * 10 + batch)}, commit=False)
        wandb.log({"lr": config.learning_rate})
    wandb.log(
        {
            "epoch": epoch,
            "val/acc": epoch / 10,
            "examples": [wandb.Image(object(), caption="a")],
            "weights": wandb.Histogram([1, 2, 3]),
            "table": table,
        }
    )
wandb.summary["best_accuracy"] = 0.9
wandb.run.summary.update({"done": True})
artifact = wandb.Artifact("model", type="model", description="the last one")
artifact.add_file(FILE)
wandb.log_artifact(artifact)
wandb.run.log_artifact(FILE, name="plain.bin", type="dataset")
wandb.save(FILE)
wandb.alert(title="done", text="all of it")
assert wandb.run.name and wandb.run.id and wandb.run.url and wandb.run.step == 33
wandb.finish()
assert wandb.run is None
wandb.log({"late": 1})
"""


def test_a_wandb_script_runs_and_says_once_what_is_not_kept(
    tracker: TrackerProcess, project: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.bin"
    file.write_bytes(b"weights")
    exec(SCRIPT, {"PROJECT": project, "FILE": str(file)})
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert (run["name"], run["display_name"]) == ("cifar-run-1", "cifar run #1")
    assert run["config"] == {"batch_size": 32, "learning_rate": 0.01, "epochs": 3}
    assert run["summary"] == {
        "val/acc": {"max": 0.2},
        "best_accuracy": 0.9,
        "done": True,
    }
    assert (run["tags"], run["notes"], run["group"], run["job_type"]) == (
        ["baseline"],
        "first try",
        "experiments",
        "train",
    )
    counts = {one["metric"]: (one["count"], one["last_step"]) for one in run["metrics"]}
    assert counts == {"train/loss": (30, 31), "lr": (30, 31), "epoch": (3, 32), "val/acc": (3, 32)}
    artifacts = tracker.get(f"/projects/{project}/runs/{run['name']}/artifacts")["artifacts"]
    assert [(one["name"], one["category"]) for one in artifacts] == [
        ("model-w.bin", "model"),
        ("plain.bin", "data"),
        ("w.bin", None),
    ]
    said = capsys.readouterr().err
    for words in ("Image is not a number", "Histogram is not a number", "Table is not a number", "watch has no"):
        assert said.count(words) == 1, said
    for words in ("init: save_code has no effect", "init: sync_tensorboard has no effect", "'examples' is left out"):
        assert said.count(words) == 1, said


def test_what_the_client_of_before_took_is_taken(tracker: TrackerProcess, project: str) -> None:
    import aspara

    assert aspara.config() is None
    run = aspara.init(project, "r", {"a": 1}, ["t"], "n", None, tracker.url, "jsonl", ["pt"])
    config = aspara.config()
    assert config is not None
    assert config.to_dict() == {"a": 1}
    run.log({"loss": 0.5}, step=3, commit=True, timestamp="2026-01-31T09:00:00+00:00")
    run.set_tags(["u"])
    assert run.flush(timeout=10) == 0
    run.finish(exit_code=2, quiet=True, flush_timeout=30.0)
    other = aspara.Run(name="s", project=project, tracker_uri=tracker.url)
    assert isinstance(other, aspara.RemoteRun)
    other.finish(quiet=True)
    found = tracker.get(f"/projects/{project}/runs/r")
    assert (found["exit_code"], found["tags"]) == (2, ["u"])
    (point,) = tracker.points(project, "r")
    assert (point["step"], point["value"]) == (3, 0.5)
