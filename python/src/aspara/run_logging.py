"""The part of a run that takes what a training logs."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from math import inf
from time import perf_counter_ns
from typing import Any, Final
from zlib import crc32

from . import process_hooks
from .argument_names import unknown_argument
from .artifact_files import artifact_documents
from .messages import say_once
from .metric_summary import Definition, definition
from .metric_values import Flat
from .overhead import LogTimes
from .row_shape import Shape
from .run_description import checked_step
from .run_summaries import RunSummaries
from .run_view import RunView
from .spool import Spool
from .spool_format import ROW_MARK, STEP_MAX
from .timestamps import milliseconds

_now: Final = time.time
#: What wandb's log() takes besides, and what changes nothing here.
_unneeded: Final = frozenset({"sync"})


class RunLogging(RunView):
    """`log` and what describes metrics and files. `Run` opens and ends the spool that it writes to."""

    _definitions: list[Definition]
    _summaries: RunSummaries
    _times: LogTimes
    _skipped: set[str]
    #: log() calls after the end.
    _after_finish: int = 0
    _is_end_said: bool = False
    #: The highest step that was left open: rows at it may stand above the newest one that was not.
    _open_step: float = -inf

    @abstractmethod
    def _writable(self) -> Spool | None:
        """The spool to write to; None when nothing is kept."""

    @abstractmethod
    def _say(self, sentence: str) -> None:
        """Tells the person at the terminal, unless the run is silent."""

    def log(
        self,
        data: dict[str, Any],
        step: int | None = None,
        commit: bool | None = True,
        timestamp: Any = None,
        **others: Any,
    ) -> None:
        """
        Logs metrics of one step. When it returns, the disk's cache has them: killing the process loses none.

        `data`: numbers, booleans, or scalars of numpy, torch, jax and mlx, by name; nested dicts are flattened with
        `/`; NaN and infinities are data. What is no number is left out, and said once. `step`: any whole number
        within ±(2^53-1), in any order; without it, one after the highest so far. `commit=False` leaves the step open
        for another call. `timestamp`: seconds since the epoch, a datetime or ISO 8601; without it, now.

        Raises TypeError or ValueError where an argument is none of this, and nothing for the sake of a metric's name or
        value. After `finish` it says once that nothing is logged any more, and counts.
        """
        spool = self._spool
        started = 0 if spool.rows & 15 else perf_counter_ns()
        try:
            shapes = spool.shapes
            shape = shapes[tuple(data)]
            if (
                timestamp is None
                and not others
                and (step is None or (step.__class__ is int and -STEP_MAX <= step <= STEP_MAX))
            ):
                now = _now() * 1000.0
                with spool.lock:
                    at = self._step if step is None else step
                    offset = spool.offset
                    end = offset + shape.size
                    if end <= spool.room_end and spool.shapes is shapes:
                        # spool_format.encode_row, without the call.
                        record = shape.pack(shape.size, shape.number, at, now, *data.values(), offset + ROW_MARK)
                        spool.map[offset:end] = record + crc32(record).to_bytes(4, "little")
                        spool.offset = end
                        spool.rows += 1
                        if at >= self._step and commit is not False:
                            self._step = at + 1
                            shape.newest = offset
                        elif at + 1 == self._step and at >= self._open_step and commit is not False:
                            # The newest step once more, as loops have it that log losses and metrics apart.
                            shape.newest = offset
                        else:
                            self._placed(spool, shape, offset, at, commit)
                        if shape.observe:
                            shape.observe(at, data.values())
                        if started:
                            self._times.add(perf_counter_ns() - started)
                        return
        except Exception:  # noqa: S110
            # A value that is no plain number, a new shape, or no dict at all: the other way tells which.
            pass
        self._log_carefully(data, step, commit, timestamp, others)

    def _placed(self, spool: Spool, shape: Shape, offset: int, at: int, commit: bool | None) -> None:
        """A row that is not the next step: which one is the newest of its shape, and which step comes next."""
        spool.note_row(shape, offset, at)
        self._count_step(at, commit)

    def _count_step(self, at: int, commit: bool | None) -> None:
        if commit is False:
            self._open_step = max(self._open_step, at)
        self._step = max(self._step, at if commit is False else at + 1)

    def _log_carefully(self, data: Any, step: Any, commit: bool | None, timestamp: Any, others: dict[str, Any]) -> None:
        if self._is_finished:
            self._log_after_end()
            return
        for word in others:
            if word not in _unneeded:
                raise unknown_argument("log", word, ("data", "step", "commit", "timestamp"))
        if not isinstance(data, Mapping):
            raise TypeError(f"log() takes a dict of metrics, such as {{'loss': 0.5}}, not {type(data).__name__}")
        at = None if step is None else checked_step(step)
        time_ms = _now() * 1000.0 if timestamp is None else milliseconds(timestamp)
        flat = Flat(data)
        for shown, reason in flat.left_out.items():
            self._say_of(shown, f"metric {shown} is left out: {reason}")
        for key in flat.replaced:
            self._say_of(repr(key), f"metric {key!r} is given twice in one log(): the later value is kept")
        spool = self._writable()
        is_kept = True
        if spool is not None:
            if timestamp is not None:
                # The run's end is told by the clock that its rows were given.
                spool.clock_offset_ms = time_ms - _now() * 1000.0
            with spool.lock:
                row_step = self._step if at is None else at
                if flat.numbers:
                    values = list(flat.numbers.values())
                    is_kept = spool.append_row(tuple(flat.numbers), row_step, time_ms, values)
                    if not is_kept and not spool.is_closed:
                        self._say_lost(spool)
        if spool is not None and not is_kept and spool.is_closed:
            # Another thread, or a signal, has ended the run meanwhile.
            self._log_after_end()
            return
        self._count_step(self._step if at is None else at, commit)

    def _say_of(self, shown: str, sentence: str) -> None:
        """Says something about a metric, once for each."""
        if shown not in self._skipped and len(self._skipped) < 1000:
            self._skipped.add(shown)
            self._say(sentence)

    def _log_after_end(self) -> None:
        process_hooks.stay_if_dying()
        self._after_finish += 1
        self._say_ended()

    def _say_ended(self) -> None:
        if not self._is_end_said:
            self._is_end_said = True
            self._say(f"run {self.name} has ended: what is logged or set after finish() is not kept")

    def _say_lost(self, spool: Spool) -> None:
        if spool.lost == 1:
            self._say(
                f"log() has no room in {spool.folder}: {spool.lost_reason}. The run goes on, and counts what is lost"
            )

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
        **_ignored: Any,
    ) -> Definition:
        """
        Says how a metric is summed up (`summary`: one or more of min, max, first, last, mean, best, with commas
        between) and over which other metric it is drawn (`step_metric`). `*` in the name stands for anything. `goal`:
        minimize or maximize, for `best`. The summary then has `{"name": {"max": …}}`.
        """
        defined = definition(name, step_metric, summary, goal)
        if self._is_finished:
            self._say_ended()
            return defined
        if step_sync or hidden:
            say_once("define_metric: step_sync and hidden have no effect here")
        with self._spool.lock:
            self._definitions[:] = [one for one in self._definitions if one.name != defined.name] + [defined]
            self._summaries.redefine()
            # Shapes are made anew, with what is to be observed of them.
            self._spool.forget_shapes()
        return defined

    def log_artifact(
        self,
        artifact_or_path: Any = None,
        name: str | None = None,
        description: str | None = None,
        category: str | None = None,
        type: str | None = None,
        aliases: Any = None,
        *,
        file_path: Any = None,
        **_ignored: Any,
    ) -> Any:
        """
        Keeps a file, every file of a folder, or an `Artifact` with the run. It is read when it is sent: leave it there
        until `flush` or `finish` has returned. `category`: code, model, config, data or other.
        """
        path = artifact_or_path if artifact_or_path is not None else file_path
        if self._is_finished:
            self._say_ended()
            return path
        if aliases:
            say_once("log_artifact: aliases are not kept")
            if hasattr(path, "aliases"):
                path.aliases = list(aliases)
        for document in artifact_documents(path, name, description, category, type):
            self._append(document)
        return path
