"""
Logs training runs in microseconds; nothing is lost, and nothing blocks the training.

    import aspara

    run = aspara.init(project="my_project", config={"learning_rate": 0.001})
    for step in range(100):
        run.log({"loss": 0.5 - step * 0.005})
    run.finish()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .current_run import (
    alert,
    config,
    current_run,
    define_metric,
    finish,
    init,
    log,
    log_artifact,
    save,
    summary,
    unwatch,
    watch,
)
from .live_run import Run
from .run_documents import Config, Summary
from .settings import Settings
from .version import __version__
from .wandb_names import (
    AlertLevel,
    Artifact,
    Audio,
    Histogram,
    Html,
    Image,
    Object3D,
    Plotly,
    Table,
    Video,
    login,
    setup,
)

if TYPE_CHECKING:
    from .api import Api

#: The names that clients of before had for it.
RemoteRun = Run
LocalRun = Run
get_current_run = current_run

#: The run begun last, or None: looked up each time it is named.
run: Run | None

__all__ = [
    "AlertLevel",
    "Api",
    "Artifact",
    "Audio",
    "Config",
    "Histogram",
    "Html",
    "Image",
    "LocalRun",
    "Object3D",
    "Plotly",
    "RemoteRun",
    "Run",
    "Settings",
    "Summary",
    "Table",
    "Video",
    "__version__",
    "alert",
    "config",
    "define_metric",
    "finish",
    "get_current_run",
    "init",
    "log",
    "log_artifact",
    "login",
    "save",
    "setup",
    "summary",
    "unwatch",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name == "run":
        return current_run()
    if name == "Api":
        # A training that reads nothing back does not wait for what that takes.
        from .api import Api

        return Api
    raise AttributeError(f"module 'aspara' has no attribute {name!r}")
