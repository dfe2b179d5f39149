"""A product whose inputs vary together, and GPTQ's codes for its weight in NumPy.

usage: rounding.py make FOLDER              writes model.onnx and samples
       rounding.py check FOLDER NEAREST.onnx GPTQ.onnx TYPE
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SUMS, COLUMNS, GROUP, SAMPLES, PASSES = 80, 40, 32, 6, 2


def make(folder):
    random = np.random.default_rng(7)
    mix = random.normal(size=(SUMS, SUMS)) * np.exp(random.normal(size=SUMS))
    for i in range(SAMPLES):
        (folder / "samples" / str(i)).mkdir(parents=True)
        rows = random.normal(size=(2, 50 + i, 12)) @ mix[:12] + 0.1 * random.normal(size=(2, 50 + i, SUMS))
        np.save(folder / "samples" / str(i) / "x.npy", rows.astype(np.float32))
    w = random.normal(size=(SUMS, COLUMNS)).astype(np.float32)
    (folder / "transposed" / "0").mkdir(parents=True)
    np.save(folder / "transposed" / "0" / "x.npy", rows[0, :SUMS].T.astype(np.float32))
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], "product", transA=1)], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [SUMS, "n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", COLUMNS])], [numpy_helper.from_array(w, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "transposed.onnx")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "product")], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["b", "n", SUMS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["b", "n", COLUMNS])], [numpy_helper.from_array(w, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")


def read_samples(folder):
    return np.concatenate([np.load(path).reshape(-1, SUMS) for path in sorted(folder.glob("samples/*/x.npy"))]).astype(np.float64)


def choose_scales(rows, cost, bits):
    """The range with the least error, by what each row costs."""
    if bits == 8:
        scale = np.maximum(rows.max(0), -rows.min(0)).clip(1e-30) / 127
        return scale, np.zeros_like(scale)
    least, most = np.minimum(rows.min(0), 0), np.maximum(rows.max(0), 0)
    best = None
    for low in range(100, 55, -5):
        for high in range(100, 55, -5):
            scale = (most * high - least * low) / 100 / 15
            zero = np.rint(-least * low / 100 / scale).clip(0, 15)
            error = (cost[:, None] * (rows - to_grid(rows, scale, zero, bits)) ** 2).sum(0)
            if best is None:
                best = [error, scale, zero]
            better = error < best[0]
            best = [np.where(better, new, old) for new, old in zip((error, scale, zero), best)]
    return best[1:]


def to_grid(row, scale, zero, bits):
    least, most = (-127, 127) if bits == 8 else (0, 15)
    return ((np.rint(row / scale) + zero).clip(least, most) - zero) * scale


def gptq(w, moments, bits):
    """Numbers that weights become: R R^T is a Cholesky of what is seen from the last index."""
    moments = moments + 0.01 * np.trace(moments) / SUMS * np.eye(SUMS)
    root = np.linalg.cholesky(moments[::-1, ::-1])[::-1, ::-1]
    factors, cost = root / np.diag(root), np.diag(root) ** 2
    errors, rounded, scales = np.zeros_like(w), np.zeros_like(w), {}
    for first in range(0, SUMS, GROUP):
        group = range(first, min(SUMS, first + GROUP))
        wanted = np.zeros_like(w)
        for k in group:
            wanted[k] = w[k] + factors[:k, k] @ errors[:k]
            errors[k] = w[k] - wanted[k]
        scales[first] = choose_scales(wanted[group], cost[group], bits)
        for k in group:
            rounded[k] = to_grid(w[k] + factors[:k, k] @ errors[:k], *scales[first], bits)
            errors[k] = w[k] - rounded[k]
    for _ in range(PASSES):
        for k in range(SUMS):
            rounded[k] = to_grid(rounded[k] + moments[k] @ errors / moments[k, k], *scales[k // GROUP * GROUP], bits)
            errors[k] = w[k] - rounded[k]
    return rounded


def dequantize(path):
    tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in onnx.load(path).graph.initializer}
    integers = tensors["w_quantized"]
    zeros = np.repeat(tensors["w_zero_point"], GROUP, 0)[:SUMS] if "w_zero_point" in tensors else 0
    return (integers - zeros) * np.repeat(tensors["w_scale"], GROUP, 0)[:SUMS]


def check(folder, nearest, rounded, kind):
    bits = 8 if kind == "int8-weights" else 4
    x = read_samples(folder)
    w = numpy_helper.to_array(onnx.load(folder / "model.onnx").graph.initializer[0]).astype(np.float64)
    mine, other = dequantize(rounded), dequantize(nearest)
    expected = gptq(w, x.T @ x, bits)
    same = np.isclose(mine, expected, rtol=1e-4, atol=1e-6).mean()
    left = ((x @ (w - mine)) ** 2).sum() / ((x @ (w - other)) ** 2).sum()
    print(f"numbers as NumPy's: {'nearly all' if same > 0.97 else f'{same:.4f}'}")
    print(f"error beside the nearest: {'below a quarter' if left < 0.25 else f'{left:.4f}'}")
    print(f"{same:.4f} {left:.4f}", file=sys.stderr)


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
else:
    check(pathlib.Path(sys.argv[2]), *sys.argv[3:])
