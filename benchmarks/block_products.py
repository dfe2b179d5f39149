#!/usr/bin/env python3
"""Products of numbers in blocks: as integers, emulated in f32, and what the same model takes in f32.

usage: block_products.py OUT_DIR [--lambent PATH] [--rounds 5] [--width 4096] [--layers 3] [--rows 1] [--threads 1]
                         [--formats mxint8,mxfp4,mxfp6,mx6,mx4]

The chain of square layers of lattice.py, with drawn weights. --accuracy=strict multiplies rounded numbers as f32. All
take turns, and of each round the median counts. Prints a Markdown table.
"""
import argparse
import os
import statistics
import subprocess
import sys

import lattice


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--lambent", default=os.environ.get("LAMBENT", "lambent"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--formats", default="mxint8,mxfp4,mxfp6,mx6,mx4")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    model = lattice.make(options.out, 16, options)
    plain = model[:-5] + ".so"
    subprocess.run([options.lambent, "compile", model, "-o", plain], check=True)
    print("| format | MB, f32 | MB | ms, f32 | ms, emulated | ms | faster than emulated |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for name in options.formats.split(","):
        artefacts = [plain, model[:-5] + ".emulated.so", model[:-5] + ".blocks.so"]
        for artefact, flags in zip(artefacts[1:], (["--accuracy=strict"], [])):
            subprocess.run([options.lambent, "compile", model, "-o", artefact, f"--quantize={name}", *flags], check=True)
        sizes = [os.path.getsize(artefact) / 1e6 for artefact in artefacts]
        rounds = [[lattice.time(artefact, options) for artefact in artefacts] for _ in range(options.rounds)]
        wide, emulated, narrow = (statistics.median(times) for times in zip(*rounds))
        ratio = statistics.median(times[1] / times[2] for times in rounds)
        print(f"| {name} | {sizes[0]:.1f} | {sizes[2]:.1f} | {wide:.2f} | {emulated:.2f} | {narrow:.2f} | {ratio:.2f} |",
              flush=True)


if __name__ == "__main__":
    sys.exit(main())
