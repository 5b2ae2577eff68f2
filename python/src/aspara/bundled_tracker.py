"""The tracker, where it is installed beside the client."""

from __future__ import annotations

import sys
from typing import Final

_not_installed: Final = """\
aspara: the tracker is not installed here. Install it with:  pip install "aspara[tracker]"
or run it from npm:  npx @aspara/tracker {words}"""


def run_tracker(words: list[str]) -> int:
    """Hands a command to the tracker; answers its exit code, where it does not take this process's place."""
    try:
        from aspara_tracker import run
    except ImportError:
        print(_not_installed.format(words=" ".join(words)), file=sys.stderr)
        return 1
    return run(words)
