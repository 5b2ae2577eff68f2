"""Waiting for what ended runs have not sent yet, and what is said about it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .run_lifecycle import RunLifecycle

#: Whoever waits longer than this is told what for.
_SILENT_SECONDS: Final = 0.7
_POLL_SECONDS: Final = 0.25


def wait_for_ends(runs: Sequence[RunLifecycle], timeout: float | None = None, quiet: bool = False) -> None:
    """
    Waits until ended runs are wholly at their trackers, each at most its own time or `timeout` seconds, and says how
    each ended. Ctrl-C skips the waiting.
    """
    begun = time.monotonic()
    waiting = _Waiting(runs, begun, timeout)
    is_skipped = False
    for run in runs:
        try:
            while not is_skipped and not run.has_arrived and waiting.goes_on(run):
                run.wait_for_progress(_POLL_SECONDS)
            if not is_skipped and run.has_arrived:
                run.send_forked(waiting.deadline_of(run))
        except KeyboardInterrupt:
            is_skipped = True
        run.close_ended(quiet, "interrupted" if is_skipped else "time is up")


class _Waiting:
    """Decides how long to wait, and says once what is waited for."""

    def __init__(self, runs: Sequence[RunLifecycle], begun: float, timeout: float | None) -> None:
        self._runs = runs
        self._begun = begun
        self._timeout = timeout
        self._is_said = False

    def deadline_of(self, run: RunLifecycle) -> float:
        """When waiting for this run ends, on the monotonic clock."""
        return self._begun + (run.flush_timeout if self._timeout is None else self._timeout)

    def goes_on(self, run: RunLifecycle) -> bool:
        """Whether to wait longer for this run."""
        waited = time.monotonic() - self._begun
        limit = self.deadline_of(run) - self._begun
        if waited >= limit or not run.is_sending:
            return False
        if not self._is_said and waited >= _SILENT_SECONDS and limit > 1.0:
            self._is_said = True
            self._say(run, limit)
        return True

    def _say(self, run: RunLifecycle, limit: float) -> None:
        waiting = [one for one in self._runs if not one.has_arrived]
        rows = sum(one.rows_waiting for one in waiting)
        what = counted(rows, "row") if rows else "the end"
        whose = f"of {run.name}" if len(waiting) == 1 else f"of {len(waiting)} runs"
        trouble = f" ({run.sending_trouble})" if run.sending_trouble else ""
        run.say(
            f"waiting up to {limit:g} s for {what} {whose} to reach the tracker{trouble}. Ctrl-C skips the wait: "
            f"{run.whereabouts}"
        )


class RunEnd(NamedTuple):
    """What is known of a run that nobody waits for any longer."""

    name: str
    url: str
    #: Rows that were kept when they were logged.
    rows: int
    #: Those of them that are not known to be at the tracker.
    waiting: int
    #: Those of them that the tracker does not take.
    refused: int
    #: Rows that were never kept.
    lost: int
    #: Why rows were refused or lost.
    reasons: Sequence[str]
    #: Whether all that can be sent is, the end of the run among it; None when nobody sends it.
    has_arrived: bool | None
    #: Why not.
    trouble: str
    #: Where rows are that wait, and how they are sent; None when they are lost with the process.
    place: str | None
    command: str


def closing_sentence(end: RunEnd) -> str:
    """What became of the rows of a run."""
    total = end.rows + end.lost
    if end.place is None and not end.waiting and end.has_arrived is False:
        return f"the end of {end.name} is lost, as it was in memory only ({end.trouble})"
    if end.place is None and end.waiting:
        # In memory only.
        gone = end.lost + end.waiting
        trouble = (end.trouble, *end.reasons) if end.trouble else end.reasons
        stored = end.rows - end.waiting - end.refused
        where = f"{are(stored)} at {end.url}" if stored else "reached the tracker"
        faults = _faults(end.refused, gone, trouble)
        return f"{stored or 'none'} of {counted(total, 'row')} of {end.name} {where}; {faults}"
    faults = _faults(end.refused, end.lost, end.reasons)
    if end.has_arrived is None:
        more = f"; {faults}" if faults else ""
        return f"{counted(end.rows, 'row')} {are(end.rows)} in {end.place}{more}. Send with: {end.command}"
    if not end.has_arrived:
        what = f"{end.waiting} of {counted(total, 'row')}" if end.waiting else f"the end of {end.name}"
        more = f"; {faults}" if faults else ""
        count = end.waiting or 1
        kept, them = are(count, "It is", "They are"), are(count, "it", "them")
        return (
            f"{what} {are(count)} not sent ({end.trouble}){more}. {kept} kept in {end.place}; "
            f"send {them} with: {end.command}"
        )
    stored = end.rows - end.waiting - end.refused
    if not faults:
        return f"{counted(total, 'row')} of {end.name} {are(total)} at {end.url}"
    return f"{stored} of {counted(total, 'row')} of {end.name} {are(stored)} at {end.url}; {faults}"


def _faults(refused: int, lost: int, reasons: Sequence[str]) -> str:
    counts = ((refused, "refused"), (lost, "lost"))
    faults = ", ".join(f"{count} {are(count, 'was', 'were')} {word}" for count, word in counts if count)
    why = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return f"{faults} ({why})" if faults and why else faults


def counted(count: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def are(count: int, one: str = "is", many: str = "are") -> str:
    """The verb that goes with a number."""
    return one if count == 1 else many
