"""A small sweep over handwritten digits that fills a project: `npm run demo` calls it.

    PYTHONPATH=python/src python examples/demo/sweep.py --tracker http://127.0.0.1:3142

Every number is of a real training. Some learning rates are too high on purpose, one training has a fault, and one goes
on in the background for some ten minutes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import product

# Matrices of this size are multiplied on one core; several trainings at once have more of the others.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

from training import Digits, Outcome, Plan, train

SETTINGS = [("sgd", 0.01), ("sgd", 0.1), ("sgd", 1.0), ("adam", 0.001)]
SIZES = [(64, 1), (128, 2)]
SEEDS = [0, 1, 2]

BASELINE_NOTES = """\
**Baseline** of the sweep: plain SGD with momentum, as everybody's first try.

- warm-up of 50 steps, then a cosine
- everything else is measured against its `val/acc`
"""

TOO_HIGH_NOTES = """\
Is a learning rate of 1.0 too much with momentum 0.9? *Yes.*

| part | what to look at |
|---|---|
| `train/loss` | up by orders of magnitude, then NaN |
| `optim/grad_norm` | explodes some steps before |
"""

GROWING_NOTES = """\
Doubles the batch every 200 steps instead of letting the learning rate decay
([Smith et al. 2018](https://arxiv.org/abs/1711.00489)).

Fails: after five doublings a batch is larger than the data. See `train.log`.
"""

LONG_NOTES = "How far does it get when it is given time? A low rate, a rest after each step, some ten minutes in all."


def plans() -> list[Plan]:
    """The trainings of the sweep, the first seed of every setting first: soon there is something to compare."""
    found = []
    for seed, (optimizer, rate), (width, layers) in product(SEEDS, SETTINGS, SIZES):
        plan = Plan(optimizer, rate, width, layers, seed, keeps_files=seed == 0, tags=("sweep",))
        if (optimizer, rate, width, seed) == ("sgd", 0.1, 64, 0):
            plan = replace(plan, tags=("sweep", "baseline"), notes=BASELINE_NOTES)
        elif (rate, width, seed) == (1.0, 128, 0):
            plan = replace(plan, notes=TOO_HIGH_NOTES)
        found.append(plan)
    growing = Plan(width=128, layers=2, batch_doubles_every=200, keeps_files=True, notes=GROWING_NOTES)
    found.insert(len(SETTINGS) * len(SIZES), growing)
    return found


LONG = Plan("sgd", 0.003, 128, 2, seed=7, steps=2_400, pause=0.25, tags=("long",), notes=LONG_NOTES)


def train_one(task: tuple[Plan, str, str]) -> Outcome:
    plan, project, tracker = task
    # Loaded in a few milliseconds, once a process.
    return train(plan, project, tracker, Digits())


def tell(done: int, total: int, outcome: Outcome) -> None:
    if outcome.fault:
        end = f"failed: {outcome.fault}"
    elif outcome.diverged_at is not None:
        end = f"diverged at step {outcome.diverged_at}"
    else:
        end = f"val/acc {outcome.best_accuracy:.4f}"
    print(f"[{done:2}/{total}] {outcome.name:24} {outcome.title:34} seed {outcome.seed}  {end}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a project with trainings on the digits")
    parser.add_argument("--tracker", default="http://127.0.0.1:3142", help="(default: %(default)s)")
    parser.add_argument("--project", default="digits-sweep", help="(default: %(default)s)")
    parser.add_argument("--runs", type=int, help="only so many trainings, and none in the background")
    # How it starts itself: one training, in a process of its own.
    parser.add_argument("--plan", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.plan:
        train_one((Plan(**json.loads(args.plan)), args.project, args.tracker))
        return

    chosen = plans()[: args.runs]
    if args.runs is None:
        background = subprocess.Popen(
            [sys.executable, __file__, *sys.argv[1:], "--plan", json.dumps(asdict(LONG))],
            # It goes on when the terminal is closed.
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        minutes = LONG.steps * LONG.pause / 60
        print(f"In the background: {LONG.title}, for {minutes:.0f} minutes (process {background.pid})", flush=True)
    tasks = [(plan, args.project, args.tracker) for plan in chosen]
    # A process a training: what one leaves in memory would be measured as the next one's.
    with multiprocessing.Pool(min(4, os.cpu_count() or 1), maxtasksperchild=1) as pool:
        for done, outcome in enumerate(pool.imap_unordered(train_one, tasks), 1):
            tell(done, len(tasks), outcome)


if __name__ == "__main__":
    main()
