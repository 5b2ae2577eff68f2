"""Reads runs back from a tracker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from .api_artifact import ApiArtifact
from .api_errors import ApiError, as_answered, not_a_tracker, quoted
from .api_run import ApiRun
from .api_runs import ApiRuns
from .http_call import Answer, Connection, NoAnswer
from .names import is_name, project_address
from .settings import default_project, token, tracker_base

__all__ = ["Api", "ApiArtifact", "ApiError", "ApiRun", "ApiRuns", "api_key"]

#: Of pages and of histories: long runs take a while to be read.
_STREAM_SECONDS: Final = 3_600.0
#: Scripts ask `wandb.api.api_key` whether somebody has logged in: nobody has to.
api_key: str | None = None
#: So that `from aspara.apis.public import Api` finds this module.
__path__: list[str] = []


class Api:
    """
    A tracker to read from. `uri`: with or without `/tracker` (ASPARA_TRACKER_URI, else http://127.0.0.1:3142). Not for
    several threads at once. Its methods raise `ApiError`. As `with aspara.Api() as api:` it closes its connection.
    """

    #: wandb's people: there are none.
    default_entity = ""
    viewer = None
    api_key: str | None = None

    def __init__(self, uri: str | None = None, timeout: float | None = 30.0, **_ignored: Any) -> None:
        """`timeout`: seconds that one question may take."""
        self._connection = Connection(tracker_base(uri), token())
        self._timeout = 30.0 if timeout is None else timeout

    @property
    def base(self) -> str:
        """The tracker's address."""
        return self._connection.base

    def projects(self, entity: str | None = None, per_page: int | None = None) -> Iterator[dict[str, Any]]:
        """The projects, in pages that are read when they are needed."""
        del entity
        yield from self.pages("/projects", "projects", {} if per_page is None else {"limit": per_page})

    def runs(
        self,
        path: str | None = None,
        filters: Any = None,
        order: str | None = None,
        per_page: int = 100,
        *,
        filter: str | None = None,
        sort: str | None = None,
        project: str | None = None,
        **_ignored: Any,
    ) -> ApiRuns:
        """
        The runs of a project, read page by page while they are gone through. `path`: the project; what stands before a
        `/` in it, as wandb has it, is passed over. `filter` and `sort` are the tracker's, as in
        `config.lr < 0.01 and "baseline" in tags` and `-metric:val/acc:max`; `filters` and `order` are wandb's, as in
        `{"state": "finished", "config.lr": {"$lt": 0.01}}` and `-created_at`.
        """
        ours = filters if isinstance(filters, str) else filter
        theirs = None if isinstance(filters, str) else filters
        where = f"/projects/{quoted(self._project(path if path is not None else project))}/runs"
        return ApiRuns(self, where, filter=ours, sort=sort or order, filters=theirs, per_page=per_page)

    def run(self, path: str, name: str | None = None) -> ApiRun:
        """One run, named as `run("project", "name")` or `run("project/name")`; the name may be its id."""
        if name is None:
            path, _, name = path.strip("/").rpartition("/")
        where = f"/projects/{quoted(self._project(path or None))}/runs"
        if is_name(name):
            try:
                record = self.get(f"{where}/{quoted(name)}")
                return as_answered(self.base, lambda: ApiRun(self, record))
            except ApiError as error:
                if error.status != 404:
                    raise
                missing = error
        else:
            missing = ApiError("Run not found", 404)
        text = json.dumps(name, ensure_ascii=False)
        query = {"filter": f"id = {text} or display_name = {text}", "limit": 1}
        found = next(self.pages(where, "runs", query), None)
        if found is None:
            raise missing
        return as_answered(self.base, lambda: ApiRun(self, found))

    from_path = run

    def artifact(self, name: str, type: str | None = None) -> Any:
        """Artifacts are read by run: raises an `ApiError` that says how."""
        del type
        raise ApiError(
            f"artifact {name}: artifacts have no versions here; run(…).artifact(name) reads one of a run", 404
        )

    def sweep(self, path: str = "") -> Any:
        """Sweeps are not kept: raises an `ApiError`."""
        raise ApiError(f"sweep {path}: sweeps are not kept", 404)

    def flush(self) -> None:
        """Has nothing to do: each question is asked anew."""

    # ---- what the objects of this module ask through

    def get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        """The JSON that the tracker answers."""
        return self._answered("GET", path + (f"?{urlencode(query, doseq=True)}" if query else ""))

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Changes something."""
        return self._answered(method, path, body)

    def stream(self, path: str, query: dict[str, Any]) -> Iterator[bytes]:
        """An answer's pieces as they come."""
        pieces = self._connection.stream(f"{path}?{urlencode(query, doseq=True)}" if query else path, _STREAM_SECONDS)
        try:
            status = int(next(pieces))
            if status != 200:
                raise ApiError(Answer(status, b"".join(pieces)).sentence, status)
            yield from pieces
        except NoAnswer as error:
            raise ApiError(f"no answer from {self._connection.base}: {error}") from error

    def pages(self, path: str, what: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What is listed in pages, one by one."""
        cursors = set()
        while True:
            page = self.get(path, query)
            entries = page.get(what)
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise not_a_tracker(self.base, f"its answer has no list of {what}")
            yield from entries
            cursor = page.get("next_cursor")
            if not cursor:
                return
            if not isinstance(cursor, str) or cursor != cursor.encode("utf-8", "replace").decode():
                raise not_a_tracker(self.base, "its answer says nothing of the next page")
            if cursor in cursors:
                raise not_a_tracker(self.base, "its list comes again and again")
            cursors.add(cursor)
            query = {**query, "cursor": cursor}

    def _answered(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = None if body is None else {"Content-Type": "application/json"}
        try:
            answer = self._connection.call(method, path, content, headers, total=self._timeout)
        except NoAnswer as error:
            raise ApiError(f"no answer from {self._connection.base}: {error}") from error
        if 300 <= answer.status < 400:
            raise ApiError(f"{self.base}: {answer.sentence}", answer.status)
        if answer.status != 200:
            raise ApiError(answer.sentence, answer.status)
        found = answer.json()
        if not isinstance(found, dict):
            raise not_a_tracker(self.base, "its answer is not a JSON object")
        return found

    @staticmethod
    def _project(path: str | None) -> str:
        text = path if path is not None else default_project() or "default"
        # As init() maps it: of wandb's entity/project the last part, unless the whole is a project's name.
        last = text.strip("/").rsplit("/", 1)[-1]
        return last if is_name(last) else project_address(last)

    def close(self) -> None:
        """Closes the connection; the next question opens one."""
        self._connection.close()

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __del__(self) -> None:
        # An Api whose address was wrong has none.
        if hasattr(self, "_connection"):
            self._connection.close()
