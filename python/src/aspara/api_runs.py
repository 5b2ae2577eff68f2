"""The runs of a project, as a list that is read while it is gone through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .api_errors import as_answered
from .api_run import ApiRun

if TYPE_CHECKING:
    from .api import Api


class ApiRuns:
    """Can be iterated over, indexed and counted; pages are read when they are needed, and each once."""

    def __init__(
        self, api: Api, path: str, *, filter: str | None, sort: str | None, filters: Any, per_page: int
    ) -> None:
        query: dict[str, Any] = {"limit": max(1, min(int(per_page), 1_000))}
        if filter:
            query["filter"] = filter
        if sort:
            query["sort"] = tracker_sort(sort)
        self._api = api
        self._records = api.pages(path, "runs", query)
        self._is_wanted = None
        if filters:
            from .wandb_compat.run_filters import condition

            self._is_wanted = condition(filters)
        self._read: list[ApiRun] = []
        self._at = 0

    def __iter__(self) -> Iterator[ApiRun]:
        index = 0
        while self._reach(index):
            yield self._read[index]
            index += 1

    def __next__(self) -> ApiRun:
        if not self._reach(self._at):
            raise StopIteration
        self._at += 1
        return self._read[self._at - 1]

    next = __next__

    def __len__(self) -> int:
        """How many there are: reads all of them."""
        self._reach(None)
        return len(self._read)

    def __bool__(self) -> bool:
        return self._reach(0)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int) and index >= 0:
            self._reach(index)
        else:
            self._reach(None)
        return self._read[index]

    def __repr__(self) -> str:
        return f"<runs: {len(self._read)} read so far>"

    def _reach(self, index: int | None) -> bool:
        """Reads up to an index, or to the end; whether it is there."""
        while index is None or len(self._read) <= index:
            record = next(self._records, None)
            if record is None:
                return False
            run = as_answered(self._api.base, lambda record=record: ApiRun(self._api, record))  # type: ignore[misc]
            if self._is_wanted is None or self._is_wanted(run):
                self._read.append(run)
        return True


def tracker_sort(order: str) -> str:
    """wandb's order, as `-created_at` and `+summary_metrics.loss`, as the tracker's `sort`; others are left alone."""
    if "," in order or order.lstrip("+-").startswith("metric"):
        return order
    sign = "-" if order.startswith("-") else ""
    key = order.lstrip("+-")
    known = {"created_at": "created", "createdAt": "created", "heartbeat_at": "heard", "updated_at": "heard"}
    known |= {"state": "status", "displayName": "display_name", "jobType": "job_type"}
    if key in known:
        return sign + known[key]
    place, _, rest = key.partition(".")
    if place in ("summary_metrics", "summaryMetrics"):
        # What was set in the summary, else the metric's last value.
        return f"{sign}summary.{_piece(rest)},{sign}metric:{_piece(rest)}:last"
    if place == "config" and rest:
        return f"{sign}config.{'.'.join(_piece(piece) for piece in rest.removesuffix('.value').split('.'))}"
    return sign + key


def _piece(text: str) -> str:
    if all(letter.isalnum() or letter in "_-/" for letter in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
