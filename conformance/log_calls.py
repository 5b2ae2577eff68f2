"""Makes the calls of log-calls.json with the Python client. Arguments: the cases, a folder, and a tracker's address."""

from __future__ import annotations

import datetime
import io
import json
import os
import sys
from typing import Any

import aspara

SECONDS = 1_790_000_000


def read(written: Any) -> Any:
    """The value that is written: `{"$": …}` stands for what JSON does not have."""
    if isinstance(written, list):
        return [read(item) for item in written]
    if not isinstance(written, dict):
        return written
    if "$" not in written:
        return {key: read(value) for key, value in written.items()}
    of = written.get("of")
    return TAGS[written["$"]](of, written)


def nest(of: Any, written: Any) -> Any:
    """Dicts in dicts."""
    found = read(of)
    for _ in range(written["keys"]):
        found = {"k": found}
    return found


def circle() -> dict[str, Any]:
    """A dict that holds itself."""
    found: dict[str, Any] = {}
    found["again"] = found
    return found


def given() -> None:
    """A function."""


class Given:
    """An object with attributes."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)


def numpy_value(of: str) -> Any:
    """An array of numpy."""
    import numpy as np

    return np.array(json.loads(of.lower()))


TAGS: dict[str, Any] = {
    "none": lambda of, written: None,
    "NaN": lambda of, written: float("nan"),
    "Infinity": lambda of, written: float("inf"),
    "-Infinity": lambda of, written: float("-inf"),
    "-0": lambda of, written: -0.0,
    "float": lambda of, written: float(of),
    "int": lambda of, written: int(of),
    "text": lambda of, written: written.get("between", "").join([of] * written["times"]),
    "entries": lambda of, written: {read(key): read(value) for key, value in of},
    "nest": nest,
    "circle": lambda of, written: circle(),
    "many": lambda of, written: {f"m{index}": index for index in range(written["count"])},
    "numbers": lambda of, written: numpy_value(json.dumps(of)),
    "numpy": lambda of, written: numpy_value(of),
    "bytes": lambda of, written: of.encode(),
    "set": lambda of, written: set(of),
    "object": lambda of, written: Given(read(of)),
    "image": lambda of, written: aspara.Image(None),
    "function": lambda of, written: given,
    "datetime": lambda of, written: datetime.datetime.fromisoformat(of.replace("Z", "+00:00")),
    "moment": lambda of, written: of / 1000,
    "wrong unit": lambda of, written: SECONDS * 1000,
}


def make(run: Any, call: dict[str, Any]) -> None:
    """One call."""
    if "log" in call:
        options = {name: read(call[name]) for name in ("step", "commit", "timestamp") if name in call}
        run.log(read(call["log"]), **options, **read(call.get("options", {})))
    elif "config" in call:
        run.config.update(read(call["config"]))
    elif "summary" in call:
        run.summary.update(read(call["summary"]))
    elif "tags" in call:
        run.tags = read(call["tags"])
    elif "notes" in call:
        run.notes = read(call["notes"])
    elif "define_metric" in call:
        run.define_metric(call["define_metric"], summary="max")
    elif "artifact" in call:
        run.log_artifact(call["artifact"])
    else:
        run.finish(exit_code=call["finish"], quiet=True)


def sentence(error: BaseException) -> str:
    """An error as JavaScript prints it."""
    return f"{type(error).__name__}: {error}"


def run_one(case: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """What became of one run."""
    outcome: dict[str, Any] = {"raised": None, "errors": [], "said": []}
    heard = sys.stderr = io.StringIO()
    try:
        options = {name: read(value) for name, value in {**case.get("init", {}), **case.get("unknown", {})}.items()}
        run = aspara.init(**{**more, **options})
        for call in case.get("calls", []):
            try:
                make(run, call)
                outcome["errors"].append(None)
            except Exception as error:
                outcome["errors"].append(sentence(error))
        outcome["next"] = run.step
        outcome["summary"] = {key: run.summary.get(key) for key in case.get("summary", {})}
        run.finish(quiet=True, flush_timeout=5)
        outcome.update({name: getattr(run, name) for name in ("project", "name", "id", "url", "resumed")})
        overhead = run.overhead()
        outcome["figures"] = {key: overhead.get(key) for key in case.get("figures", {})}
    except Exception as error:
        outcome["raised"] = sentence(error)
        # What was begun is the current run still, and would say so when the next one begins.
        aspara.finish(quiet=True)
    finally:
        sys.stderr = sys.__stderr__
    outcome["said"] = [line for line in heard.getvalue().splitlines() if line]
    return outcome


def main(path: str, folder: str, tracker: str) -> None:
    """All cases, one after the other."""
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    outcomes = []
    for index, case in enumerate(cases):
        more: dict[str, Any] = {"dir": os.path.join(folder, str(index)), "tracker_uri": "http://127.0.0.1:9"}
        if case.get("tracker"):
            more["tracker_uri"] = tracker
        else:
            more["mode"] = "offline"
        if "env" not in case:
            more["project"] = "log-calls"
        os.environ.update(case.get("env", {}))
        outcomes.append([run_one(run, more) for run in case.get("runs", [case])])
        for name in case.get("env", {}):
            del os.environ[name]
    # A lone half of a pair has no UTF-8.
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
