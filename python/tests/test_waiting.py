"""What the end of a run waits for, that it says so, and what it claims in its last sentence."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path
from typing import IO

import pytest

import aspara
from test_bad_servers import nobody, server
from test_processes import script
from test_sync import command
from tracker_process import TrackerProcess

HEAD = """
import sys, aspara
run = aspara.init(project=sys.argv[1], name="r")
for step in range(100):
    run.log({"a": step})
"""
TWO = """
import sys, aspara
first = aspara.init(project=sys.argv[1], name="first")
first.log({"a": 1})
second = aspara.init(project=sys.argv[1], name="second")
second.log({"a": 1})
print("begun", flush=True)
"""


def read_until(stream: IO[str] | None, text: str) -> str:
    assert stream
    found = ""
    for line in stream:
        found += line
        if text in line:
            return found
    raise AssertionError(f"{text!r} was never said:\n{found}")


@pytest.mark.parametrize(
    ("ending", "code", "printed"),
    [
        ("", 0, ""),
        ("run.finish()\nprint('after')", 0, "after\n"),
        ("raise KeyboardInterrupt", -signal.SIGINT, ""),
        ("sys.exit(3)", 3, ""),
    ],
)
def test_ctrl_c_skips_the_wait_at_the_end(ending: str, code: int, printed: str, project: str, spool: Path) -> None:
    with nobody() as uri:
        process = script(spool, uri, HEAD + ending, project)
        said = read_until(process.stderr, "Ctrl-C skips the wait")
        assert re.search(r"waiting up to 30 s for 100 rows of r to reach the tracker \(no answer from", said)
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=20)
    last = rest.splitlines()[-1]
    assert re.match(
        r"aspara: 100 of 100 rows are not sent \(no answer from .*\)\. They are kept in .*aspara sync", last
    )
    assert "Traceback" not in rest
    assert (process.returncode, out) == (code, printed)


def test_the_end_that_waits_too_long_says_the_same(
    project: str, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with nobody() as uri:
        run = aspara.init(project=project, name="r", tracker_uri=uri)
        run.log({"a": 1})
        run.finish(flush_timeout=1.5)
    said = capsys.readouterr().err.splitlines()
    assert "waiting up to 1.5 s for 1 row of r to reach the tracker" in said[-2]
    assert said[-1].startswith("aspara: 1 of 1 row is not sent (no answer from")


def hangs(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_init_does_not_wait_for_the_run_before(project: str, spool: Path) -> None:
    with server(hangs) as uri:
        process = script(spool, uri, TWO, project)
        # Neither run can be sent: both are waited for together, once, at the very end.
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        said = read_until(process.stderr, "Ctrl-C skips the wait")
        assert "waiting up to 30 s for 2 rows of 2 runs to reach the tracker" in said
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
    assert rest.count("1 of 1 row is not sent") == 2
    assert rest.count("aspara: waiting") == 0


def test_a_run_that_was_ended_by_the_next_one_arrives(tracker: TrackerProcess, project: str, spool: Path) -> None:
    process = script(spool, tracker.url, TWO, project)
    _, said = process.communicate(timeout=60)
    runs = {run["name"]: run for run in tracker.get(f"/projects/{project}/runs")["runs"]}
    assert {name: (run["status"], run["metrics"][0]["count"]) for name, run in runs.items()} == {
        "first": ("finished", 1),
        "second": ("finished", 1),
    }, said


def test_the_last_sentence_does_not_claim_what_was_refused(
    tracker: TrackerProcess, project: str, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = aspara.init(project=project, name="r", mode="offline")
    for step in range(100):
        run.log({"a": step})
    # What no client writes: a time that no tracker takes.
    run._spool.append_row(("a",), 100, 1e300, (1.0,))
    run._spool.lost, run._spool.lost_reason = 1, "No space left on device"
    run.finish(quiet=True)
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    online = aspara.init(project=project, name="s", tracker_uri=tracker.url)
    for step in range(98):
        online.log({"a": step})
    online._spool.append_row(("a",), 100, 1e300, (1.0,))
    online._spool.lost, online._spool.lost_reason = 1, "No space left on device"
    capsys.readouterr()
    online.finish()
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.match(
        r"aspara: 98 of 100 rows of s are at http.*; 1 was refused, 1 was lost \(.*; No space left", last
    ), last
    assert len(tracker.points(project, "s")) == 98
