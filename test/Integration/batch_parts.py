#!/usr/bin/env python3
"""A network whose first layers take their batch by parts, beside ONNX Runtime.

usage: batch_parts.py SCRATCH
"""
import pathlib

import numpy as np
import onnxruntime
from command import call_main, lambent, run, write_inputs
from near import difference, same_bits
from onnx import helper, save
from reference import make_model

SHAPE = [12, 3, 96, 88]


def network():
    """Layers on large images, with a residual, a concatenation and a buffer that the last layers read, too."""
    generator = np.random.default_rng(11)
    weights, nodes = {}, []

    def conv(x, y, inputs, outputs, size, **attributes):
        fan_in = inputs // attributes.get("group", 1) * size * size
        filter = generator.standard_normal((outputs, inputs // attributes.get("group", 1), size, size)).astype(np.float32)
        weights[f"{y}.w"] = filter * np.float32(fan_in ** -0.5)
        weights[f"{y}.b"] = generator.standard_normal(outputs).astype(np.float32)
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
    return make_model(nodes, {"x": np.empty(SHAPE, np.float32)}, {"y": None}, weights, opset=17)


def mixed_model(inputs):
    """Rows that need other rows, and a concatenation along the batch: not to be taken by parts."""
    nodes = [helper.make_node(op, inputs.split(), [output], **attributes) for op, inputs, output, attributes in (
        ("Exp", "x", "t", {}), ("Slice", "t zeros ones axes", "corner", {}), ("Reshape", "corner column", "c", {}),
        ("Add", "t c", "y", {}), ("Slice", "t zero half batch", "first", {}), ("Neg", "first", "u", {}),
        ("Concat", "u w", "z", dict(axis=0)), ("Mul", "z y", "v", {}))]
    constants = dict(zeros=[0, 0], ones=[1, 1], axes=[1, 2], zero=[0], half=[32], batch=[0], column=[64, 1])
    return make_model(nodes, inputs, dict.fromkeys("tyzv"), {name: np.array(list) for name, list in constants.items()}, opset=17)


def check_mixed(scratch):
    generator = np.random.default_rng(7)
    inputs = {name: generator.standard_normal([n, 64, 600]).astype(np.float32) for name, n in (("x", 64), ("w", 32))}
    save(mixed_model(inputs), scratch / "mixed.onnx")
    write_inputs(scratch / "mixed", inputs)
    lambent("compile", scratch / "mixed.onnx", "-o", scratch / "mixed.so")
    found = run(scratch / "mixed.so", scratch / "mixed", scratch / "out-mixed")
    t = np.exp(inputs["x"])
    y, z = t + t[:, :1, 0], np.concatenate([-t[:32], inputs["w"]])
    for name, wanted in ("t", t), ("y", y), ("z", z), ("v", z * y):
        if problem := difference(wanted, found[f"{name}.npy"], 1e-4, 1e-5):
            return f"{name}: {problem}"
    return None


def main(scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    if problem := check_mixed(scratch):
        return problem
    save(network(), scratch / "m.onnx")
    x = np.random.default_rng(5).standard_normal(SHAPE).astype(np.float32)
    write_inputs(scratch / "in", {"x": x})
    wanted = onnxruntime.InferenceSession(scratch / "m.onnx", providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    lir = lambent("compile", scratch / "m.onnx", "-o", "-", "--emit=lir", "--cpu=x86-64-v4")
    convolutions = lir.count("lir.conv ") + lir.count("lir.matmul ")
    if convolutions < 3 * SHAPE[0]:
        return f"{convolutions} convolutions: the batch was not taken by parts"
    lambent("compile", scratch / "m.onnx", "-o", scratch / "m.so")
    results = [run(scratch / "m.so", scratch / "in", scratch / "out", f"--threads={n}")["y.npy"] for n in (1, 2, 3, 64)]
    if not all(same_bits(results[0], other) for other in results):
        return "bits depend on threads"
    return difference(wanted, results[0], 1e-4, 1e-5)


if __name__ == "__main__":
    call_main(main, __doc__)
