"""Words that users' hands know from wandb, beside those that a run is made of."""

from __future__ import annotations

import glob
import os
from abc import ABC, abstractmethod
from typing import Any

from .messages import say, say_once


class BorrowedWords(ABC):
    """What can be done by other means is; what can't says so once."""

    @abstractmethod
    def log_artifact(self, file_path: Any, name: str | None = None, *, category: str | None = None) -> Any:
        """Keeps a file or a folder."""

    @abstractmethod
    def flush(self, timeout: float = 30.0) -> int:
        """Waits until all is sent."""

    def log_model(self, path: Any, name: str | None = None, **_ignored: Any) -> None:
        """Keeps a model's file or folder with the run."""
        self.log_artifact(path, name=name, category="model")

    def save(self, glob_str: Any, base_path: Any = None, policy: str = "live") -> None:
        """Keeps the files that a pattern names, as they are when they are sent."""
        for path in sorted(glob.glob(os.fspath(glob_str))):
            self.log_artifact(path)

    def log_code(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once: keep code with `log_artifact(folder, category="code")`."""
        say_once('log_code has no effect: log_artifact(folder, category="code") keeps a folder')

    def watch(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect, and says so once: gradients can be logged as metrics."""
        say_once("watch has no effect: log the norms you want to see as metrics")

    def unwatch(self, *_args: Any, **_kwargs: Any) -> None:
        """Has no effect."""
        return

    def alert(self, title: str = "", text: str = "", **_ignored: Any) -> None:
        """Prints the alert."""
        say(f"{title}: {text}" if text else str(title))

    def mark_preempting(self) -> None:
        """Sends what there is: the machine will be gone soon."""
        self.flush(timeout=5.0)
