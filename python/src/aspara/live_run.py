"""A run that is going on: what `aspara.init` gives. Logging costs a microsecond or two, and waits for nobody."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, cast

from .metric_summary import Definition
from .overhead import LogTimes
from .run_description import checked_config, checked_resume
from .run_documents import Config, Summary
from .run_facts import RunFacts
from .run_lifecycle import RunLifecycle
from .run_summaries import RunSummaries
from .sending_thread import SendingThread
from .settings import Settings, run_mode, settings_of, spool_bytes_max, spool_root, token, tracker_base
from .spool import NoSpool, Spool


class Run(RunLifecycle):
    """One run of a project, written by this process. Made by `aspara.init`, which says what the arguments are."""

    def __init__(
        self,
        name: str | None = None,
        project: str | None = None,
        config: Any = None,
        tags: Iterable[str] | None = None,
        notes: str | None = None,
        dir: str | os.PathLike[str] | None = None,
        storage_backend: str | None = None,
        tracker_uri: str | None = None,
        project_tags: Iterable[str] | None = None,
        resume: bool | str | None = None,
        mode: str | None = None,
        group: str | None = None,
        job_type: str | None = None,
        id: str | None = None,
        settings: Settings | dict[str, Any] | None = None,
    ) -> None:
        # There is one way to keep points: `storage_backend` is taken as clients of before gave it.
        del storage_backend
        self._settings = settings_of(settings)
        self._mode = run_mode(mode if mode is not None else self._settings.mode)
        self._base = tracker_base(tracker_uri)
        self._token = token()
        self._root = spool_root(dir)
        self._bytes_max = self._settings.spool_bytes_max or spool_bytes_max()
        self._is_resumed = checked_resume(resume)
        self._facts = RunFacts(project, name, id, tags, notes, project_tags, group, job_type)
        self.config = Config(
            checked_config(config), lambda changed: self._append({"type": "config", "values": changed})
        )
        self.summary = Summary(None, lambda changed: self._append({"type": "summary", "values": changed}))
        self._definitions: list[Definition] = []
        self._summaries = RunSummaries(self._definitions)
        self._times = LogTimes()
        self._skipped: set[str] = set()
        self._step = 0
        self._is_finished = False
        self._is_fork = False
        self._finish_begun: float | None = None
        self._finish_seconds: float | None = None
        self._thread: SendingThread | None = None
        self._spool: Spool = cast(Spool, NoSpool())
        self._begin()
