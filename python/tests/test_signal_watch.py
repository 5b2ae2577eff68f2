"""A signal that comes just before a call that blocks for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

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


def test_a_worker_that_waits_for_a_lock_ends_all_the_same(spool: Path, tmp_path: Path) -> None:
    program = tmp_path / "worker.py"
    program.write_text(WORKER)
    process = subprocess.run(
        [sys.executable, program], env=environment(spool), capture_output=True, text=True, check=False, timeout=60
    )
    assert process.stdout == f"{-signal.SIGTERM}\n", process.stderr
