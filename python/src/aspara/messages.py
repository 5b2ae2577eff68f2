"""Words to the person at the terminal."""

from __future__ import annotations

import os
import re
import sys

_said: set[str] = set()

# C0 with tab and newline, DEL, C1; line and paragraph separators; what turns the direction of text; lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object) -> str:
    """
    A text on one line of a terminal, to which control characters would be commands: they become `\\x1b`, and what
    reorders text `\\u202e`.
    """
    return _UNPRINTABLE.sub(_escaped, str(text))


def printable_json(text: str) -> str:
    """JSON over several lines, in which nothing is a command to a terminal."""
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def say(sentence: str) -> None:
    """One line on stderr. Programs that have closed it, and those that set ASPARA_SILENT, get none."""
    if os.environ.get("ASPARA_SILENT", os.environ.get("WANDB_SILENT", "")).lower() in ("1", "true", "yes"):
        return
    try:
        print(f"aspara: {printable(sentence)}", file=sys.stderr, flush=True)
    except Exception:
        # A RuntimeError is among them: a signal came in the middle of a print() of the program.
        return


def say_once(sentence: str) -> None:
    """The same, the first time in this process only."""
    if sentence not in _said and len(_said) < 1000:
        _said.add(sentence)
        say(sentence)
