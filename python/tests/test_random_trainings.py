"""
Trainings of random layouts that come to random ends, with a tracker in random states and on random disks: each log()
that returned is stored exactly once, or counted as lost and said, and the status of the run is right. SEED=… repeats
it, ROUNDS=… does it so many times.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from test_sync import environment
from tracker_process import TrackerProcess

ROUNDS: Final = int(os.environ.get("ROUNDS", "5"))
SEED: Final = int(os.environ.get("SEED", random.randrange(2**31)))
#: A run of which nobody can know that its process is dead is lost after two minutes: only long tests wait for that.
WAITS_FOR_LOST: Final = ROUNDS >= 10
AT_ONCE: Final = threading.Semaphore(3)
CODES: Final = {"SIGTERM": 143, "SIGINT": 130, "SIGHUP": 129, "exception": 1, "normal": 0}
KILLED: Final = ("SIGKILL", "os._exit")


class Round:
    """One training."""

    def __init__(self, number: int, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        folder.mkdir()
        self.layout = chance.choice(["plain", "fork", "spawn", "threads", "nested"])
        self.end = chance.choice([*CODES, *KILLED, "sys.exit", "SystemExit"])
        self.tracker_is = chance.choice(["running", "running", "down at first", "restarted", "absent"])
        self.disk = chance.choice(["home", "home", "temporary", "memory"])
        #: Whether the tracker's intake sees the spool.
        self.is_seen = chance.random() < 0.5
        #: Signals come from outside and at any moment, or from the program itself at its end.
        self.is_sudden = (
            self.end.startswith("SIG") and self.layout in ("plain", "threads", "fork") and chance.random() < 0.5
        )
        self.is_group = chance.random() < 0.5
        self.sudden_after = chance.randrange(5, 60)
        self.code = chance.choice([0, 3, 7])
        self.name = f"r{number}"
        self.round = {
            "name": self.name,
            "layout": self.layout,
            "end": self.end,
            "code": self.code,
            "rows": 90,
            "pause": chance.choice([0.0005, 0.005]),
            "finishes": chance.random() < 0.5,
            "flush_timeout": 2.0 if self.tracker_is == "absent" else 30.0,
            "returned": str(folder / "returned"),
        }
        self.waits = [chance.uniform(0.2, 1.5) for _ in range(3)]
        (folder / "tmp").mkdir()
        (folder / "file").write_text("")
        shared = {"XDG_DATA_HOME": str(folder / "xdg"), "TMPDIR": str(folder / "tmp"), "HOME": str(folder)}
        apart = {"XDG_DATA_HOME": str(folder / "other"), "TMPDIR": str(folder), "HOME": str(folder / "other")}
        # Where a tracker's data folder is, its spool folder is looked into.
        data = folder / "data"
        self.tracker = TrackerProcess(
            data if self.is_seen else folder / "tracker", 0, variables=shared if self.is_seen else apart
        )
        self.variables = {**shared, "ASPARA_DATA_DIR": str(data if self.disk == "home" else folder / "file")}
        if self.disk == "memory":
            (folder / "tmp" / f"aspara-{os.getuid()}").write_text("")
        self.said = ""

    def __str__(self) -> str:
        how = f"{self.end}{', sudden' if self.is_sudden else ''}{', to its group' if self.is_group else ''}"
        return (
            f"{self.name}: {self.layout}, {how}, code {self.code}, tracker {self.tracker_is}, disk {self.disk}, "
            f"{'seen' if self.is_seen else 'not seen'} by the tracker, {json.dumps(self.round)}"
        )

    @property
    def is_killed(self) -> bool:
        return self.end in KILLED

    def play(self) -> None:
        try:
            with AT_ONCE:
                self._train()
            self._check()
        except Exception as error:
            raise AssertionError(f"SEED={SEED} {self}\n{error}\nIt said:\n{self.said}") from error
        finally:
            self.tracker.stop()

    def _train(self) -> None:
        if self.tracker_is in ("down at first", "absent"):
            # Its address must be known before it listens.
            with socket.create_server(("127.0.0.1", 0)) as taken:
                self.tracker.port = taken.getsockname()[1]
            self.tracker.url = f"http://127.0.0.1:{self.tracker.port}"
        else:
            self.tracker.start()
        said = (self.folder / "said").open("w")
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("random_training.py")), json.dumps(self.round)],
            env={**environment(self.folder / "data" / "spool", self.tracker.url), **self.variables},
            stderr=said,
            start_new_session=True,
        )
        meanwhile = threading.Thread(target=self._disturb)
        meanwhile.start()
        try:
            if self.is_sudden:
                while process.poll() is None and self._returned().total() < self.sudden_after:
                    time.sleep(0.005)
                number = getattr(signal, self.end)
                if process.poll() is None:
                    (os.killpg if self.is_group else os.kill)(process.pid, number)
            process.wait(timeout=90)
            # What outlives it would be ended with its terminal, too; but it may end by itself first.
            for _ in range(100):
                if not _group_lives(process.pid):
                    break
                time.sleep(0.05)
        finally:
            if _group_lives(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
            meanwhile.join()
            said.close()
            self.said = (self.folder / "said").read_text()
        if self.tracker_is == "absent":
            self.tracker.start()

    def _disturb(self) -> None:
        if self.tracker_is == "down at first":
            time.sleep(self.waits[0])
            self.tracker.start()
        elif self.tracker_is == "restarted":
            time.sleep(self.waits[0])
            self.tracker.kill()
            time.sleep(self.waits[1])
            self.tracker.start()

    def _returned(self) -> Counter[str]:
        try:
            return Counter((self.folder / "returned").read_text().splitlines())
        except FileNotFoundError:
            return Counter()

    # ---- what must be true in the end

    def _check(self) -> None:
        runs = {line.split(" ")[0] for line in self._returned()} | {self.name}
        if self.is_killed and not self.is_seen and WAITS_FOR_LOST and self._record(self.name):
            self._wait_for_status(self.name, {"lost"})
        if not self.is_seen and self.disk != "memory":
            # Nobody else sends it.
            self._sync()
        for run in sorted(runs):
            self._wait_for_status(run, self._statuses(run))
        self._check_rows(runs)

    def _statuses(self, run: str) -> set[str]:
        if run != self.name:
            # A child's own run ended with it, when the pool did.
            if self.disk == "memory" and self.tracker_is == "absent":
                return {"missing"}
            # A pool leaves its workers little time: what is in memory only is then lost, and said to be.
            is_hasty = self.disk == "memory" and self.tracker_is != "running"
            right = {"finished", "failed", "lost"} if self.is_sudden else {"finished"}
            return right | {"missing", "lost", "running"} if is_hasty else right
        if self.is_killed:
            return {"failed"} if self.disk != "memory" else {"lost", "running", "missing"}
        if self.disk == "memory" and self.tracker_is == "absent":
            return {"missing"}
        code = self.code if self.end in ("sys.exit", "SystemExit") else CODES[self.end]
        right = {"failed" if code else "finished"}
        # A signal leaves five seconds: what is in memory only is then lost, and said to be.
        is_hasty = self.disk == "memory" and self.tracker_is != "running" and self.end in ("SIGTERM", "SIGHUP")
        return right | {"missing", "lost", "running"} if is_hasty else right

    def _wait_for_status(self, run: str, wanted: set[str]) -> None:
        deadline = time.monotonic() + 180
        while True:
            record = self._record(run)
            found = record["status"] if record else "missing"
            if found in wanted:
                break
            assert time.monotonic() < deadline, f"{run} is {found}, not {wanted}: {record}"
            time.sleep(0.5)
        if record and run == self.name and found in ("finished", "failed") and not self.is_killed:
            code = self.code if self.end in ("sys.exit", "SystemExit") else CODES[self.end]
            assert record["exit_code"] == code, record
        if record and found == "failed" and self.is_killed and run == self.name:
            assert "ended without finishing the run" in record["finish_reason"], record

    def _sync(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "aspara", "sync"],
            env={**environment(self.folder / "data" / "spool", self.tracker.url), **self.variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _record(self, run: str) -> dict[str, Any] | None:
        try:
            record: dict[str, Any] = self.tracker.get(f"/projects/p/runs/{run}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None
        return record

    def _check_rows(self, runs: set[str]) -> None:
        stored: Counter[str] = Counter()
        for run in runs:
            if self._record(run):
                stored.update(f"{run} {one['metric']} {one['step']}" for one in self.tracker.points("p", run))
        twice = [row for row, count in stored.items() if count > 1]
        assert not twice, f"stored twice: {twice[:5]}"
        returned = self._returned()
        missing = [row for row in returned if row not in stored]
        lost = sum(int(count) for count in re.findall(r"(\d+) (?:was|were) lost", self.said))
        # What is in memory only goes with a process that is killed, and pools kill workers that a signal has reached.
        is_lost_unsaid = self.is_killed or self.layout == "nested" or (self.is_sudden and self.is_group)
        if not (self.disk == "memory" and is_lost_unsaid):
            assert len(missing) <= lost, f"{len(missing)} rows are missing, {lost} were lost: {missing[:5]}"
        for count, name in re.findall(r"aspara: (\d+) rows? of (\S+) (?:is|are) at", self.said):
            rows = sum(row.startswith(f"{name} ") for row in stored)
            assert rows >= int(count), f"{count} rows of {name} are said to be stored, and {rows} are"


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_random_trainings_lose_nothing_and_end_rightly(tmp_path: Path) -> None:
    print(f"SEED={SEED} ROUNDS={ROUNDS}", file=sys.__stderr__, flush=True)
    chance = random.Random(SEED)
    rounds = [Round(number, tmp_path / f"round{number}", chance) for number in range(ROUNDS)]
    with ThreadPoolExecutor(max_workers=ROUNDS) as pool:
        results = [pool.submit(one.play) for one in rounds]
    faults = [str(result.exception()) for result in results if result.exception()]
    assert not faults, "\n\n".join(faults)
