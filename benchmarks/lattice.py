#!/usr/bin/env python3
"""What float weights that are integers times a scale become: size and time beside the same weights kept as floats.

usage: lattice.py OUT_DIR [--lambent PATH] [--rounds 5] [--width 4096] [--layers 3] [--rows 1] [--bits 2,4,8] [--threads 1]

A chain of square layers without anything between but Relu. Their weights are f32, each column's integers of some bits
times its scale, as training for few bits leaves them. Every model is compiled twice, as it is by default and with
--keep-float-weights; both take turns, and of each round the median counts. Prints a Markdown table.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def make(out, bits, options):
    generator = np.random.default_rng(bits)
    width, most = options.width, max(1, 2 ** (bits - 1) - 1)
    nodes, weights, value = [], [], "x"
    for layer in range(options.layers):
        codes = generator.integers(-most, most + 1, (width, width)).astype(np.float32)
        scales = (generator.uniform(0.5, 1, width) / most / np.sqrt(width)).astype(np.float32)
        weights.append(numpy_helper.from_array(codes * scales, f"w{layer}"))
        nodes += [helper.make_node("MatMul", [value, f"w{layer}"], [f"p{layer}"]),
                  helper.make_node("Relu", [f"p{layer}"], [f"y{layer}"])]
        value = f"y{layer}"
    info = helper.make_tensor_value_info
    shape = [options.rows, width]
    graph = helper.make_graph(nodes, "lattice", [info("x", TensorProto.FLOAT, shape)],
                              [info(value, TensorProto.FLOAT, shape)], weights)
    path = os.path.join(out, f"lattice_{bits}.onnx")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def time(artefact, options):
    report = json.loads(subprocess.run(
        [options.lambent, "bench", artefact, f"--threads={options.threads}", "--seconds=0.5", "--json"], check=True,
        capture_output=True, text=True).stdout)
    return report["median_ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--lambent", default=os.environ.get("LAMBENT", "lambent"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bits", default="2,4,8")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| bits | MB, f32 | MB | smaller by | ms, f32 | ms | faster by |\n| --- | --- | --- | --- | --- | --- | --- |")
    for bits in map(int, options.bits.split(",")):
        model = make(options.out, bits, options)
        artefacts = [model[:-5] + end for end in (".float.so", ".so")]
        for artefact, flags in zip(artefacts, (["--keep-float-weights"], [])):
            subprocess.run([options.lambent, "compile", model, "-o", artefact, *flags], check=True)
        os.remove(model)
        megabytes = [os.path.getsize(artefact) / 1e6 for artefact in artefacts]
        rounds = [[time(artefact, options) for artefact in artefacts] for _ in range(options.rounds)]
        wide, narrow = (statistics.median(times) for times in zip(*rounds))
        ratio = statistics.median(a / b for a, b in rounds)
        print(f"| {bits} | {megabytes[0]:.1f} | {megabytes[1]:.1f} | {megabytes[0] / megabytes[1]:.2f} | {wide:.2f} | "
              f"{narrow:.2f} | {ratio:.2f} |", flush=True)
        for artefact in artefacts:
            os.remove(artefact)


if __name__ == "__main__":
    sys.exit(main())
