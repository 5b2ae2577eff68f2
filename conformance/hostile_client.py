"""What hostile-tracker.test.ts has a hostile tracker answer: `hostile_client.py PROJECT…`; a line for each call."""

from __future__ import annotations

import os
import resource
import sys

import aspara
from aspara.api import ApiError


def attempt(what: str, call: object) -> None:
    try:
        print(what, "ok", ascii(str(call()))[:200])  # type: ignore[operator]
    except ApiError as error:
        print(what, "ApiError", ascii(str(error)))
    except Exception as error:
        print(what, "FAULT", type(error).__name__, ascii(str(error))[:200])


for project in sys.argv[1:]:
    api = aspara.Api(timeout=20)
    attempt(f"{project} runs", lambda: list(api.runs(project)))
    attempt(f"{project} projects", lambda: list(api.projects()))
    attempt(f"{project} run", lambda: api.run(f"{project}/r"))
    attempt(f"{project} history", lambda: api.run(f"{project}/r").history(pandas=False))
    attempt(f"{project} artifacts", lambda: [one.download() for one in api.run(f"{project}/r").artifacts()])
    attempt(f"{project} into", lambda: [one.download("into") for one in api.run(f"{project}/r").artifacts()])
    api.close()
    if os.environ.get("TRAINS"):
        run = aspara.init(project=project, name="r", id="r", resume="allow", settings={"flush_timeout": 1})
        run.log({"loss": 0.5})
        run.finish()
print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
