"""
`wandb.keras`, `wandb.xgboost`, `wandb.lightgbm` and their like. Callbacks that log numbers do so; what else there is
says once that it has no effect.
"""

from __future__ import annotations

import importlib
from typing import Any

from ..messages import say_once
from .without_effect import WithoutEffect

#: So that `import aspara.integration.keras` finds something.
__path__: list[str] = []


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    made = _callbacks.get(name)
    return made() if made else WithoutEffect(name)


def patch(*_args: Any, **_kwargs: Any) -> None:
    """`wandb.tensorboard.patch`: has no effect, and says so once."""
    say_once("tensorboard.patch has no effect here: log the scalars with run.log()")


def wandb_callback(*_args: Any, **_kwargs: Any) -> Any:
    """LightGBM's callback: logs what is evaluated in each round."""
    from .. import log

    def callback(env: Any) -> None:
        log({f"{data}_{metric}": value for data, metric, value, *_ in env.evaluation_result_list})

    return callback


def log_summary(*_args: Any, **_kwargs: Any) -> None:
    """Has no effect, and says so once."""
    say_once("log_summary has no effect here")


def _base(module: str, name: str) -> type:
    """The class that a library wants its callbacks to be; any class where it is not installed."""
    try:
        found = getattr(importlib.import_module(module), name)
        return found if isinstance(found, type) else object
    except (ImportError, AttributeError):
        return object


def _keras_callback() -> type:
    base = _base("keras.callbacks", "Callback")
    if base is object:
        base = _base("tensorflow.keras.callbacks", "Callback")

    class WandbMetricsLogger(base):  # type: ignore[misc, valid-type]
        """Logs what keras reports at the end of each epoch."""

        def __init__(self, *_args: Any, **_kwargs: Any) -> None:
            super().__init__()

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            """Logs one epoch."""
            from .. import log

            log({"epoch": epoch, **(logs or {})})

        def __getattr__(self, name: str) -> Any:
            if name.startswith(("on_", "set_")):
                return lambda *_args, **_kwargs: None
            raise AttributeError(name)

    return WandbMetricsLogger


def _xgboost_callback() -> type:
    class WandbCallback(_base("xgboost.callback", "TrainingCallback")):  # type: ignore[misc]
        """Logs what XGBoost evaluates in each round."""

        def __init__(self, *_args: Any, **_kwargs: Any) -> None:
            super().__init__()

        def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]) -> bool:
            """Logs one round."""
            del model
            from .. import log

            row = {
                f"{data}-{name}": values[-1] for data, metrics in evals_log.items() for name, values in metrics.items()
            }
            log({"epoch": epoch, **row})
            return False

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            """Logs one epoch of keras."""
            from .. import log

            log({"epoch": epoch, **(logs or {})})

    return WandbCallback


def _any_callback() -> type:
    # The same name is a callback of keras and one of XGBoost: the library that is loaded is meant.
    import sys

    return _keras_callback() if "keras" in sys.modules or "tensorflow" in sys.modules else _xgboost_callback()


def _no_checkpoints() -> type:
    say_once("WandbModelCheckpoint has no effect here: log_artifact() keeps a model's file")
    return _keras_callback()


_callbacks: dict[str, Any] = {
    "WandbMetricsLogger": _keras_callback,
    "WandbCallback": _any_callback,
    "WandbModelCheckpoint": _no_checkpoints,
    "WandbEvalCallback": _no_checkpoints,
}
