#!/usr/bin/env python3
"""Images whose number of channels a run decides, and other sizes that operands have to agree on.

usage: open_channels.py

Each case is compiled once and run at several sizes beside ONNX Runtime or ONNX's own reference.
"""
import sys

import numpy as np
from onnx import helper

from command import Failed, call_main
from in_process import compile_model
from near import difference
from reference import evaluate, make_model

IMAGES = [dict(n=n, c=c, h=h, w=w) for n, c, h, w in ((1, 1, 5, 6), (2, 7, 9, 5), (3, 32, 4, 17), (1, 5, 33, 3))]
POOL = dict(kernel_shape=[2, 3], strides=[2, 1])


def case(op, operands, sizes=IMAGES, opset=21, outputs=1, bound="", **attributes):
    return op, operands, sizes, opset, outputs, bound, attributes


def cases():
    for op in "MaxPool", "AveragePool", "LpPool":
        yield case(op, ["nchw"], **POOL)
        yield case(op, ["nchw"], **POOL, pads=[1, 1, 0, 2])
        yield case(op, ["nchw"], **POOL, auto_pad="SAME_UPPER")
        yield case(op, ["nch"], kernel_shape=[3])
        yield case("Global" + op, ["nchw"])
    yield case("MaxPool", ["nchw/u1"], **POOL)
    yield case("MaxPool", ["nchw"], **POOL, outputs=2)
    yield case("AveragePool", ["nchw"], **POOL, pads=[1, 2, 1, 1], count_include_pad=1)
    # The only column of windows lies in the padding.
    yield case("Conv", ["nchw", np.ones([4, 3, 2, 1], np.float32)], [dict(n=2, c=3, h=6, w=1)], pads=[0, 1, 0, 0],
               strides=[1, 2], bound="cw")
    one = np.array([1.5], np.float32)
    yield case("BatchNormalization", ["nchw", one, one, one, one], [dict(n=2, c=1, h=3, w=4), dict(n=1, c=1, h=1, w=9)])
    yield case("BatchNormalization", ["nchw", "c", "c", "c", "c"])
    yield case("BatchNormalization", ["nchw", np.arange(1, 8, dtype=np.float32), "c", "c", "c"], [IMAGES[1]])
    yield case("TensorScatter", ["nhcw", "njcw"], [dict(n=2, h=5, c=3, w=2, j=2), dict(n=1, h=9, c=1, w=3, j=9)], opset=24,
               axis=1)
    yield case("AffineGrid", ["nhw", np.array([3, 1, 4, 5])], [dict(n=3, h=2, w=3)])
    yield case("TopK", ["nc", "k/i8"], [dict(n=3, c=5, k=1), dict(n=1, c=9, k=1)], outputs=2)
    yield case("RotaryEmbedding", ["nchw", "nhr", "nhr"], [dict(n=2, c=3, h=4, w=2, r=1), dict(n=1, c=2, h=1, w=8, r=4)],
               opset=23)


def draw(operand, sizes, rng):
    if not isinstance(operand, str):
        return operand
    dims, _, kind = operand.partition("/")
    shape = [sizes[letter] for letter in dims]
    return rng.integers(0, 256 if kind == "u1" else 4, shape).astype(kind) if kind else (
        rng.random(shape) + 0.25).astype(np.float32)


def examine(op, operands, all_sizes, opset, outputs, bound, attributes):
    node = helper.make_node(op, [f"x{i}" for i in range(len(operands))], [f"y{i}" for i in range(outputs)], **attributes)
    rng = np.random.default_rng(0)
    arrays = {f"x{i}": draw(operand, all_sizes[0], rng) for i, operand in enumerate(operands)}
    inputs = {name: array for (name, array), operand in zip(arrays.items(), operands) if isinstance(operand, str)}
    constants = {name: array for name, array in arrays.items() if name not in inputs}
    proto = make_model([node], inputs, dict.fromkeys(node.output), constants, opset)
    for value in proto.graph.input:
        letters = operands[int(value.name[1:])].partition("/")[0]
        for dim, letter in zip(value.type.tensor_type.shape.dim, letters):
            if letter not in bound:
                dim.dim_param = letter
    try:
        model = compile_model(proto)
        for sizes in all_sizes:
            arrays = {f"x{i}": draw(operand, sizes, rng) for i, operand in enumerate(operands)}
            found = model.run(arrays)
            for name, array in zip(node.output, evaluate(node, arrays, opset)):
                if why := difference(np.asarray(array), found[name], 1e-4, 1e-5):
                    yield f"{op} of {operands} {attributes} at {sizes}: {name}: {why}"
        model.close()
    except Failed as failed:
        yield f"{op} of {operands} {attributes}: {failed}"


def main():
    problems = [problem for row in cases() for problem in examine(*row)]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
