"""A real tracker in a process of its own, from this repository."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_node = ROOT / "node_modules" / ".bin" / "node"


class TrackerProcess:
    """Started by `start`; its data folder outlives it."""

    def __init__(self, data_dir: Path, port: int = 0, *arguments: str, variables: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = port
        self.arguments = arguments
        self.variables = variables or {}
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> TrackerProcess:
        """Returns once it listens."""
        command = ROOT / "tracker" / "command" / "aspara.ts"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ASPARA_")}
        self.process = subprocess.Popen(
            [_node, command, "tracker", "--port", str(self.port), "--data-dir", self.data_dir, *self.arguments],
            env={
                **kept,
                "NODE_COMPILE_CACHE": str(ROOT / "node_modules" / ".cache" / "aspara-compiled"),
                **self.variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            found = re.search(r'"url":"(http[^"]+)"', line)
            if found:
                self.url = found[1]
                self.port = int(self.url.rsplit(":", 1)[1])
                return self
        raise AssertionError("the tracker ended:\n" + "".join(lines))

    def stop(self) -> None:
        """SIGTERM, and waits."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, and waits."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        process, self.process = self.process, None
        if process:
            process.send_signal(number)
            if process.stdout:
                process.stdout.close()
            process.wait()

    def get(self, path: str) -> Any:
        """The JSON below /tracker/api/v1."""
        with urllib.request.urlopen(f"{self.url}/tracker/api/v1{path}") as answer:
            return json.load(answer)

    def points(self, project: str, run: str) -> list[dict[str, Any]]:
        """Every point of a run in step order."""
        with urllib.request.urlopen(
            f"{self.url}/tracker/api/v1/projects/{project}/runs/{run}/metrics/export?format=jsonl"
        ) as answer:
            return [json.loads(line) for line in answer]
