"""Words to the person at the terminal."""

from __future__ import annotations

import os
import sys

_said: set[str] = set()


def say(sentence: str) -> None:
    """One line on stderr. Programs that have closed it, and those that set ASPARA_SILENT, get none."""
    if os.environ.get("ASPARA_SILENT", os.environ.get("WANDB_SILENT", "")).lower() in ("1", "true", "yes"):
        return
    try:
        print(f"aspara: {sentence}", file=sys.stderr, flush=True)
    except Exception:
        # A RuntimeError is among them: a signal came in the middle of a print() of the program.
        return


def say_once(sentence: str) -> None:
    """The same, the first time in this process only."""
    if sentence not in _said and len(_said) < 1000:
        _said.add(sentence)
        say(sentence)
