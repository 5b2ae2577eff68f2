"""10,000 log() calls of five metrics by one client, measured in its own process; one line of JSON tells how it went."""

import json
import os
import sys
import time

LOGS = 10_000


def ours(address, folder):
    import aspara

    run = aspara.init(project="clients", name=f"python-{os.getpid()}", tracker_uri=address, dir=folder)
    return run.log, run.flush, lambda: run.finish(quiet=True)


def pypi(address, folder):
    import aspara

    run = aspara.init(project="clients", name=f"pypi-{os.getpid()}", tracker_uri=address)
    return run.log, lambda: None, run.finish


def tensorboardx(address, folder):
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(folder)
    step = 0

    def log(metrics):
        nonlocal step
        for name, value in metrics.items():
            writer.add_scalar(name, value, step)
        step += 1

    return log, writer.flush, writer.close


def wandb_offline(address, folder):
    import wandb

    run = wandb.init(project="clients", mode="offline", dir=folder, settings=wandb.Settings(silent=True))
    return run.log, run.finish, lambda: None


def main():
    client, address, folder = sys.argv[1:]
    log, flush, finish = {"ours": ours, "pypi": pypi, "tensorboardx": tensorboardx, "wandb": wandb_offline}[client](
        address, folder
    )
    clock = time.perf_counter_ns
    took = []
    for step in range(LOGS):
        loss = 1 / (1 + step)
        metrics = {"loss": loss, "val/loss": loss * 1.1, "acc": 1 - loss, "val/acc": 1 - loss * 1.1, "lr": 0.001}
        started = clock()
        log(metrics)
        took.append(clock() - started)
    last = time.time()
    flush()
    durable = time.time() - last
    finish()
    took.sort()
    cpu = os.times()
    print(
        json.dumps(
            {
                "p50Us": took[LOGS // 2] / 1e3,
                "p99Us": took[LOGS * 99 // 100] / 1e3,
                "durableSeconds": durable,
                "cpuSeconds": cpu.user + cpu.system + cpu.children_user + cpu.children_system,
            }
        )
    )


main()
