"""
Logs training runs in microseconds; nothing is lost, and nothing blocks the training.

    import aspara

    run = aspara.init(project="my_project", config={"learning_rate": 0.001})
    for step in range(100):
        run.log({"loss": 0.5 - step * 0.005})
    run.finish()
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import current_run as _current
from .current_run import (
    alert,
    attach,
    config,
    current_run,
    define_metric,
    finish,
    init,
    log,
    log_artifact,
    of_current_run,
    save,
    summary,
    teardown,
)
from .live_run import Run
from .run_documents import Config, Summary
from .settings import Settings
from .version import __version__
from .wandb_compat import module_names as _module_names

if TYPE_CHECKING:
    from .api import Api
    from .wandb_compat.artifacts import Artifact
    from .wandb_compat.data_types import Audio, Histogram, Html, Image, Object3D, Plotly, Table, Video

    #: The calling thread's run, else the newest one that is open, or None: looked up each time it is named.
    run: Run | None

#: The names that clients of before had for it.
RemoteRun = Run
LocalRun = Run
get_current_run = current_run
join = finish

watch = of_current_run("watch")
unwatch = of_current_run("unwatch")
restore = of_current_run("restore")
use_artifact = of_current_run("use_artifact")
use_model = of_current_run("use_model")
link_model = of_current_run("link_model")
log_model = of_current_run("log_model")
log_code = of_current_run("log_code")
mark_preempting = of_current_run("mark_preempting")
pin_config_keys = of_current_run("pin_config_keys")


class AlertLevel:
    """How urgent an alert is. It is printed, whatever its level."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


def login(*_args: Any, **_kwargs: Any) -> bool:
    """There is nothing to log in to: a tracker's token is in ASPARA_TOKEN."""
    return True


def setup(*_args: Any, **_kwargs: Any) -> None:
    """Has nothing to set up."""


def require(*_args: Any, **_kwargs: Any) -> None:
    """Has nothing to switch on."""


def ensure_configured(*_args: Any, **_kwargs: Any) -> None:
    """Has nothing to set up."""


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
    "attach",
    "config",
    "define_metric",
    "ensure_configured",
    "finish",
    "get_current_run",
    "init",
    "join",
    "link_model",
    "log",
    "log_artifact",
    "log_code",
    "log_model",
    "login",
    "mark_preempting",
    "pin_config_keys",
    "require",
    "restore",
    "save",
    "setup",
    "summary",
    "teardown",
    "unwatch",
    "use_artifact",
    "use_model",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name == "Api":
        # A training that reads nothing back does not wait for what that takes.
        from .api import Api

        return Api
    return _module_names.find(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_module_names.names(), "run"})


class _Module(ModuleType):
    """This package, on which scripts assign as they do on wandb's: `wandb.config = {…}`, `wandb.run = None`."""

    def __reduce__(self) -> tuple[Any, ...]:
        # cloudpickle, and with it joblib, knows modules by their exact type.
        import importlib

        return importlib.import_module, (self.__name__,)

    @property
    def run(self) -> Run | None:
        """The calling thread's run, else the newest one that is open, or None."""
        return current_run()

    @run.setter
    def run(self, run: Run | None) -> None:
        _current.set_current_run(run)

    @property
    def config(self) -> Any:
        """That of the current run."""
        return _current.config

    @config.setter
    def config(self, values: Any) -> None:
        _current.set_config(values)

    @property
    def summary(self) -> Any:
        """That of the current run."""
        return _current.summary

    @summary.setter
    def summary(self, values: Any) -> None:
        if values is not _current.summary:
            _current.summary.update(values)

    @property
    def sync(self) -> Any:
        """trackio's: has no effect. The module of this name is found by `import aspara.sync`."""
        return _module_names.find("sync")

    @sync.setter
    def sync(self, module: Any) -> None:
        """The import system puts the module here."""


sys.modules[__name__].__class__ = _Module
_module_names.install()
