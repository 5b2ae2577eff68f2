"""Threads, forks, many processes, ranks, signals and the ends that processes come to."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import aspara
from test_sync import command, environment
from tracker_process import TrackerProcess


def script(
    spool: Path, uri: str, text: str, *arguments: str, extra: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """A program that logs."""
    return subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        env={**environment(spool, uri), **(extra or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_threads_log_into_one_run(tracker: TrackerProcess, project: str, spool: Path) -> None:
    run = aspara.init(project=project, name="r")

    def work(thread: int) -> None:
        for step in range(2_000):
            run.log({f"t{thread}/a": step, "all": thread}, step=step)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish(quiet=True)
    metrics = {one["metric"]: one["count"] for one in tracker.get(f"/projects/{project}/runs/r")["metrics"]}
    assert metrics == {"all": 16_000, **{f"t{thread}/a": 2_000 for thread in range(8)}}
    assert "equal: 16000 rows" in command(spool, "verify", "r").stdout


def test_steps_of_threads_that_name_none_are_all_different(spool: Path) -> None:
    run = aspara.init(project="p", mode="offline")

    def work() -> None:
        for _ in range(2_000):
            run.log({"a": 1})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.step == 8_000


FORKS = """
import multiprocessing, os, sys, aspara
run = aspara.init(project=sys.argv[1], name="r")
run.log({"parent": 0})

def work(child):
    for step in range(500):
        run.log({f"child{child}": step}, step=step)

def quiet(child):
    pass

context = multiprocessing.get_context("fork")
children = [context.Process(target=work, args=(child,)) for child in range(3)]
children += [context.Process(target=quiet, args=(child,)) for child in range(3)]
for child in children:
    child.start()
for step in range(500):
    run.log({"parent": step}, step=step + 1)
for child in children:
    child.join()
pid = os.fork()
if pid == 0:
    run.log({"bare": 1}, step=0)
    run.finish()
    os._exit(0)
os.waitpid(pid, 0)
run.finish()
"""


def test_forked_children_that_log_are_writers_of_their_own(tracker: TrackerProcess, project: str, spool: Path) -> None:
    process = script(spool, tracker.url, FORKS, project)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    run = tracker.get(f"/projects/{project}/runs/r")
    counts = {one["metric"]: one["count"] for one in run["metrics"]}
    assert counts == {"parent": 501, "child0": 500, "child1": 500, "child2": 500, "bare": 1}
    assert len(run["writers"]) == 5
    assert all(one["finished_at"] for one in run["writers"])
    assert run["status"] == "finished"
    checked = command(spool, "verify", "r")
    assert (checked.returncode, checked.stdout.count("equal:")) == (0, 5)


EIGHT = r"""
import re, sys, aspara
run = aspara.init(project=sys.argv[1], name="r", resume=True, settings={"silent": True})
first = int(sys.argv[2])
for step in range(first, 40_000, 8):
    run.log({"a": step, "b": step * 0.5, "c": 1, "d": 2, "e": 3}, step=step)
run.finish(quiet=True)
print(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
"""


def test_eight_processes_write_one_run(tracker: TrackerProcess, project: str, spool: Path) -> None:
    processes = [script(spool, tracker.url, EIGHT, project, str(first)) for first in range(8)]
    for process in processes:
        printed, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert int(printed) < 60 * 1024
    points = tracker.points(project, "r")
    assert [point["value"] for point in points if point["metric"] == "a"] == list(range(40_000))
    checked = command(spool, "verify", "r")
    assert (checked.returncode, checked.stdout.count("equal: 5000 rows")) == (0, 8), checked.stdout


RANK = """
import sys, aspara
with aspara.init(project=sys.argv[1], config={"lr": 1}) as run:
    for step in range(100):
        run.log({f"rank{sys.argv[2]}": step})
print(run.name, run.id)
"""


@pytest.mark.parametrize(
    "job",
    [
        {"RANK": "{}", "WORLD_SIZE": "4", "TORCHELASTIC_RUN_ID": "job-1"},
        {"RANK": "{}", "WORLD_SIZE": "4", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"},
        {"SLURM_PROCID": "{}", "SLURM_STEP_NUM_TASKS": "4", "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0"},
    ],
)
def test_the_ranks_of_a_job_write_one_run(
    job: dict[str, str], tracker: TrackerProcess, project: str, spool: Path
) -> None:
    processes = [
        script(
            spool,
            tracker.url,
            RANK,
            project,
            str(rank),
            extra={key: value.format(rank) for key, value in job.items()},
        )
        for rank in range(4)
    ]
    printed = {process.communicate(timeout=60)[0] for process in processes}
    assert len(printed) == 1
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert {one["metric"]: one["count"] for one in run["metrics"]} == {f"rank{rank}": 100 for rank in range(4)}
    labels = [one["label"] for one in tracker.get(f"/projects/{project}/runs/{run['name']}/writers")["writers"]]
    assert sorted(label.split(" · ")[0] for label in labels) == [f"rank {rank}" for rank in range(4)]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("", 0),
        ("raise ValueError('boom')", 1),
        ("import sys; sys.exit(3)", 3),
        ("import os, signal, time; os.kill(os.getpid(), signal.SIGTERM); time.sleep(10)", 143),
        ("raise KeyboardInterrupt", 130),
        ("aspara.finish(exit_code=9)", 9),
        ("run.__exit__(ValueError, ValueError(), None)", 1),
    ],
)
def test_however_a_program_ends_its_run_does(
    ending: str, code: int, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    text = f"import aspara\nrun = aspara.init(project={project!r}, name='r')\nrun.log({{'a': 1}})\n{ending}\n"
    process = script(spool, tracker.url, text)
    _, said = process.communicate(timeout=60)
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["exit_code"], run["metrics"][0]["count"]) == (code, 1), said
    if "SIGTERM" in ending:
        assert process.returncode == -signal.SIGTERM
    if "boom" in ending:
        assert "ValueError: boom" in said


def test_a_program_that_handles_sigterm_itself_goes_on(tracker: TrackerProcess, project: str, spool: Path) -> None:
    text = f"""
import os, signal, aspara
signal.signal(signal.SIGTERM, lambda *_: print("saved", flush=True))
run = aspara.init(project={project!r}, name="r")
run.log({{"a": 1}})
os.kill(os.getpid(), signal.SIGTERM)
run.log({{"a": 2}})
"""
    process = script(spool, tracker.url, text)
    printed, said = process.communicate(timeout=60)
    assert printed == "saved\n", said
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["exit_code"], run["metrics"][0]["count"]) == (0, 2)


STORM = """
import os, signal, sys, threading, time, aspara
run = aspara.init(project=sys.argv[1], name=sys.argv[2])
print("begun", flush=True)
step = 0
while True:
    run.log({"a": step})
    step += 1
"""


def test_sigterm_in_the_middle_of_log_ends_the_run(tracker: TrackerProcess, project: str, spool: Path) -> None:
    for nth in range(5):
        process = script(spool, tracker.url, STORM, project, f"r{nth}")
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGTERM
        checked = command(spool, "sync")
        assert checked.returncode == 0, checked.stdout
        assert command(spool, "verify", f"r{nth}").returncode == 0


LEFT_OPEN = """
import os, sys, threading, aspara

def log():
    with aspara.init(project=sys.argv[1]) as run:
        run.log({"a": 1})

log()
before = len(os.listdir("/proc/self/fd"))
for _ in range(5):
    log()
print(len(os.listdir("/proc/self/fd")) - before, [thread.name for thread in threading.enumerate()])
"""


def test_nothing_is_left_open(tracker: TrackerProcess, project: str, spool: Path) -> None:
    # In a process of its own: what other tests have left to its end opens and closes files when it likes.
    said, errors = script(spool, tracker.url, LEFT_OPEN, project).communicate(timeout=60)
    assert said == "0 ['MainThread']\n", errors
