"""One of many processes that log to one run: its steps are every so-manyth, and its peak of memory is its last line."""

import resource
import sys

import aspara

first, every, count = map(int, sys.argv[1:])
run = aspara.init(project="many", name="together", resume=True)
for row in range(count):
    run.log({"loss": 1 / (1 + row), "acc": row / count}, step=first + row * every)
run.finish(flush_timeout=120)
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(kilobytes * 1024 if sys.platform != "darwin" else kilobytes)
