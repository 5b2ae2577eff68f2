"""
A training for test_random_trainings.py: `random_training.py ROUND`, where ROUND is JSON. Each call of log() that
returned is written down in a file beside it, so that it can be told later what is missing.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import Any, Final

import aspara

ROUND: Final[dict[str, Any]] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


def start(name: str) -> aspara.Run:
    return aspara.init(project="p", name=name, settings={"flush_timeout": ROUND["flush_timeout"]})


def log_rows(run: aspara.Run, key: str, rows: int) -> None:
    metric = f"{key}-{os.getpid()}"
    returned = os.open(ROUND["returned"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for step in range(rows):
        run.log({metric: step}, step=step)
        os.write(returned, f"{run.name} {metric} {step}\n".encode())
        time.sleep(ROUND["pause"])
    os.close(returned)


def through_parent(task: int) -> None:
    run = aspara.get_current_run()
    assert run
    log_rows(run, f"task{task}", 10)


def own_run(task: int) -> None:
    log_rows(start(f"{ROUND['name']}-child{task}"), "own", 20)


def nested(run: aspara.Run, depth: int) -> None:
    log_rows(run, f"depth{depth}", 20)
    if depth == 0:
        return
    pid = os.fork()
    if pid == 0:
        nested(run, depth - 1)
        os._exit(0) if depth % 2 else os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)


def train(run: aspara.Run) -> None:
    layout, rows = ROUND["layout"], ROUND["rows"]
    if layout == "threads":
        threads = [threading.Thread(target=log_rows, args=(run, f"thread{nth}", rows // 3)) for nth in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif layout == "fork":
        with multiprocessing.get_context("fork").Pool(3) as pool:
            pool.map(through_parent, range(12), chunksize=1)
    elif layout == "spawn":
        with multiprocessing.get_context("spawn").Pool(2, initializer=_know_round, initargs=(ROUND,)) as pool:
            pool.map(own_run, range(4), chunksize=1)
    elif layout == "nested":
        nested(run, 2)
    log_rows(run, "main", rows // 3)


def _know_round(known: dict[str, Any]) -> None:
    ROUND.update(known)


def end(run: aspara.Run) -> None:
    kind = ROUND["end"]
    if kind == "exception":
        raise ValueError("the end of a random training")
    if kind == "sys.exit":
        sys.exit(ROUND["code"])
    if kind == "SystemExit":
        raise SystemExit(ROUND["code"])
    if kind == "os._exit":
        os._exit(ROUND["code"])
    if kind.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, kind))
        time.sleep(20)
    if ROUND["finishes"]:
        run.finish()


if __name__ == "__main__":
    begun = start(ROUND["name"])
    train(begun)
    end(begun)
