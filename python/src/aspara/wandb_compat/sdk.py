"""`wandb.sdk` and what lies below it, as far as scripts name it: all of it is in this one module."""

from __future__ import annotations

import sys
from typing import Any

from ..live_run import Run
from ..run_documents import Config, Summary
from ..settings import Settings
from . import data_types, errors
from . import small_tools as util
from .artifacts import Artifact
from .data_types import Audio, Histogram, Html, Image, Molecule, Object3D, Plotly, Table, Video

__all__ = [
    "Artifact",
    "Audio",
    "Config",
    "Histogram",
    "Html",
    "Image",
    "Molecule",
    "Object3D",
    "Plotly",
    "Run",
    "Settings",
    "Summary",
    "Table",
    "Video",
    "data_types",
    "errors",
    "util",
]
#: So that `import aspara.sdk.wandb_run` finds this module.
__path__: list[str] = []


def __getattr__(name: str) -> Any:
    if name.startswith("wandb_") or name in ("lib", "interface", "artifacts", "internal"):
        return sys.modules[__name__]
    if name.startswith("__"):
        raise AttributeError(name)
    package = sys.modules[__name__.split(".", 1)[0]]
    return getattr(package, name)
