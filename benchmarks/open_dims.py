#!/usr/bin/env python3
"""Times artefacts with open dims beside ones whose dims are bound to the same sizes.

usage: open_dims.py OUT_DIR MODELS [NAME ...] [--rounds N] [--threads N...]

For each size of each model (open_models.py), on 1 and 2 threads: both artefacts in turn, some rounds, the least of the
medians each. Prints a table with the ratio, and what a change of size costs where SIZE_CHANGE names that program.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import onnx

from open_models import models

LAMBENT = os.environ.get("LAMBENT", "lambent")
SIZE_CHANGE = os.environ.get("SIZE_CHANGE")


def call(*words):
    return subprocess.run([LAMBENT, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(artefact, dims, threads):
    report = json.loads(call("bench", artefact, *dims, f"--threads={threads}", "--seconds=0.5", "--json"))
    return report["median_ms"]


def compare(name, opened, path, sizes, folder, options):
    dims = [word for dim, size in sizes.items() for word in ("--dim", f"{dim}={size}")]
    bound = folder / "bound.so"
    call("compile", path, "-o", bound, *dims)
    for threads in options.threads:
        rounds = [(measure(opened, dims, threads), measure(bound, [], threads)) for _ in range(options.rounds)]
        first, second = map(min, zip(*rounds))
        text = ", ".join(f"{dim}={size}" for dim, size in sizes.items())
        print(f"| {name} | {text} | {threads} | {first:.2f} | {second:.2f} | {first / second:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("models")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    print("| model | sizes | threads | open ms | bound ms | open / bound |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, build, all_sizes, ranges in models(options.out, options.models):
            if options.names and name not in options.names:
                continue
            onnx.save(build(), folder / "model.onnx")
            begin = time.perf_counter()
            call("compile", folder / "model.onnx", "-o", folder / "open.so")
            print(f"| {name} | compiled in {time.perf_counter() - begin:.1f} s | | | | |", flush=True)
            for sizes in all_sizes:
                compare(name, folder / "open.so", folder / "model.onnx", sizes, folder, options)
            for threads in options.threads if SIZE_CHANGE else []:
                cost = subprocess.run([SIZE_CHANGE, folder / "open.so", str(threads), *ranges], check=True,
                                      stdout=subprocess.PIPE, text=True).stdout.strip()
                print(f"| {name} | a change {cost} | {threads} | | | |", flush=True)


if __name__ == "__main__":
    main()
