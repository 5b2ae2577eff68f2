"""A run that is going on: what `aspara.init` gives. Logging costs a microsecond or two, and waits for nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from .metric_summary import Definition
from .overhead import LogTimes
from .run_description import checked_config, checked_resume
from .run_documents import Config, Summary
from .run_facts import RunFacts
from .run_lifecycle import RunLifecycle
from .run_summaries import RunSummaries
from .sending_thread import SendingThread
from .settings import Settings, default_resume, run_mode, settings_of, spool_bytes_max, spool_root, token, tracker_base
from .spool import NoSpool, Spool

if TYPE_CHECKING:
    from .resume import AutoResume


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
        given = self._settings
        self._facts = RunFacts(
            project if project is not None else given.project,
            name if name is not None else given.run_name,
            id if id is not None else given.run_id,
            tags if tags is not None else given.run_tags,
            notes if notes is not None else given.run_notes,
            project_tags,
            group if group is not None else given.run_group,
            job_type if job_type is not None else given.run_job_type,
        )
        how = checked_resume(resume if resume is not None else given.resume or default_resume())
        values = checked_config(config)
        self._step = 0
        self._prepare(values)
        self._continue(how)
        self._begin()

    def _prepare(self, config: dict[str, Any] | None) -> None:
        """What a run has before it is written anywhere."""
        self._config = Config(config, lambda changed: self._append({"type": "config", "values": changed}))
        self._summary = Summary(
            None, lambda changed: self._append({"type": "summary", "values": changed}), self._metric_layers
        )
        self._began_at = time.time()
        self._is_resumed = False
        #: Whether the tracker is to go on with a run of this id or name, if there is one.
        self._is_joining = False
        self._auto: AutoResume | None = None
        self._definitions: list[Definition] = []
        self._summaries = RunSummaries(self._definitions)
        self._times = LogTimes()
        self._skipped: set[str] = set()
        self._is_finished = False
        self._is_fork = False
        self._finish_begun: float | None = None
        self._finish_seconds: float | None = None
        self._thread: SendingThread | None = None
        self._spool: Spool = cast(Spool, NoSpool())

    def _continue(self, how: str | None) -> None:
        """Finds out what there is of a run that is to be continued."""
        if how is None or self._mode == "disabled":
            return
        # A start that continues nothing does not wait for what this takes. Ranks join one run that one of them makes.
        from .resume import Continuation

        found = Continuation(how, self._facts, self._root)
        if self._facts.rank is None:
            found.look(self._base, self._token, is_online=self._mode == "online")
        self._auto = found.auto
        self._is_joining = how != "never"
        if found.earlier is not None:
            self._is_resumed = True
            self._facts.adopt(found.earlier)
            self._config.put_below(found.earlier.config)
            self._summary.put_below(found.earlier.summary)
            self._summaries.earlier = found.earlier.summary
            self._summaries.earlier_values = found.earlier.values
            self._step = found.earlier.next_step

    # ---- copies

    def __reduce__(self) -> tuple[Any, ...]:
        facts = self._facts
        # What a process that is ended in the middle of its work leaves is sent when this run ends.
        self.has_forked()
        state = {
            "facts": (facts.project, facts.name, facts.id, facts.display_name),
            "step": self._step,
            "config": self.config.to_dict(),
            "summary": self.summary.to_dict(),
            # The process that unpickles it is a worker of this one.
            "writer": self._parent_writer or self._spool.writer or None,
            "origin": self._origin_writer or self._parent_writer or self._spool.writer or None,
            "is_joining": self._is_joining,
            **{name: getattr(self, name) for name in _kept_in_copies},
        }
        return _joined, (state,)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Run:
        join, arguments = self.__reduce__()
        return cast(Run, join(*arguments))

    def __copy__(self) -> Run:
        return self

    def _join(self, state: dict[str, Any]) -> None:
        """Becomes another writer of a run, like a forked child: nothing is opened before it logs."""
        for name in _kept_in_copies:
            setattr(self, name, state[name])
        is_finished = self._is_finished
        project, name, given_id, display_name = state["facts"]
        self._facts = RunFacts(project, name, given_id, (), "", None, "", "")
        self._facts.tags = self._facts.notes = None
        self._facts.name, self._facts.display_name = name, display_name
        self._token = token()
        self._step = state["step"]
        self._prepare(state["config"])
        self._summary.put_below(state["summary"])
        self._is_finished = is_finished
        self._is_fork = True
        self._parent_writer = state["writer"]
        self._origin_writer = state["origin"]
        self._is_joining = state["is_joining"]


#: What a copy of a run, in this process or another one, has like the original.
_kept_in_copies: Final = ("_settings", "_mode", "_base", "_root", "_bytes_max", "_is_finished", "_given_name")


def _joined(state: dict[str, Any]) -> Run:
    run = Run.__new__(Run)
    run._join(state)
    return run
