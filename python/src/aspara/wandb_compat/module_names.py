"""Which module of ours stands behind a name that scripts import or look up on the package."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final

_compat: Final = "aspara.wandb_compat"
#: Submodules as wandb names them. What lies below `sdk`, `integration` and `apis` is the module itself.
_modules: Final = {
    "plot": "plots",
    "errors": "errors",
    "util": "small_tools",
    "data_types": "data_types",
    "sdk": "sdk",
    "wandb_sdk": "sdk",
    "wandb_lib": "sdk",
    "wandb_run": "sdk",
    "integration": "integrations",
    "keras": "integrations",
    "xgboost": "integrations",
    "lightgbm": "integrations",
    "catboost": "integrations",
    "sklearn": "integrations",
    "sacred": "integrations",
    "gym": "integrations",
    "tensorboard": "integrations",
    "tensorflow": "integrations",
    "jupyter": "integrations",
    "env": "integrations",
}
#: Names on the package, by the module that has them.
_names: Final = {
    **dict.fromkeys(("Error", "UsageError", "CommError"), "errors"),
    **dict.fromkeys(("termlog", "termwarn", "termerror", "termsetup"), "small_tools"),
    **dict.fromkeys(("sweep", "agent", "controller"), "sweeps"),
    **dict.fromkeys(("plot_table", "visualize"), "plots"),
    **dict.fromkeys(("EvalTable", "JoinedTable", "Table"), "table"),
    "Artifact": "artifacts",
    **dict.fromkeys(
        (
            *("Audio", "Bokeh", "BoundingBoxes2D", "Classes", "Graph", "Histogram", "Html", "Image", "ImageMask"),
            *("Markdown", "Molecule", "Node", "Object3D", "Plotly", "Trace", "Video", "box3d"),
        ),
        "data_types",
    ),
    **dict.fromkeys(
        (
            *("log_system", "log_gpu", "log_cpu", "show", "sync", "freeze", "delete_project", "import_csv"),
            *("import_tf_events", "register_reference_handler"),
        ),
        "trackio_calls",
    ),
}


def find(name: str) -> Any:
    """What the package has under a name. An AttributeError says that it has nothing."""
    if name in _modules:
        return importlib.import_module(f"{_compat}.{_modules[name]}")
    if name in _names:
        return getattr(importlib.import_module(f"{_compat}.{_names[name]}"), name)
    if name in ("api", "apis"):
        return importlib.import_module("aspara.api")
    raise AttributeError(f"module 'aspara' has no attribute {name!r}")


def names() -> list[str]:
    """All of them."""
    return [*_modules, *_names, "api"]


def _target(fullname: str) -> str | None:
    package, _, rest = fullname.partition(".")
    first, _, below = rest.partition(".")
    if package != "aspara":
        return None
    if first == "apis":
        return "aspara.api"
    if below and first not in ("sdk", "integration", "plot"):
        return None
    if first == "integration" and below.startswith("keras.") is False and below in _modules:
        return f"{_compat}.{_modules[below]}"
    return f"{_compat}.{_modules[first]}" if first in _modules else None


class _Loader:
    """Answers a module that is there under another name."""

    def __init__(self, target: str) -> None:
        self._target = target

    def create_module(self, _spec: Any) -> ModuleType:
        module = importlib.import_module(self._target)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just put the alias in its place.
        module.__spec__ = self._spec


class _Finder:
    """Lets `import aspara.plot` and `from aspara.sdk.wandb_run import Run` find what they mean."""

    @staticmethod
    def find_spec(fullname: str, _path: Sequence[str] | None = None, _target_module: Any = None) -> Any:
        target = _target(fullname) if fullname.startswith("aspara.") else None
        return importlib.machinery.ModuleSpec(fullname, _Loader(target)) if target else None  # type: ignore[arg-type]


def install() -> None:
    """Once, at the end of the list: only imports that find nothing else come here."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
