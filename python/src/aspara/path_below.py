"""Where a name that comes from outside may lie: below a folder, and nowhere else."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

_SEGMENT_BYTES_MAX: Final = 255
#: Names that Windows gives to devices, whatever follows their first dot.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def path_below(folder: Path, name: str) -> Path:
    """
    The place of `name` below `folder`; `/` makes folders of it. Raises ValueError with a sentence for a name that would
    lead elsewhere: an absolute one, one with `..`, one through a link that is there already.
    """
    fault = _fault(name)
    if fault:
        raise ValueError(f"its name {name!r} {fault}")
    target = folder.joinpath(*name.split("/"))
    root = os.path.realpath(folder)
    parent = os.path.realpath(target.parent)
    if os.path.commonpath([root, parent]) != root:
        raise ValueError(f"its name {name!r} leads through a link to {parent}, which is outside {folder}")
    return target


def _fault(name: str) -> str | None:
    if not name:
        return "is empty"
    if name.startswith("/") or "\\" in name or re.match(r"[A-Za-z]:", name):
        return "is a path of its own"
    if re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", name):
        return "has control characters"
    for segment in name.split("/"):
        if segment in ("", ".", ".."):
            return "leads to another folder"
        if len(segment.encode()) > _SEGMENT_BYTES_MAX:
            return f"has more than {_SEGMENT_BYTES_MAX} bytes"
        if sys.platform == "win32" and (_DEVICES.fullmatch(segment) or re.search(r'[<>:"|?*]|[. ]$', segment)):
            return "is none that Windows takes"
    return None
