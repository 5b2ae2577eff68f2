"""What is left on the disk: `aspara sync`, `status` and `verify`, as a person calls them."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
import zlib
from pathlib import Path

import pytest

import aspara
from aspara.file_lock import FileLock
from aspara.rows import Rows
from aspara.spool import Spool
from aspara.spool_folder import Sent, writers_of
from aspara.spool_reader import SpoolReader
from tracker_process import ROOT, TrackerProcess


def environment(spool: Path, uri: str | None = None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ASPARA_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT / "python" / "src"),
        "ASPARA_DATA_DIR": str(spool.parent),
        **({"ASPARA_TRACKER_URI": uri} if uri else {}),
    }


def command(spool: Path, *words: str, uri: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aspara", *words],
        env=environment(spool, uri),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_offline_run_is_synced_later(tracker: TrackerProcess, project: str, spool: Path) -> None:
    run = aspara.init(project=project, name="r", mode="offline", config={"a": 1}, tags=["t"])
    for step in range(25_000):
        run.log({"loss": 1 / (step + 1), "acc": step})
        if step % 1000 == 0:
            run.log({"val": step}, step=step)
    run.summary["best"] = 1
    run.finish(exit_code=3)

    status = command(spool, "status")
    assert re.search(rf"{project}/r +waits +25025 +25025 +1\.\d MB\n", status.stdout)
    dry = command(spool, "sync", "--dry-run")
    assert dry.stdout == f"{project}/r: 25025 rows wait\n"
    before = command(spool, "verify", "r")
    assert (before.returncode, "25025 rows are not sent yet" in before.stdout) == (1, True)

    sent = command(spool, "sync", str(spool))
    assert (sent.stdout, sent.returncode) == (f"{project}/r: 25025 rows sent\n", 0), sent.stderr
    found = tracker.get(f"/projects/{project}/runs/r")
    assert (found["exit_code"], found["config"], found["summary"], found["tags"]) == (3, {"a": 1}, {"best": 1}, ["t"])
    assert {one["metric"]: one["count"] for one in found["metrics"]} == {"loss": 25_000, "acc": 25_000, "val": 25}
    checked = command(spool, "verify", f"{project}/r")
    assert re.search(r"equal: 25025 rows, 50025 points, checksum [0-9a-f]{8}$", checked.stdout.strip()), checked.stdout
    assert checked.returncode == 0

    again = command(spool, "sync")
    assert again.stdout.startswith("nothing waits")
    assert "1 fully sent; kept for a week" in command(spool, "status").stdout


def test_sync_says_when_nobody_listens(spool: Path) -> None:
    aspara.init(project="p", name="r", mode="offline", tracker_uri="http://127.0.0.1:9").finish(quiet=True)
    from aspara.sync import sync_all

    (outcome,) = sync_all(spool, None, 1, lambda _: None, patience=0.3)
    assert outcome.trouble
    assert "no answer from http://127.0.0.1:9" in outcome.trouble


def test_a_folder_that_somebody_sends_is_left_alone(tracker: TrackerProcess, project: str, spool: Path) -> None:
    aspara.init(project=project, name="r", mode="offline").finish(quiet=True)
    (folder,) = writers_of(spool)
    lock = FileLock(folder / "lock")
    assert lock.take()
    assert command(spool, "sync").stdout.startswith("nothing waits")
    lock.release()
    assert "0 rows sent" in command(spool, "sync").stdout


def test_verify_says_where_they_part(tracker: TrackerProcess, project: str, spool: Path) -> None:
    run = aspara.init(project=project, name="r")
    for step in range(100):
        run.log({"loss": step + 0.5})
    run.finish(quiet=True)
    assert command(spool, "verify", "r").returncode == 0
    (folder,) = writers_of(spool)
    path = folder / "000000.spool"
    data = bytearray(path.read_bytes())
    import struct

    at = data.index(struct.pack("<d", 41.5))
    data[at : at + 8] = struct.pack("<d", 42.75)
    # As whoever wants to deceive would: behind the value and the mark.
    data[at + 12 : at + 16] = zlib.crc32(data[at - 24 : at + 12]).to_bytes(4, "little")
    path.write_bytes(data)
    checked = command(spool, "verify", folder.name)
    assert checked.returncode == 1
    assert "not equal" in checked.stdout
    assert "They part at row 41: loss at step 41 is 42.75 here, and 41.5 there." in checked.stdout


def test_rows_that_the_tracker_never_takes_are_left_out_and_counted(
    tracker: TrackerProcess, project: str, spool: Path
) -> None:
    written = Spool(spool, 10**9)
    written.append_document({"type": "run", "project": project, "name": "r", "tracker_uri": tracker.url})
    bad = {17, 400, 401, 999}
    for step in range(1000):
        written.append_row(("a",), step, 1e17 if step in bad else 1.7e12 + step, (step,))
    written.append_document({"type": "finish", "exit_code": 0})
    written.close()
    sent = command(spool, "sync")
    assert (sent.stdout, sent.returncode) == (f"{project}/r: 996 rows sent, 4 left out\n", 0), sent.stderr
    assert "does not take a row" in sent.stderr
    assert [point["step"] for point in tracker.points(project, "r")] == [
        step for step in range(1000) if step not in bad
    ]
    refused = Sent.read(written.folder).refused
    rows = [entry["row"] + nth for entry in refused for nth in range(entry["count"])]
    assert rows == sorted(bad)
    assert all("timestamps" in entry["reason"] for entry in refused)
    checked = command(spool, "verify", "r")
    assert "equal: 996 rows" in checked.stdout
    assert "4 rows were refused" in checked.stdout


def test_a_name_that_is_taken_gets_another_ending(
    tracker: TrackerProcess, project: str, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in (1, 2):
        with aspara.init(project=project, name="same") as run:
            run.log({"a": value})
    assert re.fullmatch(r"same-[0-9a-f]{4}", run.name)
    assert "has a run named same already" in capsys.readouterr().err
    runs = tracker.get(f"/projects/{project}/runs")["runs"]
    assert {one["name"]: one["metrics"][0]["last"] for one in runs} == {"same": 1, run.name: 2}
    checked = command(spool, "verify", "same")
    assert (checked.returncode, checked.stdout.count("equal: 1 rows")) == (0, 2)


def test_a_resumed_run_goes_on_where_it_was(tracker: TrackerProcess, project: str) -> None:
    for part in range(3):
        with aspara.init(project=project, name="same", resume=part > 0) as run:
            assert run.step == part * 5
            for _ in range(5):
                run.log({"a": part})
    points = tracker.points(project, "same")
    assert [(point["step"], point["value"]) for point in points] == [(step, step // 5) for step in range(15)]


TRAINING = """
import sys, aspara
run = aspara.init(project=sys.argv[1], name=sys.argv[2], tracker_uri=sys.argv[3])
step = 0
while True:
    run.log({"loss": step * 0.5, "acc": 1 / (step + 1)} if step % 7 else {"loss": step * 0.5, "val": step})
    print(step, flush=True)
    step += 1
"""


def test_what_log_took_is_stored_once_whatever_is_killed(
    own_tracker: TrackerProcess, project: str, spool: Path, tmp_path: Path
) -> None:
    seed = int(os.environ.get("SEED", time.time_ns() % 100_000))
    print(f"SEED={seed}")
    chance = random.Random(seed)
    rounds = int(os.environ.get("ROUNDS", "4"))
    for nth in range(rounds):
        name = f"r{nth}"
        training = subprocess.Popen(
            [sys.executable, "-c", TRAINING, project, name, own_tracker.url],
            env=environment(spool),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert training.stdout
        rows_wanted = chance.choice([1, 50, 3_000, 20_000])
        returned = -1
        for line in training.stdout:
            returned = int(line)
            if returned >= rows_wanted:
                break
        is_tracker_killed = chance.random() < 0.5
        if is_tracker_killed:
            own_tracker.kill()
            time.sleep(chance.random() * 0.3)
        training.send_signal(signal.SIGKILL)
        rest = training.stdout.read().splitlines()
        training.wait()
        returned = max([returned, *(int(line) for line in rest if line.isdigit())])
        if is_tracker_killed:
            own_tracker.start()
        # Those that send are killed, too.
        for _ in range(chance.randrange(3)):
            sync = subprocess.Popen(
                [sys.executable, "-m", "aspara", "sync"], env=environment(spool), stdout=subprocess.DEVNULL
            )
            time.sleep(chance.random() * 0.4)
            sync.kill()
            sync.wait()
        sent = command(spool, "sync")
        assert sent.returncode == 0, sent.stdout + sent.stderr
        checked = command(spool, "verify", name)
        assert checked.returncode == 0, checked.stdout
        steps = [point["step"] for point in own_tracker.points(project, name) if point["metric"] == "loss"]
        assert steps == list(range(len(steps)))
        # The last log() may have been killed between the file and its return.
        assert returned + 1 <= len(steps) <= returned + 2


def test_a_running_job_is_synced_from_elsewhere(tracker: TrackerProcess, project: str, spool: Path) -> None:
    run = aspara.init(project=project, name="r", mode="offline")
    run.log({"a": 1})
    assert "1 row sent, and it is still being written" in command(spool, "sync").stdout
    for _ in range(10):
        run.log({"a": 2})
    assert "10 rows sent, and it is still being written" in command(spool, "sync").stdout
    run.finish(quiet=True)
    assert command(spool, "sync").stdout == f"{project}/r: 0 rows sent\n"
    assert len(tracker.points(project, "r")) == 11


def test_a_tracker_that_lost_a_run_gets_it_again(own_tracker: TrackerProcess, project: str) -> None:
    with aspara.init(project=project, name="r", tracker_uri=own_tracker.url) as run:
        run.log({"a": 1})
        assert run.flush() == 0
        # The trash, too: from there it would go on where it was.
        for path in ("runs/r", "trash"):
            request = urllib.request.Request(f"{own_tracker.url}/api/v1/projects/{project}/{path}", method="DELETE")
            urllib.request.urlopen(request).close()
        run.log({"a": 2})
    values = [point["value"] for point in own_tracker.points(project, "r")]
    assert values == [1, 2]


def test_what_is_spooled_is_json_for_people_who_look(spool: Path) -> None:
    run = aspara.init(project="p", name="r", mode="offline")
    run.log({"a": 1})
    run.finish(quiet=True)
    (folder,) = writers_of(spool)
    reader = SpoolReader(folder)
    kinds = [item["type"] if isinstance(item, dict) else len(item) for item in iter(reader.read, None)]
    assert kinds == ["run", 1, "finish"]
    assert isinstance(json.loads(json.dumps(kinds)), list)
    assert not any(isinstance(item, Rows) for item in iter(reader.read, None))
