"""A run that logs until it is told to stop; each row that was acknowledged is told, so that others know what is there."""

import sys

import aspara

run = aspara.init(project="trash", name="r", config={"lr": 0.1}, settings={"quiet": True})
row = 0
print("started")
for line in sys.stdin:
    for _ in range(int(line)):
        run.log({"loss": row})
        row += 1
    assert run.flush() == 0
    print(row)
    if int(line) == 0:
        break
run.summary["best"] = 0
run.tags = ["late"]
run.log_artifact(__file__, name="script.py")
run.finish(flush_timeout=60)
print("finished")
