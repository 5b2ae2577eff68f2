"""
The `aspara` command: `sync`, `status` and `verify` are the client's own, the other words are the tracker's. What it
takes and answers is conformance/command-line.json, for this one and for the tracker's own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from .bundled_tracker import run_tracker
from .messages import printable, printable_json
from .settings import spool_root, tracker_base
from .spool_folder import bytes_of, is_being_sent, writers_of
from .spool_places import roots_to_look_in
from .spool_reader import SpoolDamaged
from .spool_state import SpoolState, read_state
from .sync import sentence, sync_all, watch
from .verify import verify
from .version import __version__

_tracker_words: Final = ("tracker", "projects", "runs")
_usage: Final = {"sync": "aspara sync [DIR]", "status": "aspara status [DIR]", "verify": "aspara verify RUN"}
_help: Final = f"""aspara {__version__}: logs training runs, and sends what they left on this machine's disk

  aspara sync [DIR] [--watch] [--dry-run] [--workers N]
                     send what is spooled here
  aspara status [DIR] [--json]
                     what is spooled, and how much of it waits
  aspara verify RUN | PROJECT/RUN | WRITER
                     whether the tracker has exactly what was logged
  aspara tracker     start the tracker (where it is installed, too)
  aspara projects, aspara runs PROJECT [RUN]
                     what a tracker has

  aspara COMMAND --help    what a command takes
  aspara --version
"""


class WrongWords(ValueError):
    """What was typed is no command; the sentence says what would be one."""


class _Parser(argparse.ArgumentParser):
    def __init__(self, command: str, description: str) -> None:
        super().__init__(prog=f"aspara {command}", description=description, allow_abbrev=False)
        self._usage = _usage[command]

    def error(self, message: str) -> NoReturn:
        raise WrongWords(f"{message}: expected {self._usage}; {self.prog} --help says more")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; answers its exit code: 0, 1 when something is not as it should be, 2 for a wrong word."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("--help", "-h", "help"):
        print(_help, end="")
        return 0
    if words[0] in ("--version", "-v"):
        print(f"aspara {__version__}")
        return 0
    if words[0] in _tracker_words:
        return run_tracker(words)
    if words[0] not in _usage:
        known = ", ".join((*_tracker_words, *_usage))
        print(f"aspara: no command '{printable(words[0])}': one of {known}; aspara --help shows them", file=sys.stderr)
        return 2
    try:
        return _run(words[0], _parser(words[0]).parse_args(words[1:]))
    except (ValueError, TypeError) as error:
        print(f"aspara: {printable(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


def _parser(command: str) -> argparse.ArgumentParser:
    folder = (
        "the folder of one writer, of spools, or a data folder (the spool of ASPARA_DATA_DIR, else that of "
        "~/.local/share/aspara, and those that runs fall back to)"
    )
    if command == "sync":
        parser = _Parser(command, "Sends what training runs have spooled on this machine, or on a disk that it shares.")
        parser.add_argument("dir", nargs="?", metavar="DIR", help=folder)
        parser.add_argument("--watch", action="store_true", help="go on with what is written, until interrupted")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")
        parser.add_argument("--workers", default="4", metavar="N", help="so many spools at a time (4)")
    elif command == "status":
        parser = _Parser(command, "What training runs have spooled on this machine, and what of it waits to be sent.")
        parser.add_argument("dir", nargs="?", metavar="DIR", help=folder)
    else:
        parser = _Parser(command, "Whether the tracker has exactly what a run has spooled on this machine.")
        parser.add_argument(
            "run", nargs="?", metavar="RUN", help="its name, PROJECT/NAME, its id, or the UUID of one writer"
        )
        parser.add_argument("--dir", metavar="DIR", help=folder)
    if command != "sync":
        parser.add_argument("--json", action="store_true", help="the same as JSON")
    if command != "status":
        tracker_help = "the tracker (ASPARA_TRACKER_URI, else where the run was to go)"
        parser.add_argument("--tracker-uri", metavar="URI", help=tracker_help)
        parser.add_argument("--token", metavar="TOKEN", help="its token, if it has one (or ASPARA_TOKEN)")
    return parser


def _run(command: str, given: argparse.Namespace) -> int:
    if command == "verify" and given.run is None:
        raise WrongWords(f"verify needs a run: expected {_usage[command]}")
    roots = roots_to_look_in() if given.dir is None else [spool_root(given.dir)]
    if given.dir is not None and not roots[0].is_dir():
        raise ValueError(f"{roots[0]} is not a folder")
    if command == "status":
        return _status(roots, given.json)
    if given.tracker_uri:
        tracker_base(given.tracker_uri)
    if given.token:
        os.environ["ASPARA_TOKEN"] = given.token
    return _verify(roots, given) if command == "verify" else _sync(roots, given)


def _sync(roots: list[Path], given: argparse.Namespace) -> int:
    if not given.workers.isdecimal() or int(given.workers) < 1:
        raise ValueError(f"--workers {given.workers}: expected a whole number from 1 on")
    workers = int(given.workers)
    if given.watch:
        _tell(f"sending what is written in {_named(roots)}; interrupt to end")
        watch(roots, given.tracker_uri, workers, _tell)
    outcomes = sync_all(roots, given.tracker_uri, workers, _say, given.dry_run)
    for outcome in outcomes:
        waiting = outcome.trouble or f"{outcome.sent} rows wait"
        _tell(f"{outcome.name}: {waiting}" if given.dry_run else sentence(outcome))
    if not outcomes:
        _tell(f"nothing waits in {_named(roots)}")
    return 1 if any(outcome.trouble for outcome in outcomes) else 0


def _status(roots: list[Path], as_json: bool) -> int:
    spools = [_spool(folder) for root in roots for folder in writers_of(root)]
    if as_json:
        print(printable_json(json.dumps({"spools": spools}, indent=2)))
        return 0
    open_spools = [spool for spool in spools if spool["state"] != "sent"]
    lines: list[tuple[str, ...]] = [("RUN", "STATE", "ROWS", "WAITING", "SIZE", "")]
    for spool in open_spools:
        counts = [f"{spool[what]} {what}" for what in ("lost", "refused") if spool[what]]
        size = f"{spool['bytes'] / 1e6:.1f} MB"
        name = spool["path"] if "fault" in spool else f"{spool['project']}/{spool['run']}"
        more = spool.get("fault") or ", ".join(counts)
        cells = (name, spool["state"], str(spool["rows"]), str(spool["waiting"]), size, more)
        lines.append(tuple(map(printable, cells)))
    if open_spools:
        widths = [max(len(line[column]) for line in lines) for column in range(6)]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    done = len(spools) - len(open_spools)
    if done:
        print(f"{done} {'more ' if open_spools else ''}fully sent; kept for a week for aspara verify")
    if not spools:
        _tell(f"nothing is spooled in {_named(roots)}")
    return 0


def _spool(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"project": "?", "run": "?", "writer": folder.name, "path": str(folder)}
    counts = {"rows": 0, "waiting": 0, "refused": 0, "lost": 0, "bytes": bytes_of(folder)}
    try:
        state = read_state(folder)
    except (SpoolDamaged, OSError) as error:
        return {**found, "state": "damaged", **counts, "fault": str(error)}
    run = state.run or {}
    found.update(project=run.get("project", "?"), run=run.get("name", "?"), state=_word(state))
    counts.update(rows=state.rows, waiting=state.waiting, refused=state.sent.refused_rows, lost=state.lost)
    return {**found, **counts}


def _word(state: SpoolState) -> str:
    """How a spool stands."""
    if state.is_alive:
        return "logging"
    if state.sent.done:
        return "sent"
    if is_being_sent(state.folder):
        return "being sent"
    return "waits" if state.is_finished else "killed, waits"


def _verify(roots: list[Path], given: argparse.Namespace) -> int:
    verdicts = [verdict for root in roots for verdict in verify(root, given.run, given.tracker_uri)]
    if not verdicts:
        raise ValueError(f"no run {given.run} is spooled in {_named(roots)}: aspara status shows what is")
    if given.json:
        told = [{"writer": one.writer, "isEqual": one.is_equal, "sentence": one.sentence} for one in verdicts]
        print(printable_json(json.dumps({"writers": told}, indent=2)))
    else:
        for verdict in verdicts:
            _tell(f"{verdict.writer}: {verdict.sentence}")
    return 0 if all(verdict.is_equal for verdict in verdicts) else 1


def _named(roots: list[Path]) -> str:
    return " and ".join(map(str, roots))


def _tell(line: str) -> None:
    print(printable(line), flush=True)


def _say(line: str) -> None:
    print(f"aspara: {printable(line)}", file=sys.stderr, flush=True)
