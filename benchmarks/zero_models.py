#!/usr/bin/env python3
"""Whether zeros cost a model time: models with random zeros beside the same without.

usage: zero_models.py OUT_DIR MODEL.onnx... [--lambent PATH] [--rounds 5] [--threads 1] [--shares PERCENT...] [--structure NAME]

Zeros are put into all products and convolutions that are not depthwise. The artefacts of a model take turns. Prints a
Markdown table: the time without zeros, and for each share of zeros the median over rounds of that time / its own.
"""
import os
import statistics
import sys

import chains
import make_models
import zeros


def main():
    parser = chains.make_parser(__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--shares", nargs="+", type=int, default=[0, 20, 40, 60])
    parser.add_argument("--structure", choices=zeros.STRUCTURES, default="unstructured")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| model | ms | " + " | ".join(f"{share} %" for share in options.shares) + " |")
    print("| --- | --- |" + " --- |" * len(options.shares), flush=True)
    for model in options.models:
        name = os.path.basename(model)[:-len(".onnx")]
        artefacts = [chains.compile_model(model, ".so", options)]
        end = zeros.ENDS[options.structure]
        for share in options.shares:
            path = os.path.join(options.out, f"{name}_zeros{share}{end}.onnx")
            zeros.make(model, path, lambda weight: make_models.generator(f"zeros {weight}"))
            artefacts.append(chains.compile_model(path, ".so", options))
            os.remove(path)
        times, rounds = chains.take_turns(artefacts, options)
        ratios = [statistics.median(r[0] / r[i] for r in rounds) for i in range(1, len(artefacts))]
        print(f"| {name} | {times[0]:.3f} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
