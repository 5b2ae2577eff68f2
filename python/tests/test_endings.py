"""The ends that programs, threads, pools and children come to, and what their runs then say."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aspara.spool_folder import writers_of
from aspara.spool_state import first_record
from test_processes import script
from test_sync import command, environment
from tracker_process import TrackerProcess

HEAD = """
from sys import exit as exit_early
import os, signal, sys, threading, time, aspara
kept = []

def caught(code):
    try:
        sys.exit(code)
    except SystemExit as error:
        kept.append(error)

def answer(code):
    return code

run = aspara.init(project=sys.argv[1], name="r")
run.log({"a": 1})
"""


def run_file(program: Path, spool: Path, tracker: TrackerProcess, project: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(program), project],
        env=environment(spool, tracker.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("ending", "code", "reason"),
    [
        ("sys.exit(3)", 3, None),
        ("exit(3)", 3, None),
        ("quit(3)", 3, None),
        ("exit_early(3)", 3, None),
        ("raise SystemExit(3)", 3, None),
        ("raise SystemExit(answer(3))", 3, None),
        ("raise SystemExit(answer(0))", 0, None),
        ("raise SystemExit(answer(None))", 0, None),
        ("sys.exit('no data')", 1, "no data"),
        ("caught(3)", 0, None),
        ("caught(3)\nsys.exit(5)", 5, None),
        ("caught(3)\nraise SystemExit(5)", 5, None),
        ("try:\n    raise SystemExit(4)\nfinally:\n    len('cleaned up')", 4, None),
        ("thread = threading.Thread(target=lambda: sys.exit(3))\nthread.start()\nthread.join()", 0, None),
        ("caught(3)\n1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(10)", 130, "KeyboardInterrupt"),
        ("os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(10)", 143, "ended by SIGTERM"),
        ("os.kill(os.getpid(), signal.SIGHUP)\ntime.sleep(10)", 129, "ended by SIGHUP"),
        ("with run:\n    raise ValueError('boom')", 1, "ValueError: boom"),
        ("with run:\n    sys.exit(7)", 7, None),
        ("sys.excepthook = lambda *error: None\n1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import atexit\natexit.register(run.finish)\n1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import atexit\natexit.register(aspara.finish)\nsys.exit(3)", 3, None),
        ("import atexit\natexit.register(aspara.finish)", 0, None),
        ("raise ValueError('half \\ud800, nothing \\0')", 1, "ValueError: half , nothing "),
        ("sys.exit('nothing \\0')", 1, "nothing "),
    ],
)
def test_the_exit_code_of_a_program_is_that_of_its_run(
    ending: str, code: int, reason: str | None, tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(HEAD + ending)
    process = run_file(program, spool, tracker, project)
    _, said = process.communicate(timeout=60)
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["exit_code"], run["metrics"][0]["count"]) == (code, 1), said
    assert run["finish_reason"] == reason
    assert process.returncode == code or process.returncode < 0


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("sys.exit(main(5))", 5),
        ("sys.exit(main(0))", 0),
        ("sys.exit(main(None))", 0),
        ("exit_early(main(5))", 5),
        ("exit(main(5))", 5),
        ("raise SystemExit(main(5))", 5),
        ("caught(3)\nsys.exit(main(0))", 0),
    ],
)
def test_the_run_of_a_main_function_ends_with_what_that_returns(
    ending: str, code: int, tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    head, begins, logs = HEAD.partition("run = aspara")
    function = "".join(f"    {line}\n" for line in [*f"{begins}{logs}".splitlines(), "return code"])
    program = tmp_path / "program.py"
    program.write_text(f"{head}def main(code):\n{function}\n{ending}")
    _, said = run_file(program, spool, tracker, project).communicate(timeout=60)
    assert tracker.get(f"/projects/{project}/runs/r")["exit_code"] == code, said


def test_a_program_that_ignores_sighup_is_not_ended_by_it(
    tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    program = tmp_path / "program.py"
    ignored = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    program.write_text(ignored + HEAD + "os.kill(os.getpid(), signal.SIGHUP)\nrun.log({'a': 2})\n")
    process = run_file(program, spool, tracker, project)
    _, said = process.communicate(timeout=60)
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["exit_code"], run["metrics"][0]["count"]) == (0, 2), said


def test_an_exception_that_ends_a_thread_is_in_the_record(
    tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(HEAD + "threading.Thread(target=lambda: 1 / 0, name='loader').start()\n")
    _, said = run_file(program, spool, tracker, project).communicate(timeout=60)
    run = tracker.get(f"/projects/{project}/runs/r")
    assert run["status"] == "finished"
    assert run["writers"][0]["client"]["thread_errors"] == ["loader: ZeroDivisionError: division by zero"]
    assert said.count("an exception has ended a thread") == 1
    assert "Traceback" in said


CHILDREN = """
import multiprocessing, os, sys, time, aspara

def train(name):
    run = aspara.init(project=sys.argv[1], name=name)
    for step in range(20):
        run.log({"a": step})
    if name == "raises":
        raise ValueError("boom in child")
    if name == "exits":
        sys.exit(3)
    return name

if __name__ == "__main__":
    kind = sys.argv[2]
    names = [f"r{nth}" for nth in range(4)]
    if kind in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(kind)
        for name in ("r0", "raises", "exits"):
            child = context.Process(target=train, args=(name,))
            child.start()
            child.join()
    elif kind == "pool":
        with multiprocessing.get_context("fork").Pool(2) as pool:
            pool.map(train, names)
    elif kind == "executor":
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2) as executor:
            list(executor.map(train, names))
    elif kind == "joblib":
        from joblib import Parallel, delayed
        Parallel(n_jobs=2)(delayed(train)(name) for name in names)
"""


@pytest.mark.parametrize("kind", ["fork", "spawn", "forkserver", "pool", "executor", "joblib"])
def test_children_that_never_finish_lose_nothing_and_end(
    kind: str, tmp_path: Path, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(CHILDREN)
    process = subprocess.run(
        [sys.executable, str(program), project, kind],
        env=environment(spool, tracker.url),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert process.returncode == 0, process.stderr
    runs = {run["name"]: run for run in tracker.get(f"/projects/{project}/runs")["runs"]}
    assert all(run["metrics"][0]["count"] == 20 for run in runs.values()), runs
    codes = {name: run["exit_code"] for name, run in runs.items()}
    if kind in ("fork", "spawn", "forkserver"):
        assert codes == {"r0": 0, "raises": 1, "exits": 3}
        assert runs["raises"]["finish_reason"] == "ValueError: boom in child"
    else:
        assert codes == {f"r{nth}": 0 for nth in range(4)}


POOL = """
import multiprocessing, os, signal, sys, aspara

def work(value):
    aspara.log({"w": value})

run = aspara.init(project=sys.argv[1], name="r")
with multiprocessing.get_context("fork").Pool(3) as pool:
    pool.map(work, range(30), chunksize=1)
for end in ("exit", "kill"):
    pid = os.fork()
    if pid == 0:
        run.log({end: 1})
        if os.fork() == 0:
            run.log({end + "/grandchild": 1})
            os._exit(0)
        os.wait()
        os._exit(0) if end == "exit" else os.kill(os.getpid(), signal.SIGKILL)
    if end == "exit":
        os.waitpid(pid, 0)
    else:
        # It has ended, and stays a zombie.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
run.log({"parent": 1})
run.finish()
"""


def test_what_forked_children_log_through_the_run_is_stored_when_finish_returns(
    tracker: TrackerProcess, project: str, spool: Path
) -> None:
    process = script(spool, tracker.url, POOL + "print('finished', flush=True)\nsys.stdin.read()\n", project)
    assert process.stdout
    line = process.stdout.readline()
    run = tracker.get(f"/projects/{project}/runs/r")
    process.kill()
    _, said = process.communicate()
    assert line == "finished\n", said
    counts = {one["metric"]: one["count"] for one in run["metrics"]}
    rest = {"exit": 1, "exit/grandchild": 1, "kill": 1, "kill/grandchild": 1, "parent": 1}
    assert counts == {"w": 30, **rest}, said
    assert (run["status"], run["exit_code"]) == ("finished", 0)
    assert command(spool, "status").stdout.count("killed") == 0


LEFT = """
import os, signal, sys, aspara
run = aspara.init(project=sys.argv[1], name="r", mode=sys.argv[2])
for step in range(10):
    run.log({"a": step}, timestamp=1_700_000_000 + step)
run.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("mode", ["online", "offline"])
def test_sync_ends_the_run_of_a_process_that_was_killed(
    mode: str, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    process = script(spool, tracker.url, LEFT, project, mode)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    # All rows may have arrived before: the end has not.
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["status"], run["exit_code"], run["metrics"][0]["count"]) == ("failed", 1, 10)
    assert f"pid {process.pid} on" in run["finish_reason"]
    assert "ended without finishing the run" in run["finish_reason"]
    assert (run["created_at"], run["finished_at"]) == ("2023-11-14T22:13:20.000Z", "2023-11-14T22:13:29.000Z")
    assert command(spool, "sync", uri=tracker.url).stdout.startswith("nothing waits")


RESUMED = """
import sys, aspara
with aspara.init(project=sys.argv[1], id="r", name="r", resume="allow", mode="offline") as run:
    run.log({"a": 100})
"""


def test_a_process_that_died_does_not_end_the_run_that_another_went_on_with(
    tracker: TrackerProcess, project: str, spool: Path
) -> None:
    # By the clock: what went on began after the last row.
    now = LEFT.replace(", timestamp=1_700_000_000 + step", "").replace('name="r"', 'name="r", id="r"')
    script(spool, tracker.url, now, project, "offline").communicate(timeout=60)
    _, said = script(spool, tracker.url, RESUMED, project).communicate(timeout=60)
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert (run["status"], run["exit_code"], run["metrics"][0]["count"]) == ("finished", 0, 11), said


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "run.finish(exit_code=1)"])
def test_what_was_logged_before_a_run_was_resumed_belongs_to_it_when_it_comes_later(
    end: str, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    said = 'run.config.update({"lr": 1, "only": 1}); run.summary["s"] = "old"; run.config.only = 2; run.notes = "old"; '
    first = LEFT.replace(", timestamp=1_700_000_000 + step", "").replace(
        "os.kill(os.getpid(), signal.SIGKILL)", said + end
    )
    script(spool, tracker.url, first, project, "offline").communicate(timeout=60)
    online = RESUMED.replace(', mode="offline"', ', notes="new", config={"lr": 2}').replace('id="r", ', "")
    online += '    run.summary["s"] = "new"\n'
    _, said = script(spool, tracker.url, online, project).communicate(timeout=60)
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert (run["status"], run["metrics"][0]["count"]) == ("finished", 1), said
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert (run["status"], run["exit_code"], run["metrics"][0]["count"]) == ("finished", 0, 11), said
    # What was said later is newer, whichever came first.
    assert (run["config"], run["summary"]["s"], run["notes"]) == ({"lr": 2, "only": 2}, "new", "new")


def test_a_run_of_the_same_name_and_another_id_takes_nothing_over(
    tracker: TrackerProcess, project: str, spool: Path
) -> None:
    first = LEFT.replace(", timestamp=1_700_000_000 + step", "")
    script(spool, tracker.url, first, project, "offline").communicate(timeout=60)
    other = RESUMED.replace(', mode="offline"', "").replace('id="r", ', 'id="another", ')
    script(spool, tracker.url, other, project).communicate(timeout=60)
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    runs = tracker.get(f"/projects/{project}/runs")["runs"]
    assert sorted((run["id"] == "another", run["metrics"][0]["count"], run["status"]) for run in runs) == [
        (False, 10, "failed"),
        (True, 1, "finished"),
    ]


FORKED_OFFLINE = """
import os, sys, aspara
run = aspara.init(project=sys.argv[1], name="r", mode="offline")
run.log({"first": 1})
pid = os.fork()
if pid == 0:
    run.log({"child": 1})
    if os.fork() == 0:
        run.log({"grandchild": 1})
        os._exit(0)
    os.wait()
    os._exit(0)
os.waitpid(pid, 0)
if sys.argv[2] == "killed":
    os._exit(9)
run.finish()
"""


@pytest.mark.parametrize("order", ["parent first", "parent last"])
@pytest.mark.parametrize("end", ["killed", "finished"])
def test_it_is_one_run_whoever_of_a_family_is_sent_first(
    order: str, end: str, tracker: TrackerProcess, project: str, spool: Path
) -> None:
    script(spool, tracker.url, FORKED_OFFLINE, project, end).communicate(timeout=60)
    folders = sorted(writers_of(spool), key=lambda folder: "parent" in (first_record(folder) or {}))
    assert len(folders) == 3
    for folder in folders if order == "parent first" else reversed(folders):
        assert command(spool, "sync", str(folder), uri=tracker.url).returncode == 0
    (run,) = tracker.get(f"/projects/{project}/runs")["runs"]
    assert {one["metric"] for one in run["metrics"]} == {"first", "child", "grandchild"}
    expected = ("finished", 0) if end == "finished" else ("failed", 1)
    assert (run["status"], run["exit_code"]) == expected


ORPHANS = """
import os, signal, sys, aspara
run = aspara.init(project=sys.argv[1], name="r")
run.log({"first": 1})
run.flush()
pid = os.fork()
if pid == 0:
    run.log({"child": 1})
    # Ends in the ordinary way, after the process that began the run was killed.
    os.kill(os.getppid(), signal.SIGKILL)
else:
    signal.pause()
"""


def test_a_child_that_ends_well_does_not_end_the_run_of_its_killed_parent(
    tracker: TrackerProcess, project: str, spool: Path
) -> None:
    process = script(spool, tracker.url, ORPHANS, project)
    # Its streams are the child's as well: they end with it.
    process.communicate(timeout=60)
    run = tracker.get(f"/projects/{project}/runs/r")
    assert {one["metric"] for one in run["metrics"]} == {"first", "child"}
    assert [one["exit_code"] for one in run["writers"] if one["finished_at"]] == [0]
    assert run["status"] == "running"
    assert command(spool, "sync", uri=tracker.url).returncode == 0
    run = tracker.get(f"/projects/{project}/runs/r")
    assert (run["status"], run["exit_code"]) == ("failed", 1)
