"""Which run it is, and what is said of it from the beginning."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .names import address_of, display_text, id_address, is_name, project_address, readable_name
from .ranks import find_rank, host_name
from .run_description import checked_group, checked_notes, checked_tags
from .settings import (
    default_group,
    default_job_type,
    default_notes,
    default_project,
    default_run_id,
    default_run_name,
    default_tags,
)
from .version import __version__

if TYPE_CHECKING:
    from .resume import Earlier


def client() -> dict[str, Any]:
    """What writes this run."""
    return {"language": "python", "version": __version__, "pid": os.getpid(), "host": host_name()}


class RunFacts:
    """Checked when it is made: a TypeError or ValueError names what is wrong."""

    id: str
    name: str
    display_name: str | None

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
        self.project_display_name: str | None = None
        #: The run as it was, where this one goes on with it.
        self.earlier: Earlier | None = None
        self.project = self._checked_project(project)
        self.rank = find_rank()
        self._identify(id, name)
        self.group = checked_group(group if group is not None else default_group(), "group")
        self.job_type = checked_group(job_type if job_type is not None else default_job_type(), "job_type")
        self.tags = checked_tags(tags if tags is not None else default_tags(), "tags")
        self.project_tags = checked_tags(project_tags, "project_tags")
        self.notes = checked_notes(notes if notes is not None else default_notes())

    @property
    def label(self) -> str:
        """How this process is shown beside others that write the run."""
        return self.rank.label if self.rank else host_name()

    def adopt_id(self, id: str) -> None:
        """This run is the one of that id."""
        self.id, self.has_given_id = id, True
        if not self.has_given_name:
            self.name = readable_name(id)

    def adopt(self, earlier: Earlier) -> None:
        """This run goes on with one that exists: what was not said anew is as it was."""
        self.id = earlier.id or self.id
        if earlier.name:
            self.name = earlier.name
        if not self.has_given_name:
            self.display_name = earlier.display_name
        self.earlier = earlier

    def known(self, what: str) -> Any:
        """The tags, notes, group or job type: as given, else as the run had them before."""
        given = getattr(self, what)
        return given if given is not None or self.earlier is None else getattr(self.earlier, what)

    def document(self, tracker_uri: str, mode: str, is_resumed: bool, label: str) -> dict[str, Any]:
        """The first record of a spool."""
        found = {
            "type": "run",
            "project": self.project,
            "project_display_name": self.project_display_name,
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
        named = name if name is not None else default_run_name()
        if given_id is not None:
            given_id = self._checked_id(given_id)
        if named is not None and not isinstance(named, str):
            raise TypeError(f"name must be a string, not {type(named).__name__}")
        given_name = display_text(named) if named else ""
        shared = self.rank.run_id(self.project) if self.rank and not given_name else None
        #: Whether the run was given an id, or a name, by which it can be continued.
        self.has_given_id = given_id is not None
        self.has_given_name = bool(given_name)
        self.id = given_id or shared or self._own_id(given_name or None)
        self.display_name = None
        if not given_name:
            self.name = readable_name(self.id)
        elif is_name(given_name):
            self.name = given_name
        else:
            # A name that was too long to be an address is one when it is cut, and is shown whole all the same.
            self.name = address_of(given_name) or readable_name(self.id)
            self.display_name = given_name

    @staticmethod
    def _checked_id(id: object) -> str:
        if not isinstance(id, str):
            raise TypeError(f"id must be a string, not {type(id).__name__}")
        found = id_address(id)
        if found is None:
            raise ValueError(f"id={id!r}: 1 to 255 characters, without control characters and without : ; , # ? / % '")
        return found

    def _own_id(self, name: str | None) -> str:
        # All ranks of a run that was given a name join it by its name, and so make up one id.
        if self.rank and name is not None:
            return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.project}\0{name}\0{self.rank.job or ''}").hex
        return uuid.uuid4().hex

    def _checked_project(self, project: str | None) -> str:
        found = project if project is not None else default_project()
        if found is not None and not isinstance(found, str):
            raise TypeError(f"project must be a string, not {type(found).__name__}")
        shown = display_text(found) if found else ""
        if not shown:
            return "default"
        if is_name(shown):
            return shown
        self.project_display_name = shown
        return project_address(shown)
