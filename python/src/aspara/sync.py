"""`aspara sync`: sends what is spooled, whoever wrote it, as often as it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .dead_writer import continuation, last_row_time
from .file_lock import FileLock
from .http_call import Connection
from .own_file import require_own_folder
from .patient_tracker import Stopped
from .run_creation import RunRefused
from .sender import Sender
from .settings import token, tracker_base
from .spool_folder import Sent, writers_of
from .spool_reader import SpoolDamaged
from .spool_state import first_record, read_state

_WATCH_SECONDS: Final = 2.0
#: A tracker that has been in trouble for so long is not there.
PATIENCE_SECONDS: Final = 10.0


@dataclass
class Outcome:
    """What became of one writer's folder."""

    folder: Path
    name: str
    #: Rows that the tracker has now and did not have before.
    sent: int
    #: Why it went no further; None when all that is there is sent.
    trouble: str | None
    #: There is nothing more to come.
    is_done: bool
    #: Rows and documents that the tracker did not take, or that could not be read.
    left_out: int = 0


def sync_all(
    roots: Sequence[Path] | Path,
    tracker_uri: str | None,
    workers: int,
    say: Callable[[str], None],
    is_dry: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> list[Outcome]:
    """
    Sends each writer below some folders, so many at a time, and answers what became of those with something to send.
    """
    places = [roots] if isinstance(roots, Path) else roots
    folders = [folder for root in places for folder in writers_of(root) if not Sent.read(folder).done]
    if is_dry:
        return [_look(folder) for folder in folders]
    # Imported here: at the end of a process, where a single folder may be sent, it can't be imported any more.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        outcomes = pool.map(lambda group: _sync_in_order(group, tracker_uri, say, patience), _by_run(folders))
        return [outcome for group in outcomes for outcome in group]


def _by_run(folders: list[Path]) -> list[list[Path]]:
    """The writers of each run in the order in which they began: whoever resumed a run comes after whoever made it."""
    runs: dict[object, list[tuple[float, Path]]] = {}
    for folder in folders:
        try:
            run = first_record(folder) or {}
        except (OSError, SpoolDamaged):
            run = {}
        key = (run.get("project"), run.get("id")) if run.get("id") else folder
        runs.setdefault(key, []).append((float(run.get("started") or 0.0), folder))
    return [[folder for _, folder in sorted(writers)] for writers in runs.values()]


def _sync_in_order(
    folders: list[Path], tracker_uri: str | None, say: Callable[[str], None], patience: float
) -> list[Outcome]:
    outcomes = []
    for folder in folders:
        outcome = sync_writer(folder, tracker_uri, say, patience)
        if outcome is not None:
            outcomes.append(outcome)
            # A tracker that was not there for one is tried once for each of the others.
            patience = 0.0 if outcome.trouble else patience
    return outcomes


def watch(roots: Sequence[Path], tracker_uri: str | None, workers: int, say: Callable[[str], None]) -> None:
    """Goes on sending what is written below some folders, until it is interrupted."""
    told: dict[Path, str | None] = {}
    while True:
        for outcome in sync_all(roots, tracker_uri, workers, lambda _: None):
            # The same trouble every two seconds would be no news.
            if outcome.sent or told.get(outcome.folder, "") != outcome.trouble:
                told[outcome.folder] = outcome.trouble
                say(sentence(outcome))
        time.sleep(_WATCH_SECONDS)


def sync_writer(
    folder: Path,
    tracker_uri: str | None,
    say: Callable[[str], None],
    patience: float,
    deadline: float | None = None,
) -> Outcome | None:
    """
    Sends one writer's folder as far as it is written, and ends the writer if its process is gone. None when somebody
    else is at it. `deadline`: when to give up, on the monotonic clock.
    """
    lock = FileLock(folder / "lock")
    try:
        require_own_folder(folder)
        if not lock.take():
            return None
    except OSError as error:
        reason = f"{folder}: {error.strerror}" if error.strerror else str(error)
        return Outcome(folder, folder.name, 0, reason, False)
    try:
        state = read_state(folder)
        if state.run is None:
            return Outcome(folder, folder.name, 0, f"{folder}: what run it is can't be read", False)
        uri = tracker_uri or os.environ.get("ASPARA_TRACKER_URI") or state.run.get("tracker_uri")
        connection = Connection(tracker_base(uri), token())
        began = state.run.get("started") or 0.0
        resumed = state.is_left and continuation(folder, state.run, lambda: last_row_time(folder) or began)
        sender = Sender(
            *(folder, connection), say=say, patience=patience, deadline=deadline, continuation=resumed or None
        )
        before = state.sent.rows - state.sent.refused_rows
        left_out = state.sent.left_out
        trouble = None
        try:
            while sender.step() and not sender.is_finished:
                lock.touch()
            # A process that was gone before that has written all it ever will.
            if not sender.is_finished and state.is_left:
                sender.finish_for_dead()
        except (Stopped, RunRefused, SpoolDamaged) as error:
            trouble = str(error)
        finally:
            sender.close()
        sent = sender.sent
        rows = max(0, sender.rows_sent - sent.refused_rows - before)
        return Outcome(folder, state.name, rows, trouble, sent.done, sent.left_out - left_out)
    except (SpoolDamaged, ValueError, OSError) as error:
        return Outcome(folder, folder.name, 0, str(error), False)
    finally:
        lock.release()


def sentence(outcome: Outcome) -> str:
    """An outcome for people."""
    rows = f"{outcome.sent} row{'' if outcome.sent == 1 else 's'} sent"
    if outcome.left_out:
        rows += f", {outcome.left_out} left out"
    if outcome.trouble:
        return f"{outcome.name}: {rows}, then: {outcome.trouble}\n  aspara sync goes on from here"
    return f"{outcome.name}: {rows}{'' if outcome.is_done else ', and it is still being written'}"


def _look(folder: Path) -> Outcome:
    try:
        state = read_state(folder)
    except (SpoolDamaged, OSError) as error:
        return Outcome(folder, folder.name, 0, str(error), False)
    return Outcome(folder, state.name, state.waiting, None, state.is_finished or state.is_left)
