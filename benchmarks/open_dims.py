#!/usr/bin/env python3
"""Times artefacts with open dims beside ones whose dims are bound to the same sizes.

usage: open_dims.py MODEL.onnx [NAME=SIZE,...]...

For each list of sizes, on 1 and 2 threads: both artefacts in turn, five times, the least of the medians each. Prints a
table with the ratio.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

LAMBENT = os.environ.get("LAMBENT", "lambent")
ROUNDS = 5


def call(*words):
    return subprocess.run([LAMBENT, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def median(artefact, dims, threads):
    found = json.loads(call("bench", artefact, *dims, f"--threads={threads}", "--seconds=0.5", "--json"))
    return found["median_ms"]


def measure(model, sizes, folder):
    name = pathlib.Path(model).parent.name
    opened = folder / "open.so"
    call("compile", model, "-o", opened)
    for text in sizes:
        dims = [word for size in text.split(",") for word in ("--dim", size)]
        bound = folder / "bound.so"
        call("compile", model, "-o", bound, *dims)
        for threads in 1, 2:
            times = [(median(opened, dims, threads), median(bound, [], threads)) for _ in range(ROUNDS)]
            first, second = map(min, zip(*times))
            print(f"| {name} | {text.replace(',', ', ')} | {threads} | {first:.2f} | {second:.2f} | {first / second:.2f} |")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    print("| model | sizes | threads | open ms | bound ms | open / bound |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        measure(sys.argv[1], sys.argv[2:], pathlib.Path(folder))


if __name__ == "__main__":
    main()
