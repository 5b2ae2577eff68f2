"""A real training loop: minibatches of handwritten digits, five metrics logged at every other step. Prints what that cost."""

import json
import sys
import threading
import time
import warnings

import aspara
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

STEPS = 2_000
BATCH = 64
warnings.filterwarnings("ignore")

mode, address = sys.argv[1:]
images, digits = load_digits(return_X_y=True)
images /= 16
model = MLPClassifier(hidden_layer_sizes=(64,), random_state=0)
model.partial_fit(images[:BATCH], digits[:BATCH], classes=np.arange(10))
run = aspara.init(project="training", mode=mode, tracker_uri=address)
disabled = aspara.Run(project="training", mode="disabled")
random = np.random.default_rng(0)
took = np.empty(STEPS)
begun = time.perf_counter()
for step in range(STEPS):
    # Step by step in turn, for a machine is not as fast in one second as in the next.
    logs_to = run if step % 2 else disabled
    started = time.perf_counter()
    rows = random.integers(0, len(images), BATCH)
    model.partial_fit(images[rows], digits[rows])
    logs_to.log(
        {"loss": model.loss_, "lr": 0.001, "batch": BATCH, "epoch": step * BATCH / len(images), "best": model.loss_}
    )
    took[step] = time.perf_counter() - started
total = time.perf_counter() - begun
senders = [thread for thread in threading.enumerate() if thread.name.startswith("aspara-")]
# What the thread that sends took of the processor: the loop can't have waited longer for it.
background = sum(time.clock_gettime(time.pthread_getcpuclockid(thread.ident)) for thread in senders)
began = time.perf_counter()
run.finish(quiet=True, flush_timeout=1)
print(
    json.dumps(
        {
            "stepMs": float(np.median(took[::2])) * 1e3,
            "loggedStepMs": float(np.median(took[1::2])) * 1e3,
            "backgroundPart": background / total,
            "finishSeconds": time.perf_counter() - began,
        }
    )
)
