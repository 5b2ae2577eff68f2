"""Runs a script and keeps a line of JSON of each of its log() calls: `record_logs.py FILE SCRIPT [ARGUMENT …]`."""

import json
import runpy
import sys

import aspara

file, script = sys.argv[1:3]
log = aspara.Run.log
with open(file, "w", encoding="utf8") as kept:

    def recorded(self, data, step=None, **more):
        kept.write(json.dumps({"step": step, "metrics": data}) + "\n")
        return log(self, data, step=step, **more)

    aspara.Run.log = recorded
    sys.argv = sys.argv[2:]
    runpy.run_path(script, run_name="__main__")
