"""Train a small neural network on scikit-learn's handwritten digits and follow it live in Aspara.

    pip install scikit-learn
    PYTHONPATH=python/src python examples/train_digits.py --epochs 40 --learning-rate 0.001

With one of the wheels installed (see README.md) PYTHONPATH is not needed. With no tracker there it trains all the same;
`aspara sync` then sends what it logged.
"""

import argparse
import pickle
import tempfile
from pathlib import Path

import aspara
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler


def train(run: aspara.Run, epochs: int, learning_rate: float, seed: int) -> None:
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
        run.log(metrics, step=epoch)
        if metrics["val/accuracy"] > best_accuracy:
            best_accuracy, best_epoch = metrics["val/accuracy"], epoch
        print(
            f"epoch {epoch:3}  "
            + "  ".join(f"{metric} {value:.4f}" for metric, value in metrics.items())
        )

    run.summary.update({"best_val_accuracy": best_accuracy, "best_epoch": best_epoch})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.pkl"
        path.write_bytes(pickle.dumps((scaler, model)))
        run.log_artifact(path, category="model")
        # A file is read when it is sent.
        run.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train on the digits and report to Aspara"
    )
    parser.add_argument(
        "--tracker", default="http://127.0.0.1:3142", help="(default: %(default)s)"
    )
    parser.add_argument("--project", default="digits", help="(default: %(default)s)")
    parser.add_argument("--name", help="of the run (default: one is made up)")
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
    run = aspara.init(
        project=args.project, name=args.name, tracker_uri=args.tracker, config=config
    )
    # An exception, or Ctrl-C, ends the run as failed.
    with run:
        train(run, args.epochs, args.learning_rate, args.seed)


if __name__ == "__main__":
    main()
