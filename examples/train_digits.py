"""Train a small neural network on scikit-learn's handwritten digits and follow it live in Aspara.

    pip install requests scikit-learn
    python examples/train_digits.py --epochs 40 --learning-rate 0.001

Everything is reported through the tracker's HTTP API, so this is also the shortest way to see what a client does:
create a run, log metrics, sum up, upload the model, finish. The calls are described in docs/api/tracker.md.
"""

import argparse
import hashlib
import pickle
from typing import Any

import requests
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler


class Run:
    """One run on a tracker: a thin layer over its HTTP calls."""

    def __init__(
        self, tracker: str, project: str, name: str | None, config: dict[str, object]
    ) -> None:
        self.session = requests.Session()
        runs = f"{tracker}/tracker/api/v1/projects/{project}/runs"
        # Without a name the tracker makes one up.
        created = self._post(runs, json={"name": name, "config": config})
        self.name = created["name"]
        self.url = f"{runs}/{self.name}"

    def log(self, step: int, metrics: dict[str, float]) -> None:
        self._post(f"{self.url}/metrics", json={"step": step, "metrics": metrics})

    def summarize(self, summary: dict[str, object]) -> None:
        self._post(f"{self.url}/summary", json={"summary": summary})

    def upload(self, name: str, content: bytes, category: str) -> None:
        answer = self._post(
            f"{self.url}/artifacts",
            files={"file": (name, content)},
            data={"category": category},
        )
        # The tracker answers what has arrived.
        assert answer["sha256"] == hashlib.sha256(content).hexdigest()

    def finish(self, exit_code: int = 0) -> None:
        self._post(f"{self.url}/finish", json={"exit_code": exit_code})

    def _post(self, url: str, **body: Any) -> dict[str, str]:
        response = self.session.post(url, timeout=30, **body)
        if not response.ok:
            raise RuntimeError(f"{url}: {response.status_code} {response.text}")
        answer: dict[str, str] = response.json()
        return answer


def train(run: Run, epochs: int, learning_rate: float, seed: int) -> None:
    images, digits = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        images, digits, test_size=0.25, random_state=seed, stratify=digits
    )
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = scaler.transform(x_train), scaler.transform(x_val)

    model = MLPClassifier(
        hidden_layer_sizes=(32,),
        learning_rate_init=learning_rate,
        batch_size=64,
        random_state=seed,
    )
    best_accuracy, best_epoch = 0.0, 0
    for epoch in range(epochs):
        model.partial_fit(x_train, y_train, classes=range(10))
        metrics = {
            "train/loss": float(log_loss(y_train, model.predict_proba(x_train))),
            "train/accuracy": float(model.score(x_train, y_train)),
            "val/loss": float(log_loss(y_val, model.predict_proba(x_val))),
            "val/accuracy": float(model.score(x_val, y_val)),
        }
        run.log(epoch, metrics)
        if metrics["val/accuracy"] > best_accuracy:
            best_accuracy, best_epoch = metrics["val/accuracy"], epoch
        print(
            f"epoch {epoch:3}  "
            + "  ".join(f"{metric} {value:.4f}" for metric, value in metrics.items())
        )

    run.summarize({"best_val_accuracy": best_accuracy, "best_epoch": best_epoch})
    run.upload("digits.pkl", pickle.dumps((scaler, model)), category="model")


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train on the digits and report to Aspara"
    )
    parser.add_argument(
        "--tracker", default="http://127.0.0.1:3142", help="(default: %(default)s)"
    )
    parser.add_argument("--project", default="digits", help="(default: %(default)s)")
    parser.add_argument("--name", help="of the run (default: the tracker makes one)")
    parser.add_argument("--epochs", type=int, default=40, help="(default: %(default)s)")
    parser.add_argument(
        "--learning-rate", type=float, default=0.001, help="(default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    args = parser.parse_args()

    config: dict[str, object] = {
        "model": "MLPClassifier",
        "epochs": args.epochs,
        "learning_rate": args.learning_rate,
        "seed": args.seed,
    }
    run = Run(args.tracker, args.project, args.name, config)
    print(f"Run {run.name} of project {args.project}: watch it at {args.tracker}")
    try:
        train(run, args.epochs, args.learning_rate, args.seed)
    except BaseException:
        # Also when it is interrupted: the tracker then shows it as failed, not as running for ever.
        run.finish(exit_code=1)
        raise
    run.finish()
    print(f"Finished. Read it back: {run.url}")


if __name__ == "__main__":
    main()
