"""A real training loop: minibatches of handwritten digits, five metrics logged a step. Prints how long the steps took, as JSON."""

import json
import sys
import time
import warnings

import aspara
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

STEPS = 1_000
BATCH = 64
warnings.filterwarnings("ignore")

mode, address = sys.argv[1:]
images, digits = load_digits(return_X_y=True)
images /= 16
model = MLPClassifier(hidden_layer_sizes=(64,), random_state=0)
model.partial_fit(images[:BATCH], digits[:BATCH], classes=np.arange(10))
run = aspara.init(project="training", mode=mode, tracker_uri=address)
random = np.random.default_rng(0)
took = np.empty(STEPS)
begun = time.perf_counter()
for step in range(STEPS):
    started = time.perf_counter()
    rows = random.integers(0, len(images), BATCH)
    model.partial_fit(images[rows], digits[rows])
    run.log({"loss": model.loss_, "lr": 0.001, "batch": BATCH, "epoch": step * BATCH / len(images), "best": model.loss_})
    took[step] = time.perf_counter() - started
total = time.perf_counter() - begun
began = time.perf_counter()
run.finish(quiet=True, flush_timeout=1)
print(
    json.dumps(
        {"medianMs": float(np.median(took)) * 1e3, "totalMs": total * 1e3, "finishSeconds": time.perf_counter() - began}
    )
)
