"""Trackers that are not there, refuse, hang, fail or trickle: the training goes on, and the end comes in time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import aspara
from aspara.spool_folder import writers_of
from aspara.spool_state import read_state
from tracker_process import TrackerProcess


@contextlib.contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A socket that does as it is told with each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            answer(connection)

    def accept() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()


def hangs(connection: socket.socket) -> None:
    connection.settimeout(20)
    while connection.recv(65536):
        pass


def refuses(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def fails(connection: socket.socket) -> None:
    while connection.recv(65536):
        connection.sendall(b"HTTP/1.1 500 Internal\r\nContent-Length: 2\r\n\r\n{}")


def trickles(connection: socket.socket) -> None:
    connection.recv(65536)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"x" * 10000:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def talks_nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")


@contextlib.contextmanager
def nobody(_: Callable[[socket.socket], None] | None = None) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("answer", [None, hangs, refuses, fails, trickles, talks_nonsense])
def test_log_keeps_its_speed_and_finish_its_limit(
    answer: Callable[[socket.socket], None] | None, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(answer) if answer else nobody() as uri:
        begun = time.monotonic()
        run = aspara.init(project="p", tracker_uri=uri)
        assert time.monotonic() - begun < 1
        times = []
        for step in range(20_000):
            before = time.perf_counter()
            run.log({"loss": step, "acc": 0.5})
            times.append(time.perf_counter() - before)
        times.sort()
        # On a machine that does other things, too: what a request would take is a hundred times more.
        assert times[10_000] < 30e-6
        assert times[19_800] < 500e-6
        begun = time.monotonic()
        run.finish(flush_timeout=1.5)
        assert time.monotonic() - begun < 2.5
    said = capsys.readouterr().err
    assert "20000 of 20000 rows are not sent" in said
    assert f"{spool}" in said
    assert "aspara sync" in said
    (folder,) = writers_of(spool)
    assert read_state(folder).waiting == 20_000


def test_what_waited_is_sent_once_the_tracker_is_back(own_tracker: TrackerProcess, project: str) -> None:
    own_tracker.stop()
    run = aspara.init(project=project, name="r", tracker_uri=f"http://127.0.0.1:{own_tracker.port}")
    for step in range(1_000):
        run.log({"a": step})
    assert run.flush(timeout=0.2) == 1_000
    own_tracker.start()
    run.log({"a": 1_000})
    run.finish(flush_timeout=30)
    assert [point["value"] for point in own_tracker.points(project, "r")] == list(range(1_001))


def test_a_missing_token_is_said_and_waited_for(
    tmp_path: Path, project: str, spool: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = TrackerProcess(tmp_path / "guarded", 0, "--token", "secret-of-twenty-signs").start()
    try:
        run = aspara.init(project=project, name="r", tracker_uri=guarded.url)
        run.log({"a": 1})
        run.finish(flush_timeout=1)
        assert "answers 401: A token is required" in capsys.readouterr().err
        monkeypatch.setenv("ASPARA_TOKEN", "secret-of-twenty-signs")
        from aspara.sync import sync_all

        # The thread of the run above goes on for as long as its process lives: it holds the folder.
        run = aspara.init(project=project, name="s", tracker_uri=guarded.url)
        run.log({"a": 1})
        assert run.flush() == 0
        run.finish(quiet=True)
        assert sync_all(spool, None, 1, lambda _: None) == []
    finally:
        guarded.stop()
