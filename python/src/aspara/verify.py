"""`aspara verify`: whether the tracker has what was logged, by its own receipts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .api import Api, ApiError
from .api_errors import as_answered
from .point_reader import lines_of, moment_ms
from .receipt import Receipt
from .rows import Rows
from .spool_folder import Sent, is_alive, segments_of, writers_of
from .spool_reader import SpoolDamaged, SpoolReader
from .spool_state import first_record


@dataclass
class Verdict:
    """On one writer."""

    writer: str
    is_equal: bool
    sentence: str


def verify(root: Path, what: str, tracker_uri: str | None) -> list[Verdict]:
    """Compares every writer of a run: RUN, PROJECT/RUN, a run's id, or a writer's own UUID."""
    verdicts = []
    for folder in writers_of(root):
        try:
            run = first_record(folder)
            if run is None or not _is_meant(what, folder, run):
                continue
            sent = Sent.read(folder)
            api = Api(tracker_uri or sent.server or run.get("tracker_uri"))
            verdicts.append(as_answered(api.base, partial(_verify_writer, folder, run, sent, api)))
        except (SpoolDamaged, ApiError, OSError) as error:
            verdicts.append(Verdict(folder.name, False, str(error)))
    return verdicts


def _is_meant(what: str, folder: Path, run: dict[str, Any]) -> bool:
    names = {folder.name, run.get("name"), run.get("id"), run.get("display_name"), Sent.read(folder).run}
    return what in names or what in {f"{run.get('project')}/{name}" for name in names}


def _verify_writer(folder: Path, run: dict[str, Any], sent: Sent, api: Api) -> Verdict:
    writer = folder.name

    def verdict(is_equal: bool, sentence: str) -> Verdict:
        return Verdict(writer, is_equal, sentence)

    there: dict[str, Any] = {"rows": 0, "points": 0, "checksum": "00000000"}
    name = _name_at_tracker(run, sent, api)
    if name is not None:
        found = api.get(f"/projects/{run['project']}/runs/{name}/writers", {"writer": writer})["writers"]
        there = found[0] if found else there
    if segments_of(folder)[0] != 0:
        return verdict(False, "its first segments are no longer here, so it can't be compared")
    refused = _refused_rows(sent)
    receipt = Receipt()
    total = 0
    damaged = 0
    for rows in _rows_of(folder, refused):
        if isinstance(rows, int):
            damaged += rows
            continue
        total += len(rows)
        wanted = there["rows"] - receipt.rows
        if wanted > 0:
            receipt.add(rows if len(rows) <= wanted else _first(rows, wanted))
    if damaged:
        return verdict(False, f"{damaged} rows of the spool were damaged on the disk: they can't be compared")
    tail = f"; {sent.refused_rows} rows were refused" if sent.refused_rows else ""
    tail += f"; {sent.lost} log() calls were lost for want of room" if sent.lost else ""
    here = (receipt.rows, receipt.points, receipt.checksum)
    if here == (there["rows"], there["points"], there["checksum"]):
        numbers = f"{receipt.rows} rows, {receipt.points} points, checksum {receipt.checksum}"
        waiting = total - receipt.rows
        if waiting and not is_alive(folder):
            known = f"equal up to {numbers}" if receipt.rows else "the tracker has nothing of it yet"
            return verdict(False, f"{known}; {waiting} rows are not sent yet: aspara sync{tail}")
        more = f"; {waiting} rows are on their way" if waiting else ""
        return verdict(True, f"equal: {numbers}{more}{tail}")
    parting = _first_difference(folder, refused, run["project"], str(name), there["rows"], api)
    counted = f"{there['rows']} rows, {there['points']} points, checksum {there['checksum']}"
    ours = f"{here[0]} rows, {here[1]} points, checksum {here[2]}"
    return verdict(False, f"not equal: here {ours}; at the tracker {counted}. {parting}{tail}")


def _name_at_tracker(run: dict[str, Any], sent: Sent, api: Api) -> str | None:
    """A run may have another name there, where its own was taken; None when there is no such run."""
    named = sent.run or str(run["name"])
    try:
        record = api.get(f"/projects/{run['project']}/runs/{named}")
        if (sent.id or run.get("id")) in (None, record.get("id")) or run.get("resume"):
            return named
    except ApiError as error:
        if error.status != 404:
            raise
    try:
        for found in api.runs(str(run["project"])):
            if found.id == (sent.id or run.get("id")):
                return found.name
    except ApiError as error:
        if error.status != 404:
            raise
    return None


def _refused_rows(sent: Sent) -> list[range]:
    return [range(entry["row"], entry["row"] + entry.get("count", 1)) for entry in sent.refused]


def _rows_of(folder: Path, refused: list[range]) -> Iterator[Rows | int]:
    """The rows that the tracker should have; how many, where they can't be read any more."""
    reader = SpoolReader(folder)
    try:
        while True:
            first = reader.rows
            # Either all of what is read was refused, or none.
            edge = min((row for rows in refused for row in (rows.start, rows.stop) if row > first), default=None)
            found = reader.read() if edge is None else reader.read(edge - first)
            if found is None:
                return
            if any(first in rows for rows in refused):
                continue
            if not isinstance(found, dict):
                yield found
            elif found.get("type") == "damaged":
                yield found["rows"]
    finally:
        reader.close()


def _first(rows: Rows, count: int) -> Rows:
    columns = {key: column[:count] for key, column in rows.columns.items()}
    values = sum(value is not None for column in columns.values() for value in column)
    return Rows(rows.steps[:count], rows.times[:count], columns, values)


def _first_difference(folder: Path, refused: list[range], project: str, run: str, count: int, api: Api) -> str:
    """The first row of the spool that the tracker's export has not got."""
    there: dict[tuple[str, int], list[tuple[float, float]]] = {}
    pieces = api.stream(f"/projects/{project}/runs/{run}/metrics/export", {"format": "jsonl"})
    for line in lines_of(pieces):
        point = json.loads(line)
        there.setdefault((point["metric"], point["step"]), []).append(
            (moment_ms(point["timestamp"]), float(point["value"]))
        )
    row = 0
    for rows in _rows_of(folder, refused):
        if isinstance(rows, int):
            continue
        for index in range(len(rows)):
            if row >= count:
                return f"The first {count} rows are all there; the tracker counts others besides."
            for metric, column in rows.columns.items():
                value = column[index]
                if value is None:
                    continue
                step, moment = int(rows.steps[index]), rows.times[index]
                points = there.get((metric, step), [])
                match = next((point for point in points if _is_same(point, moment, value)), None)
                if match is None:
                    stored = ", ".join(str(point[1]) for point in points) or "nothing"
                    return f"They part at row {row}: {metric} at step {step} is {value} here, and {stored} there."
                points.remove(match)
            row += 1
    return f"All {row} rows that are here are there; the tracker counts {count}."


def _is_same(point: tuple[float, float], moment: float, value: float) -> bool:
    # Exports give times in microseconds.
    return abs(point[0] - moment) < 0.01 and (point[1] == value or (point[1] != point[1] and value != value))
