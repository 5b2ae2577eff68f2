"""Where the spool can't be made: the temporary folder, then memory, and no word that is not true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aspara
from aspara import memory_folder
from aspara.spool_folder import writers_of
from test_bad_servers import nobody
from test_logging import rows_of
from test_sync import command, environment
from tracker_process import TrackerProcess


@pytest.fixture
def no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The usual folder can't be made."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASPARA_DATA_DIR", str(tmp_path / "file"))
    return tmp_path / "file" / "spool"


@pytest.fixture
def memory_only(no_disk: Path, tmp_path: Path) -> Path:
    """Nor can the temporary one: somebody else has a folder of its name."""
    (tmp_path / "tmp" / f"aspara-{os.getuid()}").write_text("")
    return no_disk


def counts(run: aspara.Run) -> dict[str, Any]:
    overhead = run.overhead()
    return {key: overhead.get(key) for key in ("log_calls", "rows", "rows_waiting", "lost", "spool")}


def test_a_run_goes_to_the_temporary_folder(
    no_disk: Path, tmp_path: Path, tracker: TrackerProcess, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = aspara.init(project=project, name="r", mode="offline")
    for step in range(100):
        run.log({"a": step})
    run.finish()
    said = capsys.readouterr().err
    temporary = tmp_path / "tmp" / f"aspara-{os.getuid()}"
    assert f"cannot write to {no_disk}" in said
    assert f"what is logged is kept in {temporary}/spool, and is lost if the machine restarts" in said
    assert temporary.stat().st_mode & 0o777 == 0o700
    assert counts(run) == {"log_calls": 100, "rows": 100, "rows_waiting": 100, "lost": 0, "spool": "temporary"}
    # The command finds it without being told.
    assert f"{project}/r" in command(no_disk, "status").stdout
    assert command(no_disk, "sync", uri=tracker.url).returncode == 0
    assert len(tracker.points(project, "r")) == 100


NO_HOME = """
import pathlib, sys
def home():
    raise RuntimeError("Could not determine home directory.")
pathlib.Path.home = home
import aspara
run = aspara.init(project=sys.argv[1], name="r", mode="offline")
run.log({"a": 1})
run.finish()
print(run.overhead()["spool"])
"""


def test_a_user_without_a_home_has_a_private_folder_and_is_told_that_it_is_temporary(
    tmp_path: Path, project: str, spool: Path
) -> None:
    variables = {
        key: text for key, text in environment(spool).items() if key not in ("ASPARA_DATA_DIR", "XDG_DATA_HOME")
    }
    ended = subprocess.run(
        [sys.executable, "-c", NO_HOME, project],
        env={**variables, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    own = tmp_path / f"aspara-{os.getuid()}"
    assert f"what is logged is kept in {own}/spool, and is lost if the machine restarts" in ended.stderr
    assert ended.stdout == "temporary\n"
    assert own.stat().st_mode & 0o777 == 0o700


def test_a_temporary_folder_that_others_can_write_to_is_not_used(no_disk: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp" / f"aspara-{os.getuid()}"
    temporary.mkdir()
    temporary.chmod(0o777)
    run = aspara.init(project="p", mode="offline")
    assert run.overhead()["spool"] == "memory"
    assert writers_of(temporary / "spool") == []


def test_a_run_without_any_disk_is_sent_from_memory(
    memory_only: Path, tracker: TrackerProcess, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = aspara.init(project=project, name="r", config={"lr": 1})
    for step in range(30_000):
        run.log({"a": step, "b": -step})
    run.summary["best"] = 1
    run.finish()
    said = capsys.readouterr().err
    assert said.count("kept in memory only") == 1
    assert f"30000 rows of r are at {run.url}" in said
    assert counts(run) == {"log_calls": 30_000, "rows": 30_000, "rows_waiting": 0, "lost": 0, "spool": "memory"}
    assert [one["value"] for one in tracker.points(project, "r") if one["metric"] == "a"] == list(range(30_000))
    found = tracker.get(f"/projects/{project}/runs/r")
    assert (found["config"], found["summary"]["best"], found["status"]) == ({"lr": 1}, 1, "finished")


@pytest.mark.parametrize("mode", ["online", "offline"])
def test_what_memory_could_not_send_is_lost_and_said(
    mode: str, memory_only: Path, project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with nobody() as uri:
        run = aspara.init(project=project, name="r", mode=mode, tracker_uri=uri)
        for step in range(100):
            run.log({"a": step})
        run.finish(flush_timeout=0.5)
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("aspara: none of 100 rows of r reached the tracker; 100 were lost ("), said
    assert run.url not in said[-1]
    assert counts(run) == {"log_calls": 100, "rows": 0, "rows_waiting": 0, "lost": 100, "spool": "memory"}


@pytest.fixture
def little_memory(memory_only: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Three segments."""
    monkeypatch.setattr(memory_folder, "BYTES_MAX", 3 * memory_folder.SEGMENT_BYTES)
    return memory_folder.BYTES_MAX


def test_memory_has_an_end(little_memory: int, project: str, capsys: pytest.CaptureFixture[str]) -> None:
    values = {f"m{nth}": 1.0 for nth in range(1000)}
    with nobody() as uri:
        run = aspara.init(project=project, name="r", tracker_uri=uri)
        for _ in range(little_memory // 8000 + 1000):
            run.log(values)
        before = counts(run)
        run.finish(flush_timeout=0)
    assert before["lost"] > 500
    assert before["rows"] * 8000 < little_memory
    assert "12 MiB wait in memory" in capsys.readouterr().err
    assert counts(run)["lost"] == before["log_calls"]


def test_memory_that_is_sent_is_used_again(little_memory: int, tracker: TrackerProcess, project: str) -> None:
    values = {f"m{nth}": 1.0 for nth in range(1000)}
    run = aspara.init(project=project, name="r")
    for _ in range(4):
        for _ in range(750):
            run.log(values)
        assert run.flush() == 0
    run.finish(quiet=True)
    assert counts(run) == {"log_calls": 3_000, "rows": 3_000, "rows_waiting": 0, "lost": 0, "spool": "memory"}


FULL = """
import sys, aspara
run = aspara.init(project=sys.argv[1], name="r", dir=sys.argv[2])
for step in range(1000):
    run.log({"a": step})
run.finish()
"""


def test_a_disk_that_is_full_from_the_start(tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(full)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        process = subprocess.run(
            [sys.executable, "-c", FULL, project, str(full / "spool")],
            env=environment(spool, tracker.url),
            capture_output=True,
            text=True,
            check=False,
        )
        left = list((full / "spool").iterdir())
    finally:
        subprocess.run(["umount", "-l", str(full)], check=True)
    assert "No space left on device" in process.stderr
    assert "1000 rows of r are at" in process.stderr
    assert left == []
    assert len(tracker.points(project, "r")) == 1000


def test_more_metrics_than_a_request_takes_are_divided(
    tracker: TrackerProcess, project: str, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = aspara.init(project=project, name="r")
    for step in range(2):
        # Together more than 10,000 names, and in one call.
        for part in range(3):
            run.log({f"part{part}/{nth}": nth for nth in range(4_000)}, step=step)
        run.log({f"once/{nth}": nth for nth in range(11_000)}, step=step)
        run.log({f"long/{nth:0500}": nth for nth in range(2_200)}, step=step)
    run.finish()
    overhead = run.overhead()
    assert (overhead["log_calls"], overhead["lost"], overhead["refused"]) == (10, 0, 0)
    assert overhead["retries"] == 0
    assert "refuse" not in capsys.readouterr().err
    points = tracker.points(project, "r")
    assert len(points) == 2 * (12_000 + 11_000 + 2_200)
    assert {one["step"] for one in points} == {0, 1}
    assert rows_of(spool)[-1][0] == 1
    assert command(spool, "verify", "r").returncode == 0
