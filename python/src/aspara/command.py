"""The `aspara` command: `sync`, `status` and `verify` are the client's own, the other words are the tracker's."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .bundled_tracker import run_tracker
from .settings import spool_root, tracker_base
from .spool_folder import Sent, writers_of
from .spool_places import roots_to_look_in
from .spool_reader import SpoolDamaged
from .spool_state import read_state
from .sync import sentence, sync_all, watch
from .verify import verify
from .version import __version__

_own_words: Final = ("sync", "status", "verify")
_help: Final = f"""aspara {__version__}: logs training runs, and sends what they left on this machine's disk

  aspara sync [DIR] [--watch] [--dry-run] [--workers N]
                     send what is spooled here
  aspara status [DIR]
                     what is spooled, and how much of it waits
  aspara verify RUN | PROJECT/RUN | WRITER
                     whether the tracker has exactly what was logged
  aspara tracker     start the tracker (where it is installed, too)
  aspara projects, aspara runs PROJECT [RUN]
                     what a tracker has

  aspara COMMAND --help    what a command takes
  aspara --version
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; answers its exit code: 0, 1 when something is not as it should be, 2 for a wrong word."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("--help", "-h", "help"):
        print(_help, end="")
        return 0
    if words[0] in ("--version", "-v"):
        print(f"aspara {__version__}")
        return 0
    if words[0] not in _own_words:
        return run_tracker(words)
    try:
        return _run(_parser().parse_args(words))
    except (ValueError, TypeError) as error:
        print(f"aspara: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aspara")
    commands = parser.add_subparsers(dest="command", required=True)
    uri_help = "the tracker (ASPARA_TRACKER_URI, else where the run was to go)"

    sync = commands.add_parser("sync", help="send what is spooled here")
    sync.add_argument("dir", nargs="?", metavar="DIR", help="a folder of spools, or one of them")
    sync.add_argument("--watch", action="store_true", help="go on with what is written meanwhile, until interrupted")
    sync.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    sync.add_argument("--workers", type=int, default=4, metavar="N", help="so many at a time (4)")
    sync.add_argument("--tracker-uri", metavar="URI", help=uri_help)

    status = commands.add_parser("status", help="what is spooled, and how much of it waits")
    status.add_argument("dir", nargs="?", metavar="DIR", help="a folder of spools, or one of them")

    check = commands.add_parser("verify", help="whether the tracker has exactly what was logged")
    check.add_argument("run", metavar="RUN", help="RUN, PROJECT/RUN, a run's id, or a writer's UUID")
    check.add_argument("--dir", metavar="DIR", help="a folder of spools")
    check.add_argument("--tracker-uri", metavar="URI", help=uri_help)
    return parser


def _run(given: argparse.Namespace) -> int:
    roots = roots_to_look_in() if given.dir is None else [spool_root(given.dir)]
    if given.dir is not None and not roots[0].is_dir():
        raise ValueError(f"{roots[0]} is not a folder")
    if given.command == "status":
        return _status(roots)
    if given.tracker_uri:
        tracker_base(given.tracker_uri)
    if given.command == "verify":
        return _verify(roots, given.run, given.tracker_uri)
    return _sync(roots, given)


def _sync(roots: list[Path], given: argparse.Namespace) -> int:
    if given.workers < 1:
        raise ValueError(f"--workers {given.workers}: expected a number from 1 on")
    if given.watch:
        print(f"sending what is written in {_named(roots)}; interrupt to end", flush=True)
        watch(roots, given.tracker_uri, given.workers, lambda line: print(line, flush=True))
    outcomes = sync_all(roots, given.tracker_uri, given.workers, _say, given.dry_run)
    for outcome in outcomes:
        print(f"{outcome.name}: {outcome.sent} rows wait" if given.dry_run else sentence(outcome))
    if not outcomes:
        print(f"nothing waits in {_named(roots)}")
    return 1 if any(outcome.trouble for outcome in outcomes) else 0


def _named(roots: list[Path]) -> str:
    return " and ".join(map(str, roots))


def _status(roots: list[Path]) -> int:
    folders = [folder for root in roots for folder in writers_of(root)]
    done = 0
    for folder in folders:
        if Sent.read(folder).done:
            done += 1
            continue
        try:
            state = read_state(folder)
        except (SpoolDamaged, OSError) as error:
            print(f"{folder.name}  {error}")
            continue
        more = f", {state.sent.refused_rows} refused" if state.sent.refused_rows else ""
        more += f", {state.sent.lost} lost" if state.sent.lost else ""
        print(f"{folder.name}  {state.name}  {state.word}: {state.rows} rows, {state.waiting} wait{more}")
    if done:
        print(f"{done} more {'is' if done == 1 else 'are'} sent whole, and kept for a week for aspara verify")
    if not folders:
        print(f"nothing is spooled in {_named(roots)}")
    return 0


def _verify(roots: list[Path], run: str, tracker_uri: str | None) -> int:
    verdicts = [verdict for root in roots for verdict in verify(root, run, tracker_uri)]
    for verdict in verdicts:
        print(verdict.sentence)
    if not verdicts:
        print(f"aspara: no spool of {run} in {_named(roots)}", file=sys.stderr)
        return 1
    return 0 if all(verdict.is_equal for verdict in verdicts) else 1


def _say(line: str) -> None:
    print(f"aspara: {line}", file=sys.stderr, flush=True)
