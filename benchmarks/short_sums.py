#!/usr/bin/env python3
"""Products of bytes without VNNI, whose sums are of 16 bits where the weights allow it, beside sums of 32 bits.

usage: short_sums.py OUT_DIR [--lambent PATH] [--rounds 5] [--threads 1] [--rows 196] [--depth 1024] [--columns 256]

MatMulInteger of u8 by i8 for two levels without VNNI, with weights of several distributions. Those of full range and no
zeros to speak of are summed in 32 bits, whose time does not depend on weights: all others are compared with it. Prints a
Markdown table, times of the product's kernel alone.
"""
import os
import statistics
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import chains


def scale(drawn, most):
    """Integers whose largest of each column is `most` in magnitude."""
    return np.rint(drawn / np.abs(drawn).max(0) * most).astype(np.int8)


DISTRIBUTIONS = {
    "uniform, 127": lambda g, shape: g.integers(-127, 128, shape).astype(np.int8),
    "normal, 127": lambda g, shape: scale(g.standard_normal(shape), 127),
    "Laplace, 127": lambda g, shape: scale(g.laplace(size=shape), 127),
    "normal, 63 (7 bits)": lambda g, shape: scale(g.standard_normal(shape), 63),
}


def make(path, weights, rows):
    depth, columns = weights.shape
    info = helper.make_tensor_value_info
    graph = helper.make_graph([helper.make_node("MatMulInteger", ["x", "w"], ["y"])], "product",
                              [info("x", TensorProto.UINT8, [rows, depth])],
                              [info("y", TensorProto.INT32, [rows, columns])], [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def time_product(artefact, options):
    return max(chains.bench(artefact, options)["layers"], key=lambda layer: layer["gflop"])["median_ms"]


def main():
    parser = chains.make_parser(__doc__)
    parser.add_argument("--rows", type=int, default=196)
    parser.add_argument("--depth", type=int, default=1024)
    parser.add_argument("--columns", type=int, default=256)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| weights, the largest of a column | level | ms | beside uniform ones |\n| --- | --- | --- | --- |")
    for level in ("x86-64-v3", "skylake-avx512"):
        artefacts = []
        for i, draw in enumerate(DISTRIBUTIONS.values()):
            model = os.path.join(options.out, f"short_{i}.onnx")
            make(model, draw(np.random.default_rng(i), (options.depth, options.columns)), options.rows)
            artefacts.append(chains.compile_model(model, f".{level}.so", options, f"--cpu={level}"))
        rounds = [[time_product(artefact, options) for artefact in artefacts] for _ in range(options.rounds)]
        for i, name in enumerate(DISTRIBUTIONS):
            ms, ratio = statistics.median(times[i] for times in rounds), statistics.median(times[0] / times[i] for times in rounds)
            print(f"| {name} | {level} | {ms:.3f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
