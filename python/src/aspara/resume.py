"""What is known of a run that is to be continued: from the tracker, and from what this machine has not sent yet."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from .http_call import Connection, NoAnswer
from .messages import say
from .metric_summary import EarlierValues
from .spool_folder import Sent, is_alive, writers_of
from .spool_reader import SpoolDamaged, SpoolReader

if TYPE_CHECKING:
    from .run_facts import RunFacts

#: The only question that a start ever waits for, and only where a run is continued.
_SECONDS: Final = 2.0


@dataclass
class Earlier:
    """A run as it stands before this process goes on with it."""

    id: str | None = None
    name: str | None = None
    display_name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    #: The last value of each metric.
    last: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    #: What all values of a metric come to.
    values: dict[str, EarlierValues] = field(default_factory=dict)
    tags: list[str] | None = None
    notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    next_step: int = 0

    def add_last(self, metric: str, step: float, value: Any) -> None:
        """A metric's value at a step: the highest step counts."""
        self.next_step = max(self.next_step, int(step) + 1)
        if value is not None and step >= self.steps.get(metric, step):
            self.steps[metric] = step
            self.last[metric] = float(value)


class Search:
    """Looks for the run that facts name: by its id, else by its name. Takes two seconds at most."""

    def __init__(self, facts: RunFacts, root: Path, *, is_by_id: bool) -> None:
        self._facts = facts
        #: A run of the same name and another id is not meant.
        self._is_by_id = is_by_id
        self._root = root
        self._deadline = time.monotonic() + _SECONDS
        #: Why it can't be told whether the run exists; None when it can.
        self.doubt: str | None = None

    def run(self, base: str, token: str | None, *, is_online: bool) -> Earlier | None:
        """The run; None when it does not exist as far as could be found out, see `doubt`."""
        facts = self._facts
        if not (facts.has_given_id or facts.has_given_name):
            return None
        found = None
        if is_online:
            try:
                found = self._ask(base, token)
            except NoAnswer as error:
                self.doubt = f"no answer from {base}: {error}"
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.doubt = f"{base} answers what is not understood: {error}"
        else:
            self.doubt = "the run is offline"
        spooled = self._read_spools(found, is_asked=self.doubt is None)
        return spooled or found

    # ---- the tracker

    def _ask(self, base: str, token: str | None) -> Earlier | None:
        facts = self._facts
        path = f"/projects/{quote(facts.project, safe='')}/runs"
        connection = Connection(base, token)
        try:
            if facts.has_given_id:
                query = urlencode({"filter": f'id = "{facts.id}"', "limit": 1})
                page = self._get(connection, f"{path}?{query}")
                if page and page["runs"]:
                    return _of_record(page["runs"][0])
            if facts.has_given_name and not (self._is_by_id and facts.has_given_id):
                record = self._get(connection, f"{path}/{quote(facts.name, safe='')}")
                if record:
                    return _of_record(record)
            return None
        finally:
            connection.close()

    def _get(self, connection: Connection, path: str) -> Any:
        answer = connection.call("GET", path, total=max(0.1, self._deadline - time.monotonic()))
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise NoAnswer(answer.sentence)
        return answer.json()

    # ---- the spools of this machine

    def _read_spools(self, found: Earlier | None, *, is_asked: bool) -> Earlier | None:
        """The run with what is in spools that the tracker may not have yet; None when there are none."""
        seen: Earlier | None = None
        for folder in writers_of(self._root):
            if time.monotonic() > self._deadline:
                break
            if is_asked and Sent.read(folder).done:
                continue
            with contextlib.suppress(OSError, SpoolDamaged, KeyError, TypeError, ValueError):
                reader = SpoolReader(folder)
                try:
                    first = reader.read() if reader.segment == 0 else None
                    if isinstance(first, dict) and self._is_meant(first, found):
                        seen = seen or found or Earlier()
                        self._read(reader, first, seen)
                finally:
                    reader.close()
        return seen

    def _is_meant(self, document: dict[str, Any], found: Earlier | None) -> bool:
        facts = self._facts
        if document.get("type") != "run" or document.get("project") != facts.project:
            return False
        if document.get("id") in ((facts.id,) if found is None else (facts.id, found.id)):
            return True
        return facts.has_given_name and not facts.has_given_id and document.get("name") == facts.name

    def _read(self, reader: SpoolReader, first: dict[str, Any], seen: Earlier) -> None:
        seen.id = seen.id or first.get("id")
        seen.name = seen.name or first.get("name")
        seen.display_name = seen.display_name or first.get("display_name")
        seen.config.update(first.get("config") or {})
        for kind in ("tags", "notes", "group", "job_type"):
            if getattr(seen, kind) is None:
                setattr(seen, kind, first.get(kind))
        while (item := reader.read()) is not None:
            if time.monotonic() > self._deadline:
                say("the run's own spool is long: what its end says was not read in time")
                return
            if not isinstance(item, dict):
                # Of equal steps the later row counts, and most rows are in order.
                order = sorted(range(len(item)), key=item.steps.__getitem__)
                for metric, column in item.columns.items():
                    index = next(index for index in reversed(order) if column[index] is not None)
                    seen.add_last(metric, item.steps[index], column[index])
                    values = seen.values.setdefault(metric, EarlierValues())
                    for value, step in zip(column, item.steps, strict=True):
                        if value is not None:
                            values.add(float(value), step)
            elif item.get("type") in ("config", "summary"):
                getattr(seen, item["type"]).update(item.get("values") or {})
            elif item.get("type") in ("tags", "notes", "display_name"):
                setattr(seen, item["type"], item.get(item["type"]))


def _of_record(record: dict[str, Any]) -> Earlier:
    found = Earlier(
        id=record.get("id"),
        name=record["name"],
        display_name=record.get("display_name"),
        config=dict(record["config"]),
        summary=dict(record["summary"]),
        tags=record.get("tags"),
        notes=record.get("notes"),
        group=record.get("group"),
        job_type=record.get("job_type"),
    )
    for entry in record["metrics"]:
        found.add_last(entry["metric"], entry["last_step"], entry["last"])
        found.values.setdefault(entry["metric"], EarlierValues()).add_record(entry)
    return found


class Continuation:
    """
    What `resume` makes of a start. `how`: allow, must, never, auto or None for a new run. A ValueError tells that the
    run has to exist and does not, or the other way round.
    """

    def __init__(self, how: str | None, facts: RunFacts, root: Path) -> None:
        self._how = how
        self._facts = facts
        self._root = root
        self.auto: AutoResume | None = None
        #: The run as it was; None for a new run.
        self.earlier: Earlier | None = None

    def look(self, base: str, token: str | None, *, is_online: bool) -> None:
        """Finds the run and decides. Waits two seconds at most."""
        how, facts = self._how, self._facts
        if how == "auto":
            self.auto = AutoResume(self._root, facts.project)
            if not (facts.has_given_id or facts.has_given_name):
                last = self.auto.last_id()
                if last is None:
                    return
                facts.adopt_id(last)
        if how == "never" and not facts.has_given_id:
            # A run of the same name is another run: this one is given a name beside it.
            return
        search = Search(facts, self._root, is_by_id=how == "never")
        found = search.run(base, token, is_online=is_online)
        what = facts.id if facts.has_given_id else facts.name
        if how == "must" and found is None:
            if not (facts.has_given_id or facts.has_given_name):
                raise ValueError("resume='must' needs the id or the name of the run")
            if search.doubt is None:
                raise ValueError(f"resume='must': run {what} of project {facts.project} does not exist at {base}")
        if how == "never" and found is not None:
            raise ValueError(
                f"resume='never': run {what} of project {facts.project} exists already; resume='allow' continues it"
            )
        if search.doubt is not None and found is None and is_online:
            say(f"it could not be checked whether run {what} exists ({search.doubt})")
        self.earlier = None if how == "never" else found


class AutoResume:
    """
    Remembers the last run of a project that was begun with `resume="auto"` on this machine, until it ends well. It is a
    small file beside the spools.
    """

    def __init__(self, root: Path, project: str) -> None:
        self._path = root / f"resume-{project}.json"

    def last_id(self) -> str | None:
        """The id of a run to go on with: it did not end well, and no process writes it now."""
        try:
            found = json.loads(self._path.read_text("utf-8"))
            is_running = is_alive(self._path.parent / str(found["writer"]))
            return None if is_running else str(found["id"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, id: str, writer: str) -> None:
        """This run goes on next time, unless it ends well."""
        beside = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):
            beside.write_text(json.dumps({"id": id, "writer": writer}), "utf-8")
            os.replace(beside, self._path)

    def forget(self, id: str) -> None:
        """This run has ended well."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(self._path.read_text("utf-8"))["id"] == id:
                self._path.unlink()
