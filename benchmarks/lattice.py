#!/usr/bin/env python3
"""What float weights that are integers times a scale become: size and time beside the same weights kept as floats.

usage: lattice.py OUT_DIR [--lambent PATH] [--rounds 5] [--width 4096] [--layers 3] [--rows 1] [--bits 2,4,8] [--threads 1]

A chain of square layers without anything between but Relu. Their weights are f32, each column's integers of some bits
times its scale, as training for few bits leaves them. Every model is compiled twice, as it is by default and with
--keep-float-weights; both take turns, and of each round the median counts. Prints a Markdown table.
"""
import os
import statistics
import sys

import numpy as np

import chains


def draw(bits, options):
    """Matrices whose columns are integers of `bits` times a scale."""
    generator = np.random.default_rng(bits)
    width, most = options.width, max(1, 2 ** (bits - 1) - 1)
    for _ in range(options.layers):
        codes = generator.integers(-most, most + 1, (width, width)).astype(np.float32)
        yield codes * (generator.uniform(0.5, 1, width) / most / np.sqrt(width)).astype(np.float32)


def main():
    parser = chains.make_parser(__doc__)
    chains.add_chain_options(parser)
    parser.add_argument("--bits", default="2,4,8")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| bits | MB, f32 | MB | smaller by | ms, f32 | ms | faster by |\n| --- | --- | --- | --- | --- | --- | --- |")
    for bits in map(int, options.bits.split(",")):
        model = os.path.join(options.out, f"lattice_{bits}.onnx")
        chains.make_chain(model, list(draw(bits, options)), options.rows)
        artefacts = [chains.compile_model(model, ".float.so", options, "--keep-float-weights"),
                     chains.compile_model(model, ".so", options)]
        os.remove(model)
        megabytes = [os.path.getsize(artefact) / 1e6 for artefact in artefacts]
        (wide, narrow), rounds = chains.take_turns(artefacts, options)
        ratio = statistics.median(a / b for a, b in rounds)
        print(f"| {bits} | {megabytes[0]:.1f} | {megabytes[1]:.1f} | {megabytes[0] / megabytes[1]:.2f} | {wide:.2f} | "
              f"{narrow:.2f} | {ratio:.2f} |", flush=True)
        for artefact in artefacts:
            os.remove(artefact)


if __name__ == "__main__":
    sys.exit(main())
