"""One training on scikit-learn's handwritten digits: what it is set to, its loop, and what it logs and keeps."""

from __future__ import annotations

import csv
import json
import math
import platform
import tempfile
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import aspara
import numpy as np
from network import Adam, Network, Sgd, norm
from numpy.typing import NDArray
from pictures import save_confusion, save_mistakes
from sklearn.datasets import load_digits
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # Windows has no such thing.
    getrusage = None  # type: ignore[assignment]

WARMUP_STEPS = 50
STEPS_PER_CHECK = 20
#: So many losses in a row that are no numbers, and nothing will come of it.
HOPELESS_STEPS = 100


@dataclass(frozen=True)
class Plan:
    """What is tried. `batch_doubles_every`: steps, or None for batches of one size."""

    optimizer: str = "sgd"
    learning_rate: float = 0.1
    width: int = 64
    layers: int = 1
    seed: int = 0
    steps: int = 1_500
    batch_size: int = 64
    batch_doubles_every: int | None = None
    #: Seconds of rest after each step.
    pause: float = 0.0
    keeps_files: bool = False
    tags: tuple[str, ...] = ()
    notes: str | None = None

    @property
    def title(self) -> str:
        """What all seeds of one setting share."""
        growing = " growing batches" if self.batch_doubles_every else ""
        return f"{self.optimizer} lr={self.learning_rate:g} {self.width}x{self.layers}{growing}"

    def new_optimizer(self) -> Sgd | Adam:
        return Sgd(0.9, 1e-4) if self.optimizer == "sgd" else Adam((0.9, 0.999), 1e-4)

    def config(self, data: Digits, network: Network) -> dict[str, object]:
        settings = {key: value for key, value in asdict(self.new_optimizer()).items() if key[0] != "_"}
        return {
            "model": {
                "kind": "mlp",
                "width": self.width,
                "layers": self.layers,
                "activation": "leaky_relu",
                "parameters": sum(one.size for one in network.parameters),
            },
            "optimizer": {"name": self.optimizer, "learning_rate": self.learning_rate, **settings},
            "schedule": {"kind": "cosine", "warmup_steps": WARMUP_STEPS, "steps": self.steps},
            "batch": {"size": self.batch_size, "doubles_every": self.batch_doubles_every},
            "data": {
                "name": "digits",
                "train": len(data.train[1]),
                "val": len(data.val[1]),
                "test": len(data.test[1]),
            },
            "seed": self.seed,
            "environment": {"python": platform.python_version(), "numpy": np.__version__},
        }


Part = tuple[NDArray[np.float32], NDArray[np.int64]]


class Digits:
    """1,797 images of 8 × 8 pixels: 60 % to learn from, 20 % to choose by, 20 % to judge by in the end."""

    def __init__(self) -> None:
        images, digits = load_digits(return_X_y=True)
        images = (images / 16).astype(np.float32)
        rest_x, test_x, rest_y, test_y = train_test_split(
            images, digits, test_size=0.2, random_state=0, stratify=digits
        )
        train_x, val_x, train_y, val_y = train_test_split(
            rest_x, rest_y, test_size=0.25, random_state=0, stratify=rest_y
        )
        self.train: Part = (train_x, train_y)
        self.val: Part = (val_x, val_y)
        self.test: Part = (test_x, test_y)


@dataclass
class Outcome:
    """What became of a training. `fault`: the exception that ended it, in one line."""

    name: str
    title: str
    seed: int
    best_accuracy: float = 0.0
    diverged_at: int | None = None
    fault: str | None = None


def train(plan: Plan, project: str, tracker: str, data: Digits) -> Outcome:
    """Trains and logs one run. What it raises ends the run as failed, and is told in the outcome."""
    network = Network(plan.width, plan.layers, plan.seed)
    run = aspara.init(
        project=project,
        tracker_uri=tracker,
        config=plan.config(data, network),
        group=plan.title,
        job_type="train",
        tags=[plan.optimizer, *plan.tags],
        notes=plan.notes,
        settings=aspara.Settings(silent=True),
    )
    outcome = Outcome(run.name, plan.title, plan.seed)
    # Files are read when they are sent: the folder goes after the run has ended.
    with tempfile.TemporaryDirectory() as folder, suppress(Exception), run:
        journal: list[str] = []
        try:
            _Loop(plan, run, network, data, outcome, journal).go()
            if plan.keeps_files:
                _keep_files(run, network, data, Path(folder))
        except Exception as error:
            outcome.fault = f"{type(error).__name__}: {error}"
            journal.append(traceback.format_exc())
            raise
        finally:
            if plan.keeps_files:
                log = Path(folder, "train.log")
                log.write_text("\n".join(journal) + "\n")
                run.log_artifact(log, description="What the training said", category="other")
    return outcome


class _Loop:
    def __init__(
        self, plan: Plan, run: aspara.Run, network: Network, data: Digits, outcome: Outcome, journal: list[str]
    ) -> None:
        self.plan, self.run, self.network, self.data = plan, run, network, data
        self.outcome, self.journal = outcome, journal
        self.best_step = 0
        self.best_parameters = network.copy()
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def go(self) -> None:
        plan, run, network = self.plan, self.run, self.network
        run.define_metric("val/acc", summary="max", goal="maximize")
        run.define_metric("val/loss", summary="min", goal="minimize")
        optimizer = plan.new_optimizer()
        random = np.random.default_rng(plan.seed)
        images, digits = self.data.train
        losses: deque[float] = deque(maxlen=HOPELESS_STEPS)
        seen = 0
        for step in range(plan.steps):
            started = time.perf_counter()
            size = plan.batch_size * 2 ** (step // (plan.batch_doubles_every or plan.steps))
            rows = random.choice(len(digits), size, replace=False)
            # A training that runs away overflows at every step; that its loss is logged says it better than warnings.
            with np.errstate(all="ignore"):
                loss, accuracy, gradients = network.learn(images[rows], digits[rows])
                rate = self._rate(step)
                optimizer.step(network.parameters, gradients, rate)
                length = norm(gradients)
            seen += size
            took = time.perf_counter() - started
            run.log(
                {
                    "train/loss": loss,
                    "train/acc": accuracy,
                    "optim/lr": rate,
                    "optim/grad_norm": length,
                    "epoch": seen / len(digits),
                    "time/step_ms": took * 1e3,
                },
                step=step,
            )
            if step % STEPS_PER_CHECK == 0 or step == plan.steps - 1:
                self._check(step, loss)
            losses.append(loss)
            if len(losses) == HOPELESS_STEPS and not any(map(math.isfinite, losses)):
                self.outcome.diverged_at = step - HOPELESS_STEPS + 1
                run.tags = [*run.tags, "diverged"]
                run.summary["diverged_at"] = self.outcome.diverged_at
                self.journal.append(f"step {step}: the loss has been no number for {HOPELESS_STEPS} steps, giving up")
                break
            if plan.pause:
                time.sleep(plan.pause)
        network.restore(self.best_parameters)
        _, read = network.judge(*self.data.test)
        run.summary.update(
            {
                "best_step": self.best_step,
                "test_acc": float((read == self.data.test[1]).mean()),
            }
        )

    def _rate(self, step: int) -> float:
        plan = self.plan
        if step < WARMUP_STEPS:
            return plan.learning_rate * (step + 1) / WARMUP_STEPS
        done = (step - WARMUP_STEPS) / max(1, plan.steps - WARMUP_STEPS)
        return plan.learning_rate * (0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)

    def _check(self, step: int, train_loss: float) -> None:
        images, digits = self.data.val
        with np.errstate(all="ignore"):
            loss, read = self.network.judge(images, digits)
            weight_norm = norm(self.network.weights)
        accuracy = float((read == digits).mean())
        wall, cpu = time.perf_counter(), time.process_time()
        metrics = {
            "val/loss": loss,
            "val/acc": accuracy,
            "optim/weight_norm": weight_norm,
            "system/cpu_percent": 100 * (cpu - self.cpu) / (wall - self.wall),
        }
        if getrusage:
            unit = 1 if platform.system() == "Darwin" else 1024
            metrics["system/memory_mb"] = getrusage(RUSAGE_SELF).ru_maxrss * unit / 1e6
        for digit in range(10):
            metrics[f"recall/{digit}"] = float((read[digits == digit] == digit).mean())
        self.run.log(metrics, step=step)
        self.wall, self.cpu = wall, cpu
        self.journal.append(f"step {step:5}  train/loss {train_loss:.4g}  val/loss {loss:.4g}  val/acc {accuracy:.4f}")
        if accuracy > self.outcome.best_accuracy and math.isfinite(loss):
            self.outcome.best_accuracy, self.best_step = accuracy, step
            self.best_parameters = self.network.copy()


def _keep_files(run: aspara.Run, network: Network, data: Digits, folder: Path) -> None:
    images, digits = data.test
    _, read = network.judge(images, digits)
    model = folder / "model.npz"
    np.savez_compressed(model, *network.parameters)
    run.log_artifact(model, description="Weights, then biases, of the best step", category="model")

    report = folder / "report.json"
    report.write_text(json.dumps(classification_report(digits, read, output_dict=True, zero_division=0), indent=2))
    run.log_artifact(report, description="Precision and recall of each digit", category="other")

    predictions = folder / "predictions.csv"
    with predictions.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "digit", "read_as", "right"])
        writer.writerows(
            [index, int(digit), int(other), int(digit == other)]
            for index, (digit, other) in enumerate(zip(digits, read))
        )
    run.log_artifact(predictions, description="What each test image was read as", category="data")

    confusion, mistakes = folder / "confusion.png", folder / "mistakes.png"
    save_confusion(confusion, images, digits, read)
    run.log_artifact(confusion, description="Digits (rows) and what they were read as (columns)", category="other")
    save_mistakes(mistakes, images, digits, read)
    run.log_artifact(mistakes, description="Misread images, and below each what it was taken for", category="other")
