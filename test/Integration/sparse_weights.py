#!/usr/bin/env python3
"""Products and convolutions whose weights have zeros, most of which vectors of output channels share, against NumPy.

usage: sparse_weights.py SCRATCH

Each runs by default on 1 and 2 threads, which give the same bits, and strictly, with all zeros, which gives the same
sums; a number that is not finite says which of them was multiplied by.
"""
import pathlib
import shutil

import numpy as np
import onnx
from command import call_main, lambent, run, write_inputs
from onnx import TensorProto, helper, numpy_helper

GENERATOR = np.random.default_rng(23)
FLAGS = [], ["--cpu=x86-64-v3"], ["--cpu=x86-64"]


def drawn(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


def prune(weights, zeros, block=64):
    """[outputs, ...] of which vectors of `block` outputs are zero."""
    kept = GENERATOR.random((-(-weights.shape[0] // block), *weights.shape[1:])) >= zeros
    return weights * np.repeat(kept, block, 0)[:weights.shape[0]]


def convolve(x, w, stride, pad):
    """In f64, of NCHW."""
    x = np.pad(x.astype(np.float64), [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,ocij->nohw", windows, w.astype(np.float64))


# name: (the product or convolution, input's shape, weights [outputs, inputs, ...], what is chosen)
CASES = {
    "product": ("MatMul", (96, 200), prune(drawn(144, 200), 0.8), "sparse_panels"),
    "product, odd sizes": ("MatMul", (37, 123), prune(drawn(77, 123), 0.7), "sparse_panels"),
    "product of a batch": ("MatMul", (3, 29, 64), prune(drawn(64, 64), 0.8), "sparse_panels"),
    "product with a panel of zeros": ("MatMul", (50, 96), prune(drawn(128, 96), 0.5) * (np.arange(128) >= 64)[:, None], "sparse_panels"),
    "product of nothing": ("MatMul", (50, 96), np.zeros((40, 96), np.float32), "sparse_panels"),
    "1x1": ("Conv 1 0", (2, 64, 13, 17), prune(drawn(96, 64, 1, 1), 0.8), "sparse_panels"),
    "1x1 with strides": ("Conv 2 0", (1, 64, 13, 17), prune(drawn(96, 64, 1, 1), 0.8), "sparse_gemm"),
    "3x3": ("Conv 1 1", (1, 32, 14, 19), prune(drawn(64, 32, 3, 3), 0.9), "sparse_"),
    "3x3 with strides": ("Conv 2 1", (1, 24, 23, 19), prune(drawn(72, 24, 3, 3), 0.7), "sparse_gemm"),
    "5x5": ("Conv 1 2", (1, 16, 12, 21), prune(drawn(48, 16, 5, 5), 0.8), "sparse_"),
    "3x3 whose channels are zero": ("Conv 1 1", (1, 64, 28, 28), drawn(64, 64, 3, 3) * (np.arange(64) % 4 == 1)[:, None, None], "sparse_"),
    "3x3, single zeros": ("Conv 1 1", (2, 32, 21, 30), prune(drawn(64, 32, 3, 3), 0.93, block=1), "sparse_conv"),
    "3x3 with strides, single zeros": ("Conv 2 1", (1, 48, 23, 61), prune(drawn(40, 48, 3, 3), 0.93, block=1), "sparse_conv"),
}


def save(folder, kind, x, w, opens):
    """With a bias and a ReLU behind it."""
    info = helper.make_tensor_value_info
    inputs = list(x.shape)
    for i, dim in enumerate(opens):
        inputs[(0, 2, 3)[i]] = dim
    op, *window = kind.split()
    if op == "MatMul":
        nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["c"])]
        w = np.ascontiguousarray(w.T)
        outputs = [*inputs[:-1], w.shape[1]]
    else:
        stride, pad = map(int, window)
        nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], strides=[stride] * 2, pads=[pad] * 4)]
        outputs = [None] * 4
    nodes.append(helper.make_node("Relu", ["c"], ["y"]))
    bias = np.linspace(-1, 1, w.shape[1] if op == "MatMul" else w.shape[0], dtype=np.float32)
    graph = helper.make_graph(nodes, "g", [info("x", TensorProto.FLOAT, inputs)], [info("y", TensorProto.FLOAT, outputs)],
                              [numpy_helper.from_array(w, "w"), numpy_helper.from_array(bias, "b")])
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), folder / "model.onnx")
    write_inputs(folder / "in", {"x": x})
    sums = x.astype(np.float64) @ w if op == "MatMul" else convolve(x, w, stride, pad)
    return np.maximum(sums + (bias if op == "MatMul" else bias[:, None, None]), 0)


def check(folder, name, flags, opens):
    kind, shape, w, chosen = CASES[name]
    x = drawn(*shape)
    wanted = save(folder, kind, x, w, opens)
    text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=lir", *flags)
    if "#cpu." + chosen not in text:
        return f"{name} {flags}: expected {chosen}"
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *flags)
    one, two = (run(folder / "model.so", folder / "in", folder / "out", f"--threads={n}")["y.npy"] for n in (1, 2))
    if not np.array_equal(one.view(np.uint32), two.view(np.uint32)):
        return f"{name} {flags}: bits depend on threads"
    error = np.abs(one - wanted).max() / max(1, np.abs(wanted).max())
    return None if error <= 1e-5 else f"{name} {flags}: off by {error:g}"


def check_infinite(folder):
    """Strictly 0 times infinity is no number; by default a vector of zeros is not multiplied by."""
    x = drawn(48, 64)
    x[:, 7] = np.inf
    w = prune(drawn(64, 64), 0.8)
    w[:, 7] = 0
    save(folder, "MatMul", x, w, opens="")
    results = []
    for flags in [], ["--accuracy=strict"]:
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *flags)
        results.append(run(folder / "model.so", folder / "in", folder / "out")["y.npy"])
    if not np.isfinite(results[0]).all() or not np.isnan(results[1]).all():
        return "infinite numbers: expected them to be left out by default, and not strictly"
    return None


def check_bytes(folder, taps, flags):
    """Scales are powers of two, so that all numbers are exact. What pads is the zero point."""
    x = GENERATOR.integers(0, 256, (2, 64, 15, 22)).astype(np.uint8)
    kept = GENERATOR.random((24, 16, taps, taps)) >= 0.9
    w = GENERATOR.integers(-127, 128, (96, 64, taps, taps)).astype(np.int8) * kept.repeat(4, 0).repeat(4, 1)
    info, constant = helper.make_tensor_value_info, numpy_helper.from_array
    nodes = [helper.make_node("DequantizeLinear", ["x", "s", "z"], ["a"]), helper.make_node("DequantizeLinear", ["w", "t"], ["b"]),
             helper.make_node("Conv", ["a", "b"], ["c"], pads=[taps // 2] * 4),
             helper.make_node("QuantizeLinear", ["c", "u", "v"], ["y"])]
    constants = {"s": np.float32(1 / 32), "z": np.uint8(128), "w": w, "t": np.float32(1 / 128), "u": np.float32(1 / 4),
                 "v": np.uint8(100)}
    graph = helper.make_graph(nodes, "g", [info("x", TensorProto.UINT8, x.shape)], [info("y", TensorProto.UINT8, [None] * 4)],
                              [constant(np.asarray(value), name) for name, value in constants.items()])
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), folder / "model.onnx")
    write_inputs(folder / "in", {"x": x})
    sums = convolve(x.astype(np.float64) - 128, w, 1, taps // 2)
    wanted = np.clip(np.rint(sums / 1024) + 100, 0, 255)
    text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=lir", *flags)
    if "#cpu.sparse_" not in text:
        return f"bytes {taps} {flags}: expected that zeros are left out"
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *flags)
    found = run(folder / "model.so", folder / "in", folder / "out", "--threads=2")["y.npy"]
    return None if np.array_equal(found, wanted) else f"bytes {taps} {flags}: {(found != wanted).mean():.0%} differ"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True)
    problems = [check_infinite(folder)]
    for number, name in enumerate(CASES):
        problems.append(check(folder, name, FLAGS[number % len(FLAGS)], opens=""))
        # Images of open sizes have lists of single weights; other lists go with dense panels.
        problems.append(check(folder, name, [], opens="nhw" if CASES[name][-1] == "sparse_conv" else "n"))
    for taps in 1, 3:
        problems += [check_bytes(folder, taps, flags) for flags in (*FLAGS, ["--accuracy=strict"])]
    return "\n".join(filter(None, problems)) or None


if __name__ == "__main__":
    call_main(main, __doc__)
