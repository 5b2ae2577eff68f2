"""Gives one peer the runs that the tracker has, by its own client or file format: `feed_peer.py PEER RUNS FOLDER`."""

import json
import os
import sys
from pathlib import Path

peer, runs, folder = sys.argv[1], sorted(Path(sys.argv[2]).glob("*.json")), Path(sys.argv[3])
PROJECT = "panels"


def rows(run):
    """The rows of a run: step, seconds since the epoch, and metrics by name."""
    columns = run["columns"]
    for index, (step, time) in enumerate(zip(columns["steps"], columns["timestamps"])):
        yield step, time / 1000, {name: values[index] for name, values in columns["metrics"].items()}


def feed_aspara(run):
    import aspara

    live = aspara.init(project=PROJECT, name=run["name"], config=run["config"], dir=str(folder))
    for step, _, metrics in rows(run):
        live.log(metrics, step=step)
    live.finish(quiet=True)


def feed_trackio(run):
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    trackio.init(
        project=PROJECT,
        name=run["name"],
        config=run["config"],
        auto_log_gpu=False,
        auto_log_cpu=False,
        embed=False,
    )
    for step, _, metrics in rows(run):
        trackio.log(metrics, step=step)
    trackio.finish()


def feed_tensorboard(run):
    from tensorboardX import SummaryWriter
    from tensorboardX.proto.summary_pb2 import Summary

    writer = SummaryWriter(str(folder / run["name"]))
    for step, time, metrics in rows(run):
        # One event with all values of a step: the format has it so, and add_scalar would write twenty.
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        writer.file_writer.add_summary(Summary(value=values), step, time)
    writer.close()


feed = {"aspara": feed_aspara, "trackio": feed_trackio, "tensorboard": feed_tensorboard}[peer]
for path in runs:
    feed(json.loads(path.read_text()))
