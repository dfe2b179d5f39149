"""Runs cpu-select-algorithms with a choice, as `lambent tune` writes it, for the first op that has a choice key.

usage: tuned_selection.py INPUT SELECTED ALGORITHM OPTIONS

SELECTED is what the pass makes of INPUT without choices.
"""
import json
import re
import subprocess
import sys

source, selected, algorithm, options = sys.argv[1:]
key = re.search(r'lir\.choice_key = "([0-9a-f]+)"', open(selected).read())[1]
entry = {"algorithm": algorithm, "ms": 1, "estimated_ms": 2, "tried": 1}
choices = json.dumps({"lambent_tuned_choices": 1, "kernels": {key: entry}})
sys.exit(subprocess.run(["lambent-opt", source, "--mlir-print-local-scope",
                         f"--cpu-select-algorithms={options} tuned-choices='{choices}'"]).returncode)
