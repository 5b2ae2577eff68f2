"""Locks, as other languages see them: docs/format/spool.md says what stands in the files."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from aspara.file_lock import FileLock, is_locked


def names(pid: int, started: float, host: str | None = None) -> str:
    return json.dumps({"pid": pid, "host": host or socket.gethostname(), "started": started})


def test_whoever_holds_it_is_named_until_they_let_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = FileLock(path)
    assert lock.take()
    holder = json.loads(path.read_text())
    assert holder["pid"] == os.getpid()
    assert holder["host"] == socket.gethostname()
    assert abs(holder["started"] / 1000 - time.time()) < 5
    assert not FileLock(path).take()
    lock.release()
    assert path.read_text() == ""
    assert not is_locked(path)


def test_a_process_that_only_wrote_its_name_holds_it_as_long_as_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    path.write_text(names(other.pid, time.time() * 1000))
    assert is_locked(path)
    other.communicate()
    assert not is_locked(path)


def test_a_later_process_of_the_same_number_does_not(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.write_text(names(os.getppid(), 0))
    assert not is_locked(path)


def test_another_host_holds_it_as_long_as_it_touches_it(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.write_text(names(1, time.time() * 1000, "elsewhere"))
    assert is_locked(path)
    os.utime(path, (0, time.time() - 200))
    assert not is_locked(path)


def test_what_is_no_name_is_free(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    for text in ("", "{", "7", '{"pid": "x"}', "{}"):
        path.write_text(text)
        assert not is_locked(path), text


def test_a_forked_child_leaves_it_to_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = FileLock(path)
    assert lock.take()
    child = os.fork()
    if child == 0:
        lock.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert json.loads(path.read_text())["pid"] == os.getpid()
    assert is_locked(path)
    lock.release()
