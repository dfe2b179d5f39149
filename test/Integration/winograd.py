#!/usr/bin/env python3
"""A network whose 3x3 convolutions run by Winograd, beside ONNX Runtime and beside --accuracy=strict.

usage: winograd.py SCRATCH
"""
import pathlib

import numpy as np
import onnxruntime
from command import call_main, lambent, run, write_inputs
from near import difference, same_bits
from onnx import TensorProto, helper, numpy_helper, save

SHAPE = [2, 3, 46, 58]


def make_model(shape=SHAPE):
    """Convolutions with bias, activations and a residual on images whose sizes no tile divides."""
    generator = np.random.default_rng(3)
    weights, nodes = [], []

    def conv(x, y, inputs, outputs, **attributes):
        filter = generator.standard_normal((outputs, inputs, 3, 3)).astype(np.float32) * np.float32((4.5 * inputs) ** -0.5)
        bias = generator.standard_normal(outputs).astype(np.float32) * np.float32(0.1)
        weights.extend([numpy_helper.from_array(filter, f"{y}.w"), numpy_helper.from_array(bias, f"{y}.b")])
        nodes.append(helper.make_node("Conv", [x, f"{y}.w", f"{y}.b"], [y], **attributes))

    conv("x", "a", 3, 48, pads=[1, 1, 1, 1])
    nodes.append(helper.make_node("Relu", ["a"], ["b"]))
    conv("b", "c", 48, 48, pads=[1, 1, 1, 1])
    nodes.append(helper.make_node("Add", ["c", "b"], ["d"]))
    nodes.append(helper.make_node("Relu", ["d"], ["e"]))
    conv("e", "f", 48, 72, pads=[0, 1, 2, 0])
    nodes.append(helper.make_node("Sigmoid", ["f"], ["g"]))
    nodes.append(helper.make_node("MaxPool", ["g"], ["h"], kernel_shape=[2, 2], strides=[2, 2]))
    conv("h", "y", 72, 130, pads=[1, 1, 1, 1])
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "winograd", [value("x", shape)], [value("y", None)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    save(make_model(), scratch / "m.onnx")
    x = np.random.default_rng(5).standard_normal(SHAPE).astype(np.float32)
    write_inputs(scratch / "in", {"x": x})
    wanted = onnxruntime.InferenceSession(scratch / "m.onnx", providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    found = {}
    for accuracy, rtol, atol in ("default", 1e-4, 1e-5), ("strict", 1e-4, 2e-6):
        option = f"--accuracy={accuracy}"
        chosen = lambent("compile", scratch / "m.onnx", "-o", "-", "--emit=lir", option).count('attributes {algorithm = #cpu.winograd<')
        if chosen < 3 if accuracy == "default" else chosen:
            return f"{accuracy}: {chosen} convolutions run by Winograd"
        lambent("compile", scratch / "m.onnx", "-o", scratch / "m.so", option)
        results = [run(scratch / "m.so", scratch / "in", scratch / "out", f"--threads={n}")["y.npy"] for n in (1, 2, 3, 64)]
        if not all(same_bits(results[0], other) for other in results):
            return f"{accuracy}: bits depend on threads"
        problem = difference(wanted, results[0], rtol, atol)
        if problem:
            return f"{accuracy}: {problem}"
        found[accuracy] = results[0]
    if same_bits(found["default"], found["strict"]):
        return "both accuracies give the same bits"
    return None


if __name__ == "__main__":
    call_main(main, __doc__)
