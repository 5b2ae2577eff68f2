"""What a run tells of itself, and the little that may be set."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .borrowed_words import BorrowedWords
from .run_description import checked_notes, checked_tags
from .run_facts import RunFacts
from .sending_thread import SendingThread
from .spool import Spool


class RunView(BorrowedWords):
    """The properties of a run."""

    _facts: RunFacts
    _thread: SendingThread | None
    _spool: Spool
    _base: str
    _mode: str
    _root: Path
    _step: int
    _is_resumed: bool
    _is_finished: bool

    @abstractmethod
    def _append(self, document: dict[str, Any]) -> None:
        """Writes down what was set."""

    @property
    def project(self) -> str:
        """The project's name."""
        return self._facts.project

    @property
    def id(self) -> str:
        """What tells this run from all others of the project, whatever its name is."""
        return self._facts.id

    @property
    def name(self) -> str:
        """The run's name, as its address has it; the tracker may have had to add to it where the name was taken."""
        return (self._thread.run_name if self._thread else None) or self._facts.name

    @property
    def display_name(self) -> str:
        """The name as it was given."""
        return self._facts.display_name or self.name

    @property
    def group(self) -> str | None:
        """What the run is part of."""
        return self._facts.group

    @property
    def job_type(self) -> str | None:
        """What kind of run it is."""
        return self._facts.job_type

    @property
    def url(self) -> str:
        """Where the run is shown."""
        return f"{self._base}/projects/{self.project}/runs/{self.name}"

    @property
    def step(self) -> int:
        """The step of the next `log()` that names none."""
        return self._step

    @property
    def dir(self) -> str:
        """The folder of what this process logged."""
        return str(getattr(self._spool, "folder", self._root))

    @property
    def mode(self) -> str:
        """online, offline or disabled."""
        return self._mode

    @property
    def disabled(self) -> bool:
        """Whether it takes everything and keeps nothing."""
        return self._mode == "disabled"

    @property
    def resumed(self) -> bool:
        """Whether it was to go on with a run of this name."""
        return self._is_resumed

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags; setting them replaces them."""
        return tuple(self._facts.tags or ())

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self.set_tags(tags)

    def set_tags(self, tags: Iterable[str]) -> None:
        """Replaces the run's tags."""
        self._facts.tags = checked_tags(tags, "tags") or []
        self._append({"type": "tags", "tags": self._facts.tags})

    @property
    def notes(self) -> str:
        """The run's notes; setting them replaces them."""
        return self._facts.notes or ""

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._facts.notes = checked_notes(notes)
        self._append({"type": "notes", "notes": self.notes})

    def __repr__(self) -> str:
        return f"<Run {self.project}/{self.name}{' (finished)' if self._is_finished else ''}>"
