"""A signal that comes just before a call that blocks for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from aspara.spool_folder import writers_of
from aspara.spool_state import read_state
from test_bad_servers import nobody
from test_sync import environment

#: Between the C handler, which only notes the signal, and the Python one stands the blocking call: the signal is sent
#: to another thread, so that it interrupts nothing, as when it comes an instant before the call.
WORKER = """
import multiprocessing, os, signal, sys, threading, aspara

def work(lock, ready):
    run = aspara.init(project="p", mode="offline", name="worker")
    run.log({"a": 1})
    parked = threading.Thread(target=lambda: threading.Event().wait(), daemon=True)
    parked.start()
    blocked = threading.Thread(
        target=lambda: (ready.wait(), __import__("time").sleep(0.5), signal.pthread_kill(parked.ident, signal.SIGTERM)),
        daemon=True,
    )
    blocked.start()
    ready.set()
    lock.acquire()

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    lock, ready = context.Lock(), context.Event()
    lock.acquire()
    child = context.Process(target=work, args=(lock, ready))
    child.start()
    child.join()
    print(child.exitcode)
"""

POOL = """
import multiprocessing, sys, time, aspara

def work(task):
    run = aspara.init(project="p", name=f"r{task}")
    for step in range(20):
        run.log({"a": step})
    time.sleep(0.05)

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(4), chunksize=1)
    print("over")
"""


def test_a_worker_that_waits_for_a_lock_ends_all_the_same(spool: Path, tmp_path: Path) -> None:
    program = tmp_path / "worker.py"
    program.write_text(WORKER)
    process = subprocess.run(
        [sys.executable, program], env=environment(spool), capture_output=True, text=True, check=False, timeout=60
    )
    assert process.stdout == f"{-signal.SIGTERM}\n", process.stderr


def test_a_pool_does_not_wait_long_for_workers_whose_tracker_is_not_there(spool: Path, tmp_path: Path) -> None:
    program = tmp_path / "pool.py"
    program.write_text(POOL)
    with nobody() as uri:
        process = subprocess.run(
            [sys.executable, program],
            env=environment(spool, uri),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert process.stdout == "over\n"
    assert "Traceback" not in process.stderr
    assert process.stderr.count("20 of 20 rows are not sent") <= 4
    states = [read_state(folder) for folder in writers_of(spool)]
    assert [(state.rows, state.is_finished) for state in states] == [(20, True)] * 4
