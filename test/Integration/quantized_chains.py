#!/usr/bin/env python3
"""Networks in QDQ form: within one step of ONNX, and the same bits on every CPU.

usage: quantized_chains.py SCRATCH

Each tensor is quantized and dequantized as quantizers write it. A step apart is where a sum of floats, which ONNX rounds
on the way, lies in the middle between two integers.
"""
import pathlib

import numpy as np
import onnxruntime
from command import call_main, lambent, run
from narrow import save
from onnx import TensorProto, helper

RANDOM = np.random.default_rng(23)


class Network:
    """Builds a model layer by layer; activations are of `dtype`."""

    def __init__(self, dtype):
        self.dtype, self.nodes, self.weights = dtype, [], {}

    def constant(self, value):
        name = f"c{len(self.weights)}"
        self.weights[name] = np.asarray(value)
        return name

    def node(self, op, inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def quantize(self, x, scale, zero):
        """The quantized tensor, and what it stands for."""
        parameters = [self.constant(np.float32(scale)), self.constant(np.array(zero, self.dtype))]
        quantized = self.node("QuantizeLinear", [x, *parameters])
        return quantized, self.node("DequantizeLinear", [quantized, *parameters])

    def weight(self, shape, axis=None, spread=None):
        """Of any bytes, or normally distributed ones, of which few are large."""
        values = RANDOM.integers(-127, 128, shape) if spread is None else RANDOM.normal(0, spread, shape)
        values = np.clip(np.round(values), -127, 127).astype(np.int8)
        if axis is None:
            scales, zeros = np.float32(0.01), np.array(0, np.int8)
        else:
            scales = RANDOM.uniform(0.005, 0.015, shape[axis]).astype(np.float32)
            zeros = np.zeros(shape[axis], np.int8)
        names = [self.constant(value) for value in (values, scales, zeros)]
        return self.node("DequantizeLinear", names, **({} if axis is None else {"axis": axis}))

    def conv(self, x, inputs, outputs, taps, group=1, spread=None, **attributes):
        bias = self.constant(RANDOM.standard_normal(outputs).astype(np.float32))
        filter = self.weight((outputs, inputs // group, taps, taps), axis=0, spread=spread)
        return self.node("Conv", [x, filter, bias], group=group, **attributes)


def make(dtype):
    middle, low = (128, 0) if dtype == np.uint8 else (3, -128)
    net = Network(dtype)
    _, x = net.quantize("x", 0.02, middle)
    y = net.node("Relu", [net.conv(x, 3, 24, 3, pads=[1, 1, 1, 1], strides=[2, 2])])
    _, y = net.quantize(y, 0.03, low)
    z = net.node("Clip", [net.conv(y, 24, 24, 3, group=24, pads=[1, 1, 1, 1]), net.constant(np.float32(0)),
                          net.constant(np.float32(6))])
    _, z = net.quantize(z, 0.02, low)
    _, z = net.quantize(net.conv(z, 24, 24, 1, spread=30), 0.03, middle)
    _, y = net.quantize(net.node("Add", [y, z]), 0.06, middle)
    _, w = net.quantize(net.conv(y, 24, 20, 5, spread=25, pads=[2, 2, 2, 2]), 0.2, middle)
    # Functions of one byte, in pieces that are quantized each.
    _, gate = net.quantize(net.node("Sigmoid", [w]), 1 / 256, low)
    _, w = net.quantize(net.node("Mul", [w, gate]), 0.3907, middle)
    _, y = net.quantize(net.node("Concat", [y, w], axis=1), 0.3, middle)
    _, y = net.quantize(net.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2]), 0.3, middle)
    _, y = net.quantize(net.node("GlobalAveragePool", [y]), 0.0973, middle)
    y = net.node("Flatten", [y])
    y = net.node("Add", [net.node("MatMul", [y, net.weight((44, 37), axis=1)]),
                         net.constant(RANDOM.standard_normal(37).astype(np.float32))])
    last, _ = net.quantize(y, 0.61, middle)
    return net, last


def check(folder, dtype):
    net, last = make(dtype)
    x = {"x": RANDOM.standard_normal((2, 3, 19, 17)).astype(np.float32)}
    kind = TensorProto.UINT8 if dtype == np.uint8 else TensorProto.INT8
    net.nodes[-2].output[0] = net.nodes[-1].input[0] = "y"
    model = save(folder, net.nodes[:-1], x, {"y": (kind, [2, 37])}, net.weights, opset=17)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    wanted, = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"]).run(None, x)
    file = folder / "model.onnx"
    graph = lambent("compile", file, "-o", "-", "--emit=graph")
    products = [line for line in graph.splitlines() if "graph.conv(" in line or "graph.matmul(" in line]
    if len(products) != 5 or not all("xui8>" in line for line in products):
        return "a product does not take bytes"
    # Whose sums are of 16 bits, and whose are of 32.
    kernels = lambent("compile", file, "-o", "-", "--emit=lir", "--cpu=x86-64-v3")
    if missing := [name for name in ("#cpu.short_panels", "#cpu.short_conv", "#cpu.panels") if name not in kernels]:
        return f"no product is {missing[0]}"
    found = {}
    for cpu in "native", "skylake-avx512", "x86-64-v3", "x86-64":
        if cpu == "skylake-avx512" and "avx512f" not in pathlib.Path("/proc/cpuinfo").read_text():
            continue
        found[cpu] = run(file, folder / "in", folder / cpu, f"--cpu={cpu}")["y.npy"]
        if not np.array_equal(found[cpu], found["native"]):
            return f"{cpu} gives other bits"
    apart = np.abs(found["native"].astype(int) - wanted.astype(int))
    return f"{apart.max()} steps apart, {np.mean(apart > 0):.2%} not equal" if apart.max() > 1 or np.mean(apart > 0) > 0.02 else None


def main(scratch):
    for dtype in np.uint8, np.int8:
        folder = pathlib.Path(scratch) / dtype.__name__
        problem = check(folder, dtype)
        if problem:
            return f"{dtype.__name__}: {problem}"
    return 0


if __name__ == "__main__":
    call_main(main, __doc__)
