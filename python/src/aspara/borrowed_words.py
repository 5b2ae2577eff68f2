"""Words that users' hands know from wandb and trackio, beside those that a run is made of."""

from __future__ import annotations

import glob
import os
from abc import ABC, abstractmethod
from typing import Any

from .messages import say, say_once


class BorrowedWords(ABC):
    """What can be done by other means is; what can't says so once."""

    #: wandb's people and sweeps: there are none.
    entity = ""
    sweep_id = None
    sweep_url = None
    project: Any
    url: Any
    project_url: Any
    id: Any
    _began_at: float
    _is_finished: bool

    @abstractmethod
    def log(self, data: dict[str, Any], step: int | None = None, commit: bool | None = True) -> None:
        """Logs metrics."""

    @abstractmethod
    def log_artifact(self, artifact_or_path: Any = None, name: str | None = None, **description: Any) -> Any:
        """Keeps a file or a folder."""

    @abstractmethod
    def flush(self, timeout: float = 30.0) -> int:
        """Waits until all is sent."""

    @abstractmethod
    def _say_ended(self) -> None:
        """Says once that nothing is kept any more."""

    # ---- files

    def log_model(self, path: Any, name: str | None = None, **_ignored: Any) -> None:
        """Keeps a model's file or folder with the run."""
        self.log_artifact(path, name=name, category="model")

    def save(
        self, glob_str: Any = None, base_path: Any = None, policy: str = "live", glob: bool = True, **_ignored: Any
    ) -> list[str]:
        """Keeps the files that a pattern names, as they are when they are sent. Answers which they are."""
        del policy
        if glob_str is None:
            return []
        if isinstance(glob_str, bytes):
            glob_str = glob_str.decode()
        pattern = os.fspath(glob_str)
        found = sorted(_matching(pattern)) if glob else [pattern]
        files = [path for path in found if os.path.isfile(path)]
        if not files:
            say_once(f"save: no file matches {pattern!r} now")
        for path in files:
            within = os.path.relpath(path, base_path) if base_path is not None else None
            name = within.replace(os.sep, "-") if within and not within.startswith("..") else None
            self.log_artifact(path, name=name)
        return files

    def restore(self, name: str, run_path: str | None = None, replace: bool = False, root: Any = None) -> Any:
        """A file that a run keeps, opened to be read; None when it can't be had, which is said."""
        target = os.path.join(os.fspath(root) if root is not None else os.curdir, name)
        if replace or not os.path.exists(target):
            from .api import Api, ApiError

            path = run_path or f"{self.project}/{self.id}"
            try:
                with Api(timeout=5.0) as api:
                    os.makedirs(os.path.dirname(target) or os.curdir, exist_ok=True)
                    api.run(path).artifact(name).download(target)
            except (ApiError, OSError) as error:
                say(f"restore: {name} of {path} is not here: {error}")
                return None
        return open(target, encoding="utf-8", errors="replace")

    def use_artifact(self, artifact_or_name: Any, type: str | None = None, **_ignored: Any) -> Any:
        """An artifact of that name, without its files: versions are not kept, which is said once."""
        say_once("use_artifact: artifacts have no versions here; Api().run(…).artifact(name).download() reads a file")
        if not isinstance(artifact_or_name, str):
            return artifact_or_name
        from .wandb_compat.artifacts import Artifact

        return Artifact(artifact_or_name, type or "other")

    def use_model(self, name: str, **_ignored: Any) -> str:
        """Has no effect, and says so once."""
        say_once("use_model has no effect: Api().run(…).artifact(name).download() reads a file")
        return str(name)

    def link_artifact(self, artifact: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        """Has no effect, and says so once."""
        say_once("link_artifact has no effect here")
        return artifact

    def link_model(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once."""
        say_once("link_model has no effect here: log_model() keeps a file")

    def upsert_artifact(self, artifact_or_path: Any, name: str | None = None, **description: Any) -> Any:
        """Keeps a file or a folder."""
        description.pop("distributed_id", None)
        return self.log_artifact(artifact_or_path, name=name, **description)

    finish_artifact = upsert_artifact

    def logged_artifacts(self, *_args: Any, **_kwargs: Any) -> list[Any]:
        """Nothing: `Api().run(…).artifacts()` lists them."""
        return []

    used_artifacts = logged_artifacts

    def log_code(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once: keep code with `log_artifact(folder, category="code")`."""
        say_once('log_code has no effect: log_artifact(folder, category="code") keeps a folder')

    # ---- what is watched

    def watch(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once: gradients can be logged as metrics."""
        say_once("watch has no effect: log the norms you want to see as metrics")

    def unwatch(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect."""
        return

    def log_system(self, metrics: dict[str, Any]) -> None:
        """Logs figures of the machine below `system/`, without taking a step."""
        self.log({"system": metrics}, commit=False)

    def alert(self, title: str = "", text: str | None = "", *_args: Any, **_ignored: Any) -> None:
        """Prints the alert."""
        if self._is_finished:
            self._say_ended()
            return
        say(f"{title}: {text}" if text else str(title))

    def mark_preempting(self) -> None:
        """Sends what there is: the machine will be gone soon."""
        self.flush(timeout=5.0)

    # ---- what it tells of itself

    @property
    def path(self) -> str:
        """As `Api().run` takes it."""
        return f"{self.project}/{self.id}"

    @property
    def start_time(self) -> float:
        """When it began, in seconds since the epoch."""
        return self._began_at

    def project_name(self) -> str:
        """The project's name."""
        return str(self.project)

    def get_url(self) -> str:
        """The address of the run's page."""
        return str(self.url)

    def get_project_url(self) -> str:
        """The address of the project's page."""
        return str(self.project_url)

    def get_sweep_url(self) -> None:
        """There is none."""
        return

    def status(self) -> Any:
        """How much is not sent yet."""
        from types import SimpleNamespace

        waiting = int(self.overhead().get("rows_waiting") or 0)
        return SimpleNamespace(sync_items_total=waiting, sync_items_pending=waiting, sync_time=None)

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """A link to the run's page, for notebooks."""
        del height, hidden
        return f'<a href="{self.url}" target="_blank">{self.url}</a>'

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Shows nothing: answers False, as outside a notebook."""
        del height, hidden
        return False

    def pin_config_keys(self, keys: Any = ()) -> None:
        """Has no effect."""
        del keys

    def write_logs(self, text: str) -> None:
        """Has no effect, and says so once."""
        del text
        say_once("write_logs has no effect here")

    @abstractmethod
    def overhead(self) -> dict[str, Any]:
        """What logging cost."""


def _matching(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)
