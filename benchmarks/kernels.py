#!/usr/bin/env python3
"""How much of the core's measured multiply-add peak the matrix and convolution kernels reach.

usage: kernels.py OUT_DIR [--lambent PATH] [--rounds 5]

Compiles models of one product or convolution on a constant weight and times their kernel alone, on one thread:
packed f32 products, and convolutions as they are by default and with --accuracy=strict. Prints a Markdown table.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import make_models


def kernel_time(lambent, model, accuracy):
    """(share of peak, kernel's name, ms) of the model's heaviest layer."""
    artefact = model[:-5] + "." + accuracy + ".so"
    subprocess.run([lambent, "compile", model, "-o", artefact, f"--accuracy={accuracy}"], check=True)
    report = json.loads(subprocess.run([lambent, "bench", artefact, "--threads=1", "--seconds=0.3", "--json"],
                                       check=True, capture_output=True, text=True).stdout)
    layer = max(report["layers"], key=lambda x: x["gflop"])
    return layer["share_of_peak"], layer["kernel"], layer["median_ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--lambent", default=os.environ.get("LAMBENT", "lambent"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print("| kernel | accuracy | algorithm | µs | share of peak |\n| --- | --- | --- | --- | --- |")
    for model in make_models.make_kernels(options.out):
        name = os.path.basename(model)[:-5]
        for accuracy in ("default", "strict") if name.startswith("conv") else ("default",):
            times = [kernel_time(options.lambent, model, accuracy) for _ in range(options.rounds)]
            share, kernel, ms = statistics.median(t[0] for t in times), times[0][1], statistics.median(t[2] for t in times)
            print(f"| {name} | {accuracy} | {kernel} | {1000 * ms:.0f} | {100 * share:.0f} % |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
