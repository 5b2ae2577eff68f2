"""Tells a tracker of the run that a spool belongs to."""

from __future__ import annotations

import uuid
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from .patient_tracker import PatientTracker

_described: Final = (
    *("config", "tags", "notes", "project_tags", "project_display_name"),
    *("group", "job_type", "display_name", "resume"),
)
_NAMES_MAX: Final = 8


class RunRefused(Exception):
    """The tracker will not take this run at all; the sentence is its own."""


class CreatedRun(NamedTuple):
    """What the tracker calls the run."""

    name: str
    id: str | None
    #: The path of the run's address.
    path: str


def create_run(tracker: PatientTracker, run: dict[str, Any], writer: str) -> CreatedRun:
    """
    Makes the run, or finds it where this writer has made it before. A run that is there already is never written into
    unless this one resumes it: it gets another name then, and another id if that is taken, too; always the same ones,
    whoever sends the spool. Raises `RunRefused`.
    """
    project = str(run["project"])
    path = f"/projects/{quote(project, safe='')}/runs"
    description = {key: run[key] for key in _described if run.get(key) is not None}
    facts = {"writer": writer, "started_at": run.get("started")}
    run_id, name = run.get("id"), run.get("name")
    for attempt in range(_NAMES_MAX):
        body = {
            key: value
            for key, value in {**description, **facts, "id": run_id, "name": name}.items()
            if value is not None
        }
        answer = tracker.call("POST", path, body)
        if answer.status == 409:
            suffix = (str(run.get("id") or writer).replace("-", "") * 2)[attempt : attempt + 4]
            name = f"{str(run.get('name'))[:250]}-{suffix}"
            if attempt > 0:
                run_id = uuid.uuid5(uuid.UUID(writer), str(run.get("id"))).hex
            continue
        if answer.status in (400, 413, 422) and (len(description) > 1 or "resume" not in description):
            # Points matter most: what the tracker won't take of the rest is left out, and said.
            tracker.say_once(f"the tracker refuses the run's description: {answer.sentence}")
            description = {"resume": bool(run.get("resume"))}
            continue
        found = answer.json()
        if answer.status != 200 or not isinstance(found, dict):
            raise RunRefused(f"the tracker refuses run {name} of project {project}: {answer.sentence}")
        named = str(found.get("name", name))
        if run_id != run.get("id"):
            tracker.say_once(
                f"project {project} has a run with id {run.get('id')} already: this one is kept as {named} "
                f'with id {run_id}. To continue that one: aspara.init(id="{run.get("id")}", resume="allow")'
            )
        elif attempt > 0:
            tracker.say_once(
                f"project {project} has a run named {run.get('name')} already: this one is kept as {named}"
            )
        return CreatedRun(named, run_id, f"{path}/{quote(named, safe='')}")
    raise RunRefused(f"every name like {run.get('name')} is taken in project {project}")
