#!/usr/bin/env python3
"""A row's results do not depend on how many rows a run has: every number of them ends in another place of a tile.

usage: row_tails.py

A product with a heavy epilogue, one with a light one, attention and convolutions are compiled once with open dims. What
the largest run says of its first rows, smaller runs have to say bit for bit; the largest agrees with ONNX Runtime.
Attention of few queries reads its keys in place, in sums of another order: of those runs the largest is the measure.
"""
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

from command import Failed, call_main, file_name, lambent, run, write_inputs
from near import difference, same_bits
from reference import run_onnxruntime

ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 23, 27, 29]
MOST = 43
FEW_QUERIES = 8


def weight(name, *shape):
    return numpy_helper.from_array((np.random.default_rng(3).standard_normal(shape) / 8).astype(np.float32), name)


def products():
    """y = gelu(x w + b) v + x, with as many rows as x has."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("Add", ["a", "b"], ["c"]),
             helper.make_node("Gelu", ["c"], ["d"]), helper.make_node("MatMul", ["d", "v"], ["e"]),
             helper.make_node("Add", ["e", "x"], ["y"])]
    return "products", nodes, [weight("w", 48, 100), weight("b", 100), weight("v", 100, 48)], ["rows", 48], 0


def attention():
    """Queries of an open number over 37 keys."""
    nodes = [helper.make_node("Attention", ["x", "k", "v"], ["y"])]
    return "attention", nodes, [weight("k", 1, 2, 37, 24), weight("v", 1, 2, 37, 20)], [1, 2, "rows", 24], 2


def convolution(name, channels, group, **attributes):
    """Its first pixels do not see the end of a row that is longer by two."""
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"], group=group, **attributes)]
    return name, nodes, [weight("w", 20, channels // group, 3, 3)], [1, channels, 5, "rows"], 3


CASES = [products(), attention(), convolution("direct", 6, 1, pads=[1, 1, 1, 0]),
         convolution("depthwise", 20, 20, pads=[1, 1, 1, 0]), convolution("valid", 6, 1)]


def check(case, folder):
    name, nodes, weights, dims, axis = case
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, dims)],
                              [onnx.ValueInfoProto(name="y")], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)
    onnx.save(model, folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")

    def compute(rows):
        x = np.random.default_rng(4).standard_normal([MOST if dim == "rows" else dim for dim in dims]).astype(np.float32)
        x = np.ascontiguousarray(x.take(range(rows), axis))
        write_inputs(folder / "in", {"x": x})
        return x, run(folder / "model.so", folder / "in", folder / "out")[file_name("y")]

    x, largest = compute(MOST)
    if why := difference(run_onnxruntime(model, {"x": x})[0], largest, 1e-4, 1e-5):
        raise Failed(f"{name}: {why}")
    lost = MOST - largest.shape[axis]
    few = compute(FEW_QUERIES)[1] if name == "attention" else None
    for rows in ROWS:
        if rows > lost:
            found = compute(rows)[1]
            measure = largest if few is None or rows > FEW_QUERIES else few
            if not same_bits(np.ascontiguousarray(measure.take(range(rows - lost), axis)), found):
                raise Failed(f"{name}: {rows} rows differ from the first ones of {measure.shape[axis] + lost}")
    if few is not None and (why := difference(run_onnxruntime(model, {"x": x})[0].take(range(FEW_QUERIES), axis), few,
                                              1e-4, 1e-5)):
        raise Failed(f"{name} of {FEW_QUERIES} queries: {why}")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for case in CASES:
            check(case, pathlib.Path(scratch))


if __name__ == "__main__":
    call_main(main, __doc__)
