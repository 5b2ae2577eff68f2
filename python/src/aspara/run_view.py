"""The properties of a run, and those of them that may be set."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .borrowed_words import BorrowedWords
from .names import display_text
from .run_description import checked_notes, checked_tags
from .run_documents import Config, Summary
from .run_facts import RunFacts
from .run_summaries import RunSummaries
from .sending_thread import SendingThread
from .settings import Settings
from .spool import Spool


class RunView(BorrowedWords):
    """The properties of a run."""

    _facts: RunFacts
    _config: Config
    _summary: Summary
    _summaries: RunSummaries
    _settings: Settings
    _thread: SendingThread | None
    _spool: Spool
    _base: str
    _mode: str
    _root: Path
    _step: int
    _is_resumed: bool
    _is_finished: bool
    _given_name: str | None = None

    @abstractmethod
    def _append(self, document: dict[str, Any]) -> None:
        """Writes down what was set."""

    @abstractmethod
    def _say_ended(self) -> None:
        """Says once that nothing is kept any more."""

    @property
    def project(self) -> str:
        """The project's name, as its address has it."""
        return self._facts.project

    @property
    def id(self) -> str:
        """What tells this run from all others of the project, whatever its name is."""
        return self._facts.id

    @property
    def address(self) -> str:
        """The run's name in addresses; the tracker may have had to add to it where the name was taken."""
        return (self._thread.run_name if self._thread else None) or self._facts.name

    @property
    def name(self) -> str:
        """The run's name: its `address` until it is set, which changes the name that is shown and no address."""
        return self._given_name or self.address

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name must be a string, not {type(name).__name__}")
        shown = display_text(name or "")
        if self._is_finished:
            self._say_ended()
            return
        self._given_name = shown or None
        self._facts.display_name = shown or None
        self._append({"type": "display_name", "display_name": shown or None})

    @property
    def display_name(self) -> str:
        """The name as it was given."""
        return self._facts.display_name or self.name

    @property
    def group(self) -> str | None:
        """What the run is part of."""
        found: str | None = self._facts.known("group")
        return found

    @property
    def job_type(self) -> str | None:
        """What kind of run it is."""
        found: str | None = self._facts.known("job_type")
        return found

    @property
    def url(self) -> str:
        """The address of the run's page."""
        return f"{self.project_url}/runs/{self.address}"

    @property
    def project_url(self) -> str:
        """The address of the project's page."""
        return f"{self._base}/projects/{self.project}"

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
    def offline(self) -> bool:
        """Whether nothing is sent until `aspara sync`."""
        return self._mode == "offline"

    @property
    def resumed(self) -> bool:
        """Whether it goes on with a run that existed."""
        return self._is_resumed

    @property
    def settings(self) -> Settings:
        """What it was begun with."""
        return self._settings

    @property
    def config(self) -> Config:
        """The run's parameters; setting them adds to them."""
        return self._config

    @config.setter
    def config(self, values: Any) -> None:
        if values is not self._config:
            self._config.update(values)

    @property
    def summary(self) -> Summary:
        """What the run came to; setting it adds to it."""
        return self._summary

    @summary.setter
    def summary(self, values: Any) -> None:
        if values is not self._summary:
            self._summary.update(values)

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags; setting them replaces them."""
        return tuple(self._facts.known("tags") or ())

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self.set_tags(tags)

    def set_tags(self, tags: Iterable[str]) -> None:
        """Replaces the run's tags."""
        checked = checked_tags(tags, "tags") or []
        if self._is_finished:
            self._say_ended()
            return
        self._facts.tags = checked
        self._append({"type": "tags", "tags": checked})

    @property
    def notes(self) -> str:
        """The run's notes; setting them replaces them."""
        return self._facts.known("notes") or ""

    @notes.setter
    def notes(self, notes: str | None) -> None:
        checked = checked_notes(notes)
        if self._is_finished:
            self._say_ended()
            return
        self._facts.notes = checked
        self._append({"type": "notes", "notes": self.notes})

    def _metric_layers(self) -> tuple[Mapping[str, Any], ...]:
        """What metrics came to, for the summary: before this process, their last values, and what is defined."""
        earlier = self._facts.earlier
        return (
            earlier.last if earlier else {},
            self._summaries.shown(self._spool.last_values()),
            self._summaries.entries(),
        )

    def __repr__(self) -> str:
        return f"<Run {self.project}/{self.name}{' (finished)' if self._is_finished else ''}>"
