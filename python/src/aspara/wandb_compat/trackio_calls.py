"""What scripts that were written for trackio call beside what wandb has."""

from __future__ import annotations

import csv
import os
from typing import Any

from ..messages import say, say_once


def log_system(metrics: dict[str, Any]) -> None:
    """Logs figures of the machine below `system/`, without taking a step."""
    from .. import log

    log({"system": metrics}, commit=False)


def log_gpu(run: Any = None, device: Any = None) -> dict[str, Any]:
    """Has no effect, and says so once."""
    del run, device
    say_once("log_gpu has no effect here: log_system() logs figures of your own")
    return {}


def log_cpu(run: Any = None) -> dict[str, Any]:
    """Has no effect, and says so once."""
    del run
    say_once("log_cpu has no effect here: log_system() logs figures of your own")
    return {}


def show(project: str | None = None, **_ignored: Any) -> tuple[Any, ...]:
    """Says where the dashboard is."""
    from ..names import is_name, project_address
    from ..settings import tracker_base

    base = tracker_base()
    url = f"{base}/projects/{project if is_name(project) else project_address(project)}" if project else base
    say(f"the dashboard is at {url}")
    return None, url, None, url


def sync(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect, and says so once: runs are sent to the tracker while they are logged."""
    say_once("sync has no effect here: runs are sent to the tracker while they are logged")


def freeze(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect, and says so once."""
    say_once("freeze has no effect here")


def delete_project(project: str, force: bool = False) -> bool:
    """Has no effect, and says so once: projects are deleted on the dashboard."""
    del project, force
    say_once("delete_project has no effect here: delete projects on the dashboard")
    return False


def import_tf_events(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect, and says so once."""
    say_once("import_tf_events has no effect here")


def register_reference_handler(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect, and says so once."""
    say_once("register_reference_handler has no effect here")


def import_csv(csv_path: str | os.PathLike[str], project: str, name: str | None = None, **_ignored: Any) -> None:
    """
    Makes a run of a CSV file: one row a line, a column `step` is the step and `timestamp` the time. A ValueError or
    OSError says what is wrong with the file.
    """
    from ..live_run import Run
    from ..timestamps import milliseconds

    with open(csv_path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"{os.fspath(csv_path)} has no rows")
    run = Run(project=project, name=name)
    for row in rows:
        numbers = {}
        for key, text in row.items():
            if key and key not in ("step", "timestamp"):
                try:
                    numbers[key] = float(text)
                except (TypeError, ValueError):
                    continue
        stamp, step = row.get("timestamp"), row.get("step")
        time: Any = None
        if stamp:
            try:
                time = float(stamp)
            except ValueError:
                time = milliseconds(stamp) / 1000
        run.log(numbers, step=int(float(step)) if step else None, timestamp=time)
    run.finish()
