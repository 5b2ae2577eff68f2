"""No room: the training goes on, and what is lost is counted and said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import aspara
from aspara.spool_folder import Sent, writers_of
from test_sync import command, environment
from tracker_process import TrackerProcess


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_rows_and_says_how_many(
    small_disk: Path, tracker: TrackerProcess, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = aspara.init(project=project, name="r", mode="offline", dir=small_disk / "spool")
    begun = time.monotonic()
    for step in range(100_000):
        run.log({"a": step, "b": 1, "c": 2, "d": 3, "e": 4})
    assert time.monotonic() - begun < 10
    run.finish(exit_code=0)
    said = capsys.readouterr().err
    assert said.count("has no room in") == 1
    assert "No space left on device" in said
    client = run.overhead()
    assert 30_000 < client["rows"] < 60_000
    assert client["rows"] + client["lost"] == 100_000

    sent = command(small_disk / "spool", "sync", str(small_disk / "spool"), uri=tracker.url)
    assert sent.returncode == 0, sent.stderr
    points = tracker.points(project, "r")
    assert len(points) == 5 * client["rows"]
    (folder,) = writers_of(small_disk / "spool")
    checked = command(small_disk, "verify", "r", "--dir", str(small_disk / "spool"))
    assert checked.returncode == 0, checked.stdout
    assert f"{client['lost']} log() calls were lost" in sent.stderr
    assert Sent.read(folder).lost in (0, client["lost"])
    run_record = tracker.get(f"/projects/{project}/runs/r")
    assert run_record["writers"][0]["client"]["lost"] == client["lost"]
    assert run_record["status"] == "finished"


def test_logging_goes_on_when_there_is_room_again(small_disk: Path, project: str) -> None:
    filler = small_disk / "filler"
    run = aspara.init(project=project, mode="offline", dir=small_disk / "spool")
    for step in range(20_000):
        run.log({"a": step})
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    for step in range(60_000):
        run.log({"a": step})
    lost = run.overhead()["lost"]
    assert lost > 10_000
    filler.unlink()
    time.sleep(1.1)
    for step in range(1_000):
        run.log({"a": step})
    run.finish(quiet=True)
    assert run.overhead()["lost"] == lost


LIMITED = """
import resource, sys, aspara
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
run = aspara.init(project="p", mode="offline")
for step in range(100_000):
    run.log({"a": step, "b": 1, "c": 2, "d": 3, "e": 4})
run.finish()
print(run.overhead()["rows"], run.overhead()["lost"])
"""


def test_a_limit_on_the_size_of_files_ends_no_training(spool: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", LIMITED], env=environment(spool), capture_output=True, text=True, check=False, timeout=60
    )
    assert process.returncode == 0, process.stderr
    rows, lost = (int(number) for number in process.stdout.split())
    assert rows > 10_000
    assert rows + lost == 100_000


def test_spools_together_keep_to_their_limit(
    tracker: TrackerProcess, project: str, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASPARA_SPOOL_MAX_BYTES", "4e6")
    for nth in range(5):
        with aspara.init(project=project, name=f"sent{nth}") as run:
            for step in range(10_000):
                run.log({"a": step, "b": 1, "c": 2, "d": 3, "e": 4})
        time.sleep(0.02)
    taken = sum(os.stat(path).st_blocks * 512 for path in spool.rglob("*.spool"))
    assert taken < 4e6
    # What is not sent yet is never removed for the sake of something new.
    run = aspara.init(project=project, mode="offline")
    for step in range(100_000):
        run.log({"a": step, "b": 1, "c": 2, "d": 3, "e": 4})
    run.finish(quiet=True)
    overhead = run.overhead()
    assert overhead["lost"] > 0
    assert overhead["rows"] > 20_000
    assert overhead["rows"] + overhead["lost"] == 100_000
