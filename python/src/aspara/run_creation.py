"""Tells a tracker of the run that a spool belongs to."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import quote

from .patient_tracker import PatientTracker

_described: Final = (
    *("config", "tags", "notes", "project_tags", "project_display_name"),
    *("group", "job_type", "display_name"),
)
#: A run whose name is taken has so many letters of its id behind it at most.
_LETTERS_MAX: Final = 64


class RunRefused(Exception):
    """The tracker will not take this run at all; the sentence is its own."""


class CreatedRun(NamedTuple):
    """What the tracker calls the run."""

    name: str
    id: str
    #: The path of the run's address.
    path: str


def create_run(tracker: PatientTracker, run: dict[str, Any], writer: str) -> CreatedRun:
    """
    Makes the run, or finds it where this writer has made it before. A run that is there already is never written into
    unless this one resumes it: it gets another name then, and another id if that is taken, too; always the same ones,
    whoever sends the spool. The writer of a forked child does what that of the first process does: which of them comes
    first is chance. Raises `RunRefused`.
    """
    project = str(run["project"])
    path = f"/projects/{quote(project, safe='')}/runs"
    maker = str(run.get("origin") or writer)
    wanted, wanted_id = run.get("name"), str(run.get("id") or maker)
    name, run_id = wanted, wanted_id
    description = {key: run[key] for key in _described if run.get(key) is not None}
    # What is resumed forgets how it ended: a child asks for that only where the first process is not known.
    is_resuming = bool(run.get("resume")) and maker == writer
    letters, conflicts = 4, 0
    while letters < _LETTERS_MAX:
        facts = {"name": name, "id": run_id, "writer": maker, "started_at": run.get("started"), "resume": is_resuming}
        answer = tracker.call(
            "POST", path, {**description, **{key: one for key, one in facts.items() if one is not None}}
        )
        if answer.status == 409:
            if run.get("resume") and not is_resuming:
                is_resuming = True
                continue
            conflicts += 1
            if conflicts > 1 and run_id != maker:
                run_id = maker
            elif conflicts > 1:
                letters *= 2
            name = f"{str(wanted)[:200]}-{run_id[-letters:]}"
            continue
        if answer.status in (400, 413, 422) and description:
            # Points matter most: what the tracker won't take of the rest is left out, and said.
            tracker.say_once(f"the tracker refuses the run's description: {answer.sentence}")
            description = {}
            continue
        found = answer.json()
        if answer.status != 200 or not isinstance(found, dict):
            raise RunRefused(f"the tracker refuses run {name} of project {project}: {answer.sentence}")
        named = str(found.get("name", name))
        if run_id != wanted_id:
            tracker.say_once(
                f"project {project} has a run with id {wanted_id} already: this one is kept as {named} "
                f'with id {run_id}. To continue that one: aspara.init(id="{wanted_id}", resume="allow")'
            )
        elif conflicts:
            tracker.say_once(f"project {project} has a run named {wanted} already: this one is kept as {named}")
        return CreatedRun(named, run_id, f"{path}/{quote(named, safe='')}")
    raise RunRefused(f"every name like {wanted} is taken in project {project}")
