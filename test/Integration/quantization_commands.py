#!/usr/bin/env python3
"""Runs the commands at the beginning of docs/quantization.md, and looks at what they write.

usage: quantization_commands.py MODELS SCRATCH   MODELS is the folder of fetched models
"""
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

from command import Failed, call_main, run

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "models"))
import tasks  # noqa: E402


def read_commands():
    """The first block of commands of the page, without a shell's quotes."""
    lines = (ROOT / "docs" / "quantization.md").read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    lambent "))
    block = []
    while lines[first].startswith("    lambent "):
        block.append(shlex.split(lines[first]))
        first += 1
    return block


def main(models, scratch):
    models, scratch = pathlib.Path(models), pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    shutil.copy(models / "ccexam-mnist-cnn" / "model.onnx", scratch)
    tasks.calibrate("ccexam-mnist-cnn", tasks.make_context(models), scratch / "samples")
    commands = read_commands()
    if len(commands) != 5:
        raise Failed(f"expected five commands, but got {len(commands)}")
    for command in commands:
        result = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
        print(" ".join(command), result.stdout, result.stderr, sep="\n")
        if result.returncode:
            raise Failed(f"{' '.join(command)} ended with status {result.returncode}")
    for page in ("search.html", "layers.html"):
        if "</html>" not in (scratch / page).read_text():
            raise Failed(f"{page} has no end")
    if (scratch / "int8.onnx.search").exists():
        raise Failed("what the search measured was left behind")
    report = json.loads(subprocess.run(["lambent", "compare", "model.onnx", "int8.onnx", "--input-dir", "samples", "--json"],
                                       cwd=scratch, capture_output=True, text=True, check=True).stdout)
    print(json.dumps(report)[:300])
    run(scratch / "int8.so", scratch / "samples" / "batch_000" / "inputs", scratch / "out")
    return 0


if __name__ == "__main__":
    call_main(main, __doc__)
