"""Which run it is, and what is said of it from the beginning."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from typing import Any

from .names import DISPLAY_NAME_CHARS_MAX, address_of, is_name, readable_name
from .ranks import find_rank, host_name
from .run_description import checked_group, checked_notes, checked_tags
from .settings import default_project, default_run_id, default_run_name
from .version import __version__


def client() -> dict[str, Any]:
    """What writes this run."""
    return {"language": "python", "version": __version__, "pid": os.getpid(), "host": host_name()}


class RunFacts:
    """Checked when it is made: a TypeError or ValueError names what is wrong."""

    def __init__(
        self,
        project: str | None,
        name: str | None,
        id: str | None,
        tags: Iterable[str] | None,
        notes: str | None,
        project_tags: Iterable[str] | None,
        group: str | None,
        job_type: str | None,
    ) -> None:
        self.project = self._checked_project(project)
        self.rank = find_rank()
        self._identify(id, name)
        self.group = checked_group(group, "group")
        self.job_type = checked_group(job_type, "job_type")
        self.tags = checked_tags(tags, "tags")
        self.project_tags = checked_tags(project_tags, "project_tags")
        self.notes = checked_notes(notes)

    @property
    def label(self) -> str:
        """How this process is shown beside others that write the run."""
        return self.rank.label if self.rank else host_name()

    def document(self, tracker_uri: str, mode: str, is_resumed: bool, label: str) -> dict[str, Any]:
        """The first record of a spool."""
        found = {
            "type": "run",
            "project": self.project,
            "name": self.name,
            "id": self.id,
            "display_name": self.display_name,
            "tags": self.tags,
            "notes": self.notes,
            "project_tags": self.project_tags,
            "group": self.group,
            "job_type": self.job_type,
            "resume": is_resumed or self.rank is not None,
            "tracker_uri": tracker_uri,
            "mode": mode,
            "label": label,
            "client": client(),
            "started": time.time() * 1000.0,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _identify(self, id: str | None, name: str | None) -> None:
        given_id = id if id is not None else default_run_id()
        given_name = name if name is not None else default_run_name()
        if given_id is not None and (not isinstance(given_id, str) or not is_name(given_id)):
            raise ValueError(f"id={given_id!r}: letters, digits, underscores and hyphens, 1 to 255 of them")
        if given_name is not None and not isinstance(given_name, str):
            raise TypeError(f"name is text, not {type(given_name).__name__}")
        shared = self.rank.run_id(self.project) if self.rank and given_name is None else None
        self.id: str = given_id or shared or self._own_id(given_name)
        self.display_name: str | None = None
        if not given_name:
            self.name = readable_name(self.id)
        elif is_name(given_name):
            self.name = given_name
        else:
            self.name = address_of(given_name) or readable_name(self.id)
            self.display_name = given_name[:DISPLAY_NAME_CHARS_MAX]

    def _own_id(self, name: str | None) -> str:
        # All ranks of a run that was given a name join it by its name, and so make up one id.
        if self.rank and name is not None:
            return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.project}\0{name}\0{self.rank.job or ''}").hex
        return uuid.uuid4().hex

    @staticmethod
    def _checked_project(project: str | None) -> str:
        found = project if project is not None else default_project() or "default"
        if not isinstance(found, str):
            raise TypeError(f"project is text, not {type(found).__name__}")
        if not is_name(found):
            raise ValueError(f"project={found!r}: letters, digits, underscores and hyphens, 1 to 255 of them")
        return found
