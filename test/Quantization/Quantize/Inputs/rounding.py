"""Products whose inputs vary together, and GPTQ's codes for their weights in NumPy.

usage: rounding.py make FOLDER              writes model.onnx and samples, chain.onnx and chain, both.onnx and both
       rounding.py check FOLDER NEAREST.onnx GPTQ.onnx TYPE
       rounding.py chain FOLDER NEAREST.onnx GPTQ.onnx
       rounding.py both FOLDER GPTQ.onnx BITS

The chain is an embedding, two products with a sum around them, and the embedding's transpose. Both are two products of one
weight, by inputs that vary in other directions.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import channel_rounding

SUMS, COLUMNS, GROUP, SAMPLES, PASSES = 80, 40, 32, 6, 4
WORDS, HIDDEN = 60, 48


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
    make_chain(folder, random)
    make_both(folder, random, w, rows[0])


def make_both(folder, random, w, rows):
    (folder / "both" / "0").mkdir(parents=True)
    np.save(folder / "both" / "0" / "x.npy", rows.astype(np.float32))
    np.save(folder / "both" / "0" / "z.npy", (np.roll(rows, 40, 1)[:30] * 1.5).astype(np.float32))
    info = lambda name, columns: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n" + name, columns])  # noqa: E731
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "first"), helper.make_node("MatMul", ["z", "w"], ["u"], "second")], "g",
        [info("x", SUMS), info("z", SUMS)], [info("y", COLUMNS), info("u", COLUMNS)], [numpy_helper.from_array(w, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "both.onnx")


def make_chain(folder, random):
    for i in range(SAMPLES):
        (folder / "chain" / str(i)).mkdir(parents=True)
        np.save(folder / "chain" / str(i) / "ids.npy", random.integers(0, WORDS, (2, 50 + i)))
    e = random.normal(size=(WORDS, 12)) @ random.normal(size=(12, SUMS)) + 0.1 * random.normal(size=(WORDS, SUMS))
    weights = {"e": e, "u": random.normal(size=(SUMS, HIDDEN)), "v": random.normal(size=(HIDDEN, SUMS))}
    nodes = [
        helper.make_node("Gather", ["e", "ids"], ["x"]), helper.make_node("MatMul", ["x", "u"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]), helper.make_node("MatMul", ["r", "v"], ["s"]),
        helper.make_node("Add", ["x", "s"], ["z"]), helper.make_node("Transpose", ["e"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["z", "t"], ["y"])]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("ids", TensorProto.INT64, ["b", "n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["b", "n", WORDS])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "chain.onnx")


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


def gptq(w, moments, bits, gaps=None):
    """Numbers that weights become: R R^T is a Cholesky of what is seen from the last index."""
    sums = len(w)
    moments = moments + 0.01 * np.trace(moments) / sums * np.eye(sums)
    if gaps is not None:
        w = w + np.linalg.solve(moments, gaps @ w)
    root = np.linalg.cholesky(moments[::-1, ::-1])[::-1, ::-1]
    factors, cost = root / np.diag(root), np.diag(root) ** 2
    errors, rounded, scales = np.zeros_like(w), np.zeros_like(w), {}
    for first in range(0, sums, GROUP):
        group = range(first, min(sums, first + GROUP))
        wanted = np.zeros_like(w)
        for k in group:
            wanted[k] = w[k] + factors[:k, k] @ errors[:k]
            errors[k] = w[k] - wanted[k]
        scales[first] = choose_scales(wanted[group], cost[group], bits)
        for k in group:
            rounded[k] = to_grid(w[k] + factors[:k, k] @ errors[:k], *scales[first], bits)
            errors[k] = w[k] - rounded[k]
    for _ in range(PASSES):
        for k in range(sums):
            if k % GROUP == 0:  # the scales with which these integers cost least
                group = slice(k, min(sums, k + GROUP))
                square = (rounded[group] * (moments[group, group] @ rounded[group])).sum(0)
                factor = 1 + (rounded[group] * (moments[group] @ errors)).sum(0) / square
                scales[k] = scales[k][0] * factor, scales[k][1]
                rounded[group] *= factor
                errors[group] = w[group] - rounded[group]
            rounded[k] = to_grid(rounded[k] + moments[k] @ errors / moments[k, k], *scales[k // GROUP * GROUP], bits)
            errors[k] = w[k] - rounded[k]
    return rounded


def dequantize(path, name="w"):
    tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in onnx.load(path).graph.initializer}
    integers, scale = tensors[name + "_quantized"], tensors[name + "_scale"]
    axis = int(scale.shape[0] == integers.shape[0])
    spread = lambda blocks: np.repeat(blocks, GROUP, axis)[:integers.shape[0], :integers.shape[1]]
    zeros = spread(tensors[name + "_zero_point"]) if name + "_zero_point" in tensors else 0
    return (integers - zeros) * spread(scale)


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


def chain(folder, nearest, rounded):
    """The embedding is rounded for its product in the float model, then each weight for what it meets and was to meet."""
    ids = np.concatenate([np.load(path).ravel() for path in sorted(folder.glob("chain/*/ids.npy"))])
    weights = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in onnx.load(folder / "chain.onnx").graph.initializer}

    def run(e, u, v):
        r = np.maximum(e[ids] @ u, 0)
        return r, e[ids] + r @ v, (e[ids] + r @ v) @ e.T

    mine, other = ({name: dequantize(path, name) for name in weights} for path in (rounded, nearest))
    r, z, y = run(**weights)
    x, wanted = mine["e"][ids], weights["e"][ids]
    met = run(mine["e"], mine["u"], weights["v"])[0]
    expected = {"e": gptq(weights["e"].T, z.T @ z, 4).T, "u": gptq(weights["u"], x.T @ x, 4, x.T @ (wanted - x)),
                "v": gptq(weights["v"], met.T @ met, 4, met.T @ (r - met))}
    for name, numbers in expected.items():
        same = np.isclose(mine[name], numbers, rtol=1e-4, atol=1e-6).mean()
        print(f"numbers of {name} as NumPy's: {'nearly all' if same > 0.97 else f'{same:.4f}'}")
    left = ((run(**mine)[2] - y) ** 2).sum() / ((run(**other)[2] - y) ** 2).sum()
    print(f"error beside the nearest: {'below a quarter' if left < 0.25 else f'{left:.4f}'}")


def both(folder, rounded, kind):
    """Each number of the weight counts for what both products give."""
    x, z = (np.load(folder / "both" / "0" / f"{name}.npy").astype(np.float64) for name in "xz")
    w = numpy_helper.to_array(onnx.load(folder / "both.onnx").graph.initializer[0]).astype(np.float64)
    if kind == "channels":
        tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in onnx.load(rounded).graph.initializer}
        mine, expected = tensors["w_quantized"] * tensors["w_scale"], channel_rounding.gptq(w, x.T @ x + z.T @ z)
    else:
        mine, expected = dequantize(rounded), gptq(w, x.T @ x + z.T @ z, 4)
    same = np.isclose(mine, expected, rtol=1e-4, atol=1e-6).mean()
    print(f"numbers as NumPy's: {'nearly all' if same > 0.97 else f'{same:.4f}'}")


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
else:
    {"check": check, "chain": chain, "both": both}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
