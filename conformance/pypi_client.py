"""What a training script does with the `aspara` client of PyPI, version 0.1.0, unmodified.

    pypi_client.py everything TRACKER_URI RECORD   every call the client has
    pypi_client.py restart TRACKER_URI RECORD      a run during which the tracker is restarted

What was logged is written to the file RECORD, one JSON line a step, for the test to compare.
"""

import json
import math
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import aspara

STEPS = 1_000


def everything(tracker_uri: str, record: Path) -> None:
    run = aspara.init(
        project="pypi",
        name="everything",
        config={
            "learning_rate": 0.001,
            "layers": [64, 32],
            "optimizer": {"name": "adam", "betas": [0.9, 0.999]},
        },
        tags=["baseline", "unmodified"],
        notes="Every call that the client has",
        project_tags=["conformance"],
        tracker_uri=tracker_uri,
    )
    beginning = datetime(2026, 1, 31, 9, 0, 0, 125, tzinfo=timezone.utc)
    with record.open("w") as lines:
        for step in range(STEPS):
            metrics = {
                "loss": 1 / (1 + step),
                "val/accuracy": math.sin(step / 700),
                "epoch": step // 100,
            }
            timestamp = (beginning + timedelta(seconds=step)).isoformat()
            run.log(metrics, timestamp=timestamp)
            lines.write(
                json.dumps({"step": step, "metrics": metrics, "timestamp": timestamp})
                + "\n"
            )

    run.config.update({"learning_rate": 0.0005, "warmup": True})
    run.summary["best_accuracy"] = 0.99
    run.summary.update({"best_step": 999, "confusion": [[3, 1], [0, 4]]})
    run.log_artifact(
        "weights.bin",
        name="weights-final.bin",
        description="After the last step",
        category="model",
    )
    run.log_artifact("weights.bin")
    run.finish(exit_code=0)


def restart(tracker_uri: str, record: Path) -> None:
    run = aspara.init(project="pypi", name="restart", tracker_uri=tracker_uri)
    with record.open("w") as lines:
        for step in range(STEPS):
            metrics = {"loss": 1 / (1 + step), "accuracy": math.sin(step / 700)}
            run.log(metrics)
            lines.write(json.dumps({"step": step, "metrics": metrics}) + "\n")
            print(f"logged {step}", flush=True)
            # The test answers these two when the tracker is gone, and when it is back.
            if step in (500, 700):
                sys.stdin.readline()
    run.finish()


if __name__ == "__main__":
    what, uri, record_path = sys.argv[1:]
    {"everything": everything, "restart": restart}[what](uri, Path(record_path))
