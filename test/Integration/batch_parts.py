#!/usr/bin/env python3
"""A network whose first layers take their batch by parts, beside ONNX Runtime.

usage: batch_parts.py SCRATCH
"""
import pathlib

import numpy as np
import onnxruntime
from command import call_main, lambent, run, write_inputs
from near import difference, same_bits
from onnx import TensorProto, helper, numpy_helper, save

SHAPE = [12, 3, 96, 88]


def make_model():
    """Layers on large images, with a residual, a concatenation and a buffer that the last layers read, too."""
    generator = np.random.default_rng(11)
    weights, nodes = [], []

    def conv(x, y, inputs, outputs, size, **attributes):
        fan_in = inputs // attributes.get("group", 1) * size * size
        filter = generator.standard_normal((outputs, inputs // attributes.get("group", 1), size, size)).astype(np.float32)
        weights.extend([numpy_helper.from_array(filter * np.float32(fan_in ** -0.5), f"{y}.w"),
                        numpy_helper.from_array(generator.standard_normal(outputs).astype(np.float32), f"{y}.b")])
        nodes.append(helper.make_node("Conv", [x, f"{y}.w", f"{y}.b"], [y], **attributes))

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], **attributes))

    conv("x", "a", 3, 24, 3, pads=[1, 1, 1, 1], strides=[2, 2])
    node("Relu", ["a"], "b")
    conv("b", "c", 24, 96, 1)
    node("Sigmoid", ["c"], "d")
    conv("d", "e", 96, 96, 3, group=96, pads=[1, 1, 1, 1])
    node("Relu", ["e"], "f")
    conv("f", "g", 96, 24, 1)
    node("Add", ["g", "b"], "h")
    conv("h", "i", 24, 40, 3, pads=[1, 1, 1, 1])
    node("Concat", ["i", "h"], "j", axis=1)
    node("MaxPool", ["j"], "k", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    node("GlobalAveragePool", ["j"], "l")
    node("Mul", ["k", "l"], "m")
    conv("m", "n", 64, 32, 1)
    node("ReduceMean", ["n"], "y", axes=[0, 2])
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "parts", [value("x", SHAPE)], [value("y", None)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    save(make_model(), scratch / "m.onnx")
    x = np.random.default_rng(5).standard_normal(SHAPE).astype(np.float32)
    write_inputs(scratch / "in", {"x": x})
    wanted = onnxruntime.InferenceSession(scratch / "m.onnx", providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    lir = lambent("compile", scratch / "m.onnx", "-o", "-", "--emit=lir", "--cpu=x86-64-v4")
    convolutions = lir.count("lir.conv ") + lir.count("lir.matmul ")
    if convolutions < 3 * SHAPE[0]:
        return f"{convolutions} convolutions: the batch was not taken by parts"
    lambent("compile", scratch / "m.onnx", "-o", scratch / "m.so")
    results = [run(scratch / "m.so", scratch / "in", scratch / "out", f"--threads={n}")["y.npy"] for n in (1, 2, 3)]
    if not all(same_bits(results[0], other) for other in results):
        return "bits depend on threads"
    return difference(wanted, results[0], 1e-4, 1e-5)


if __name__ == "__main__":
    call_main(main, __doc__)
