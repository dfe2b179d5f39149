#!/usr/bin/env python3
"""Products of numbers in blocks: as integers, emulated in f32, and what the same model takes in f32.

usage: block_products.py OUT_DIR [--lambent PATH] [--rounds 5] [--width 4096] [--layers 3] [--rows 1] [--threads 1]
                         [--formats mxint8,mxfp4,mxfp6,mx6,mx4]

The chain of square layers of lattice.py, with drawn weights. --accuracy=strict multiplies rounded numbers as f32. All
take turns, and of each round the median counts. Prints a Markdown table.
"""
import os
import statistics
import sys

import chains
import lattice


def main():
    parser = chains.make_parser(__doc__)
    chains.add_chain_options(parser)
    parser.add_argument("--formats", default="mxint8,mxfp4,mxfp6,mx6,mx4")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    model = os.path.join(options.out, "blocks.onnx")
    chains.make_chain(model, list(lattice.draw(16, options)), options.rows)
    plain = chains.compile_model(model, ".so", options)
    print("| format | MB, f32 | MB | ms, f32 | ms, emulated | ms | faster than emulated |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for name in options.formats.split(","):
        form = f"--quantize={name}"
        artefacts = [plain, chains.compile_model(model, ".emulated.so", options, form, "--accuracy=strict"),
                     chains.compile_model(model, ".blocks.so", options, form)]
        sizes = [os.path.getsize(artefact) / 1e6 for artefact in artefacts]
        (wide, emulated, narrow), rounds = chains.take_turns(artefacts, options)
        ratio = statistics.median(times[1] / times[2] for times in rounds)
        print(f"| {name} | {sizes[0]:.1f} | {sizes[2]:.1f} | {wide:.2f} | {emulated:.2f} | {narrow:.2f} | {ratio:.2f} |",
              flush=True)


if __name__ == "__main__":
    sys.exit(main())
