"""Sends a writer's spool to a tracker, from wherever the tracker says it is. Used by runs and by `aspara sync`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .artifact_upload import Refused, upload_artifact
from .batch import ROWS_MAX, Batch
from .http_call import Connection
from .memory_folder import MemoryFolder
from .older_documents import OlderDocuments
from .patient_tracker import PatientTracker
from .run_creation import create_run
from .spool_folder import Sent
from .spool_reader import Place, SpoolDamaged, SpoolReader
from .writer_position import position_of

HEARTBEAT_SECONDS: Final = 30.0
#: What a run says of itself is repeated so often.
_STATS_SECONDS: Final = 10.0
#: sent.json only spares work: it need not be written with each batch.
_SENT_SECONDS: Final = 1.0
#: Documents that are collected for one request.
_DOCUMENT_BYTES_MAX: Final = 512 * 1024
_MERGED: Final = ("config", "summary")
_REPLACED: Final = ("tags", "notes", "display_name")


class Sender:
    """
    One writer to one tracker: one request at a time, each repeated until it is answered. The tracker knows how many
    rows it has, and that decides where to go on; `sent.json` only says where in the files to begin to read.
    """

    def __init__(
        self,
        folder: Path | MemoryFolder,
        connection: Connection,
        *,
        limit: Callable[[], tuple[int, int]] | None = None,
        say: Callable[[str], None],
        stats: Callable[[], dict[str, Any]] | None = None,
        patience: float | None = None,
        deadline: float | None = None,
        continuation: dict[str, Any] | None = None,
    ) -> None:
        """
        `continuation`: the `id` and writer (`origin`) of a process that has resumed the run since. The tracker may have
        heard of the run from that one first: both are one run, and how it ends is for that one to say. `patience`:
        seconds of trouble after which `Stopped` is raised; None goes on for ever. `deadline`: when it is
        raised in any case, on the monotonic clock.
        """
        self.connection = connection
        self._tracker = PatientTracker(connection, folder, say, patience, deadline)
        self.folder = folder
        self.sent = Sent.read(folder)
        self.is_finished = False
        #: Rows that the tracker has acknowledged or refused, as places in the file.
        self.rows_sent = 0
        self.run_name: str | None = None
        self._limit = limit
        self._continuation = continuation
        self._older = OlderDocuments(self._tracker) if continuation else None
        self._stats = stats
        self._reader: SpoolReader | None = None
        self._run: dict[str, Any] | None = None
        self._is_connected = False
        self._sequence = 0
        self._rows_max = ROWS_MAX
        self._stats_at = 0.0
        self._sent_at = 0.0
        self._reconnected_at = -60.0

    # ---- what a thread or a command calls

    @property
    def trouble(self) -> str | None:
        """Why nothing is sent at the moment; None when all is well."""
        return self._tracker.trouble

    @property
    def retries(self) -> int:
        """How many requests had to be repeated."""
        return self._tracker.retries

    def wait(self, seconds: float) -> None:
        """Waits, unless somebody wakes it."""
        self._tracker.wait(seconds)

    def wake(self) -> None:
        """Ends any waiting: somebody can't wait any longer."""
        self._tracker.wake()

    def stop(self) -> None:
        """Makes the next call raise `Stopped`."""
        self._tracker.stop()

    def step(self) -> bool:
        """
        Sends what is there, up to one batch and what was said beside it. False when there was nothing. Raises
        `Stopped`, `RunRefused` (run_creation.py) or `SpoolDamaged`.
        """
        if not self._is_connected and not self._connect():
            return False
        reader = self._reader
        assert reader is not None
        start = reader.place
        batch, documents, last = self._collect(reader)
        if batch.rows:
            if not self._send_batch(batch, start):
                return True
            self.rows_sent = reader.rows
        for kind in (*_MERGED, *_REPLACED):
            if kind in documents:
                self._send_document(kind, documents[kind])
        if last is not None:
            self._send_last(last)
        if reader.place == start:
            self._write_sent(is_due=time.monotonic() - self._sent_at >= _SENT_SECONDS)
            return False
        self._acknowledge(reader.place)
        return True

    def heartbeat(self) -> None:
        """A sign of life when there has been none for a while."""
        if self._is_connected and time.monotonic() - self._tracker.answered_at >= HEARTBEAT_SECONDS:
            self._send_empty()

    def rows_left(self) -> int:
        """How many rows are in the files and not known to be acknowledged. Reads to the end, in a reader of its own."""
        reader = SpoolReader.at(self.folder, self._limit, self.sent.place)
        try:
            with contextlib.suppress(SpoolDamaged):
                while reader.read() is not None:
                    pass
            return reader.rows - max(self.rows_sent, self.sent.rows)
        finally:
            reader.close()

    def close(self) -> None:
        """Writes down how far it came."""
        self._write_sent(is_due=True)
        if self._reader:
            self._reader.close()
        self.connection.close()

    # ---- beginning

    def _connect(self) -> bool:
        """Tells the tracker of the run and asks where to go on. False when the spool has no first record yet."""
        reader = SpoolReader(self.folder, self._limit)
        run, older_config = self._run, None
        if run is None:
            if reader.rows_gone or reader.segment:
                raise SpoolDamaged(f"{self.folder}: its first segment is gone, and with it what run it is")
            first = reader.read()
            if first is None:
                reader.close()
                return False
            if not isinstance(first, dict) or first.get("type") != "run":
                raise SpoolDamaged(f"{self.folder}: it does not begin with a run")
            run = self._run = {**first, **(self._continuation or {})}
            # Not with the run, so that what is filled in of it is known.
            older_config = run.pop("config", None) if self._older else None
        self.writer = reader.writer
        created = create_run(self._tracker, run, self.writer)
        self.run_name, self._base = created.name, created.path
        if older_config:
            self._send_document("config", older_config)
        self.sent.id = created.id if run.get("id") not in (None, created.id) else None
        stored = self._ask_position(reader)
        place = self._place_of(reader, stored)
        reader.close()
        reader = SpoolReader.at(self.folder, self._limit, place)
        if self._reader:
            self._reader.close()
        self._reader = reader
        self._skip_rows(reader, self.sent.file_row(stored))
        self.rows_sent = reader.rows
        self.sent.server = self.connection.base
        self.sent.run = self.run_name
        self._is_connected = True
        return True

    def _ask_position(self, reader: SpoolReader) -> int:
        """How many rows of this writer the tracker has; the number of the next batch is noted."""
        self._sequence, rows = self._tracker.read(f"{self._base}/writers?writer={reader.writer}", position_of)
        return rows

    def _place_of(self, reader: SpoolReader, stored: int) -> tuple[int, int, int] | None:
        """Where to begin to read: as sent.json says, unless the tracker has less than that."""
        sent = self.sent
        if not sent.offset or sent.file_row(stored) < sent.rows:
            if sent.offset and not reader.rows_gone:
                self._tracker.say_once("the tracker has less than it had: sending from the beginning")
            return None
        return sent.place

    def _skip_rows(self, reader: SpoolReader, row: int) -> None:
        """Goes on to this row. What was said before it is said again: that changes nothing."""
        if reader.rows > row:
            self._tracker.say_once(f"{reader.rows - row} rows are neither at the tracker nor in {self.folder} any more")
        while reader.rows < row:
            found = reader.read(row - reader.rows)
            if isinstance(found, dict) and found.get("type") == "damaged" and (not found["rows"] or reader.rows > row):
                # What the tracker has was whole when it was sent.
                self._note_damage(max(0, reader.rows - row), reader.rows)
            if found is None:
                raise SpoolDamaged(f"{self.folder}: the tracker has {row} rows of it, and there are {reader.rows}")
            if isinstance(found, dict) and found.get("type") in (*_MERGED, *_REPLACED):
                self._send_document(found["type"], _content(found))
            elif isinstance(found, dict) and found.get("type") == "artifact":
                self._send_last(found)

    # ---- batches

    def _collect(self, reader: SpoolReader) -> tuple[Batch, dict[str, Any], dict[str, Any] | None]:
        """Rows up to a batch, the documents among them merged, and the document that stands at its end."""
        batch = Batch()
        documents: dict[str, Any] = {}
        size = 0
        while not batch.is_full and batch.rows < self._rows_max and size < _DOCUMENT_BYTES_MAX:
            before = reader.place
            found = reader.read(self._rows_max - batch.rows)
            if found is None:
                break
            if not isinstance(found, dict):
                if not batch.takes(found):
                    reader.seek(before)
                    break
                batch.add(found)
                continue
            kind = found.get("type")
            if kind == "damaged":
                if batch.rows:
                    # Its rows would be counted before those of the batch.
                    reader.seek(before)
                else:
                    self._note_damage(found["rows"], reader.rows)
                break
            size += len(str(found))
            if kind in _MERGED:
                documents.setdefault(kind, {}).update(found.get("values") or {})
            elif kind in _REPLACED:
                documents[kind] = found.get(kind)
            elif kind == "lost":
                self.sent.lost = int(found.get("count", 0))
                self._tracker.say_once(f"{self.sent.lost} log() calls were lost: {found.get('reason') or 'no room'}")
            elif kind in ("artifact", "finish"):
                return batch, documents, found
        return batch, documents, None

    def _head(self, *, with_stats: bool) -> dict[str, Any]:
        head: dict[str, Any] = {"writer": self.writer, "sequence": self._sequence}
        label = (self._run or {}).get("label")
        if label:
            head["label"] = label
        if with_stats and self._stats:
            head["client"] = self._stats()
            self._stats_at = time.monotonic()
        elif self._sequence == 0 and (self._run or {}).get("client"):
            head["client"] = self._run["client"] if self._run else None
        return head

    def _send_batch(self, batch: Batch, start: Place) -> bool:
        """False when it has to be collected anew: at another place, or in smaller pieces."""
        with_stats = time.monotonic() - self._stats_at >= _STATS_SECONDS
        body, headers = batch.body(self._head(with_stats=with_stats), self.connection.is_local)
        answer = self._tracker.call("POST", f"{self._base}/metrics/batch", body, headers)
        if answer.status == 200 and not (answer.json() or {}).get("duplicate"):
            self._sequence += 1
            # A bad row has been passed: batches may grow again.
            self._rows_max = min(ROWS_MAX, self._rows_max * 4)
            return True
        if answer.status in (200, 404, 409):
            # It was stored before and the answer got lost, or the tracker was restored: it says where to go on.
            self._reconnect()
            return False
        assert self._reader is not None
        if batch.rows > 1:
            self._reader.seek(start)
            self._rows_max = max(1, batch.rows // 2)
            return False
        row = start.rows
        self.sent.refuse(row, 1, answer.sentence)
        self._tracker.say_once(f"the tracker does not take a row, which is left out: {answer.sentence}")
        self.rows_sent = row + 1
        # Written at once: who goes on from here must know that this row was not stored.
        self.sent.segment, self.sent.offset, self.sent.rows = start
        self.sent.write(self.folder)
        return True

    def _send_empty(self) -> None:
        body, headers = Batch().body(self._head(with_stats=True))
        answer = self._tracker.call("POST", f"{self._base}/metrics/batch", body, headers)
        if answer.status == 200 and not (answer.json() or {}).get("duplicate"):
            self._sequence += 1
        else:
            self._reconnect()

    def _reconnect(self) -> None:
        # Where asking again does not help there must be no storm of questions.
        if time.monotonic() - self._reconnected_at < 1.0:
            self._tracker.wait_a_while()
        self._reconnected_at = time.monotonic()
        self._is_connected = False
        while not self._is_connected:
            self._connect()

    # ---- documents

    def _send_document(self, kind: str, content: Any) -> None:
        if self._older and not (content := self._older.missing(self._base, kind, content)):
            return
        if kind in ("notes", "display_name"):
            answer = self._tracker.call("PATCH", self._base, {kind: content})
        else:
            answer = self._tracker.call("POST", f"{self._base}/{kind}", {kind: content})
        if answer.status != 200:
            self._refuse(f"the run's {kind}", answer.sentence)

    def _send_last(self, document: dict[str, Any]) -> None:
        if document["type"] == "artifact":
            try:
                answer = self._tracker.patiently(lambda: upload_artifact(self.connection, self._base, document))
            except Refused as refused:
                self._refuse(f"artifact {document.get('name')}", str(refused))
                return
            if answer.status != 200:
                self._refuse(f"artifact {document.get('name')}", answer.sentence)
            return
        if self._stats:
            self._send_empty()
        elif document.get("client"):
            self._send_final_client(document["client"])
        words = {key: document.get(key) for key in ("exit_code", "ends_run", "time", "reason")}
        self._send_finish({**words, "ends_run": False} if self._continuation else words)

    def _send_finish(self, words: dict[str, Any]) -> None:
        body = {key: value for key, value in words.items() if value is not None}
        answer = self._tracker.call("POST", f"{self._base}/finish", {"exit_code": 0, **body, "writer": self.writer})
        if answer.status != 200:
            self._refuse("the run's end", answer.sentence)
        self.is_finished = True
        self.sent.done = True

    def finish_for_dead(self) -> None:
        """
        Ends the writer of a process that is gone and has not ended it: after the last `step`. Raises as `step` does.
        """
        # A training does not wait for what this takes to import.
        from .dead_writer import last_row_time, last_words

        assert self._reader is not None
        # It may have begun to read after the last row: in a segment that has none, or at its very end.
        last = self._reader.last_time or last_row_time(self.folder, self._limit)
        self._send_finish(last_words(self.folder, self._run or {}, last))

    def _send_final_client(self, client: dict[str, Any]) -> None:
        """Whoever sends for a process that is gone passes on what it said at its end."""
        stats, self._stats = self._stats, lambda: client
        try:
            self._send_empty()
        finally:
            self._stats = stats

    def _note_damage(self, count: int, end: int) -> None:
        """The rows before the row `end` can't be read; where they are none, a document."""
        self.sent.refuse(end - count, count, "damaged in the spool's file")
        self._tracker.say_once(f"a part of {self.folder} was damaged on the disk, and is left out")

    def _refuse(self, what: str, reason: str) -> None:
        self.sent.refuse(self.sent.rows, 0, f"{what}: {reason}")
        self._tracker.say_once(f"the tracker does not take {what}: {reason}")

    # ---- sent.json

    def _acknowledge(self, place: Place) -> None:
        self.rows_sent = place.rows
        self.sent.segment, self.sent.offset, self.sent.rows = place
        is_late = time.monotonic() - self._sent_at >= _SENT_SECONDS
        self._write_sent(is_due=is_late or self.is_finished or isinstance(self.folder, MemoryFolder))

    def _write_sent(self, *, is_due: bool) -> None:
        if is_due and self._is_connected:
            self._sent_at = time.monotonic()
            self.sent.write(self.folder)


def _content(document: dict[str, Any]) -> Any:
    kind = document["type"]
    return document.get("values") or {} if kind in _MERGED else document.get(kind)
