"""What several tests stand on: a tracker, a spool folder, and an environment that is nobody's."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aspara import messages
from tracker_process import TrackerProcess


@pytest.fixture(scope="session")
def shared_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackerProcess]:
    started = TrackerProcess(tmp_path_factory.mktemp("tracker")).start()
    yield started
    started.stop()


@pytest.fixture
def tracker(shared_tracker: TrackerProcess, monkeypatch: pytest.MonkeyPatch) -> TrackerProcess:
    """One tracker for all tests that only add runs to it; each has its own project."""
    monkeypatch.setenv("ASPARA_TRACKER_URI", shared_tracker.url)
    return shared_tracker


@pytest.fixture
def own_tracker(tmp_path: Path) -> Iterator[TrackerProcess]:
    """A tracker that a test may stop and kill."""
    started = TrackerProcess(tmp_path / "tracker").start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the test's runs are spooled in."""
    for name in list(os.environ):
        if name.startswith(("ASPARA_", "WANDB_", "SLURM_", "OMPI_")) or name in ("RANK", "WORLD_SIZE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASPARA_DATA_DIR", str(tmp_path / "data"))
    # Where runs and commands look besides.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    messages._said.clear()
    # Each test is a program of its own, in which there has been no run.
    current = sys.modules["aspara.current_run"]
    for place in (current._begun, current._beside, current._defaults, current._thread.__dict__):
        place.clear()
    yield tmp_path / "data" / "spool"
    for run in (*current._begun, *current._beside):
        run.finish(quiet=True, flush_timeout=0)


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A project of the test's own."""
    name: str = request.node.name
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:200]
