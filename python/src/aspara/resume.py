"""Where a run that is resumed goes on."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from .http_call import Connection, NoAnswer
from .messages import say

#: The only question that a start ever waits for, and only where a run is resumed.
_SECONDS: Final = 2.0


def next_step(base: str, token: str | None, project: str, id: str, name: str) -> int:
    """One after the highest step that the tracker has of a run; 0 when it has none or does not answer in time."""
    connection = Connection(base, token)
    try:
        path = f"/projects/{quote(project, safe='')}/runs"
        for found_name in dict.fromkeys((name, id)):
            answer = connection.call("GET", f"{path}/{quote(found_name, safe='')}/metrics", total=_SECONDS)
            found = answer.json() if answer.status == 200 else None
            steps = [entry["last_step"] for entry in (found or {}).get("metrics", [])]
            if steps:
                return int(max(steps)) + 1
    except NoAnswer as error:
        say(f"the tracker did not say where the run goes on ({error}): steps that are not named begin with 0")
    except (KeyError, TypeError, ValueError):
        return 0
    finally:
        connection.close()
    return 0
