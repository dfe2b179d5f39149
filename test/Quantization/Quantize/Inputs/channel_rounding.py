"""Layers whose inputs vary together, and GPTQ's codes for the channels of their weights in NumPy.

usage: channel_rounding.py make FOLDER         writes model.onnx with samples, and long.onnx, which sums 8193 numbers
       channel_rounding.py check FOLDER NEAREST.onnx GPTQ.onnx
       channel_rounding.py better FOLDER NEAREST.onnx GPTQ.onnx   whether outputs have less error
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SAMPLES, PASSES = 5, 4
# The layers by their weights: what a layer reads, and its attributes.
LAYERS = {"full": ("x", {"strides": [2, 1], "dilations": [1, 2], "pads": [1, 0, 2, 1]}), "depthwise": ("a", {"group": 40, "auto_pad": "SAME_LOWER", "strides": [2, 2]}),
          "grouped": ("b", {"group": 2}), "gemm": ("f", None), "matmul": ("h", None)}


def make(folder):
    random = np.random.default_rng(7)
    shapes = {"full": (40, 6, 3, 2), "depthwise": (40, 1, 3, 3), "grouped": (70, 20, 1, 1), "gemm": (34, 70), "matmul": (34, 10)}
    weights = [numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name) for name, shape in shapes.items()]
    nodes = [helper.make_node("Conv", ["x", "full"], ["fc"], "full_node", **LAYERS["full"][1]), helper.make_node("Relu", ["fc"], ["a"]),
             helper.make_node("Conv", ["a", "depthwise"], ["dc"], "depthwise_node", **LAYERS["depthwise"][1]), helper.make_node("Relu", ["dc"], ["b"]),
             helper.make_node("Conv", ["b", "grouped"], ["gc"], "grouped_node", **LAYERS["grouped"][1]), helper.make_node("Relu", ["gc"], ["c"]),
             helper.make_node("GlobalAveragePool", ["c"], ["p"]), helper.make_node("Flatten", ["p"], ["f"]),
             helper.make_node("Gemm", ["f", "gemm"], ["h"], "gemm_node", transB=1), helper.make_node("MatMul", ["h", "matmul"], ["y"], "matmul_node")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 6, "height", "width"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], "long")], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8193])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
                              [numpy_helper.from_array(random.normal(size=(8193, 2)).astype(np.float32), "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "long.onnx")
    (folder / "long" / "0").mkdir(parents=True)
    np.save(folder / "long" / "0" / "x.npy", random.normal(size=(1, 8193)).astype(np.float32))
    for i in range(SAMPLES):
        (folder / "samples" / str(i)).mkdir(parents=True)
        x = np.cumsum(random.normal(size=(4, 6, 13 + i, 17)), axis=2) @ np.diag(np.linspace(0.2, 2, 17)) + random.normal(size=(4, 1, 1, 1))
        np.save(folder / "samples" / str(i) / "x.npy", x.astype(np.float32))


def patches(x, shape, attributes):
    """[groups, places, K] of an image, as a filter of that shape reads it."""
    groups, kernel = attributes.get("group", 1), shape[2:]
    strides, dilations = attributes.get("strides", [1, 1]), attributes.get("dilations", [1, 1])
    pads, reach = attributes.get("pads", [0] * 4), [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    if "auto_pad" in attributes:
        total = [max(0, (-(-size // s) - 1) * s + r - size) for size, s, r in zip(x.shape[2:], strides, reach)]
        pads = [t - t // 2 for t in total] + [t // 2 for t in total]
    x = np.pad(x, [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])])
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, (2, 3))[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]
    n, channels, rows, columns = windows.shape[:4]
    return windows.reshape(n, groups, channels // groups, rows, columns, -1).transpose(1, 0, 3, 4, 2, 5).reshape(groups, n * rows * columns, -1)


def to_grid(values, scale):
    return np.rint(values / scale).clip(-127, 127) * scale


def gptq(w, moments):
    """[K, N] weights to integers times a scale for each column."""
    sums = len(w)
    moments = moments + 0.01 * np.trace(moments) / sums * np.eye(sums)
    root = np.linalg.cholesky(moments[::-1, ::-1])[::-1, ::-1]
    factors, cost = root / np.diag(root), np.diag(root) ** 2
    tried = [np.abs(w).max(0) / 127 * percent / 100 for percent in (100, *range(98, 69, -2))]
    lost = np.array([(cost[:, None] * (w - to_grid(w, s)) ** 2).sum(0) for s in tried])
    scale = np.array(tried)[lost.argmin(0), np.arange(w.shape[1])]
    errors, rounded = np.zeros_like(w), np.zeros_like(w)
    for k in range(sums):
        rounded[k] = to_grid(w[k] + factors[:k, k] @ errors[:k], scale)
        errors[k] = w[k] - rounded[k]
    for _ in range(PASSES):
        # Scales with which these integers cost least.
        factor = 1 + (rounded * (moments @ errors)).sum(0) / (rounded * (moments @ rounded)).sum(0)
        scale *= factor
        rounded = to_grid(rounded * factor, scale)
        errors = w - rounded
        for k in range(sums):
            rounded[k] = to_grid(rounded[k] + moments[k] @ errors / moments[k, k], scale)
            errors[k] = w[k] - rounded[k]
    return rounded


def dequantize(path, name, axis):
    tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in onnx.load(path).graph.initializer}
    integers = tensors[name + "_quantized"]
    return integers * tensors[name + "_scale"].reshape([-1 if d == axis else 1 for d in range(integers.ndim)])


def check(folder, nearest, rounded):
    model = onnx.load(folder / "model.onnx")
    weights = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in model.graph.initializer}
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("a", "b", "f", "h"))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    samples = [dict(zip("yabfh", session.run(None, {"x": np.load(path)}))) | {"x": np.load(path)} for path in sorted(folder.glob("samples/*/x.npy"))]
    for name, (source, attributes) in LAYERS.items():
        w, axis = weights[name], 1 if name == "matmul" else 0
        mine = dequantize(rounded, name, axis)
        other = dequantize(nearest, name, axis)
        if attributes is None:
            vectors = np.concatenate([sample[source] for sample in samples])[None].astype(np.float64)
        else:
            vectors = np.concatenate([patches(sample[source].astype(np.float64), w.shape, attributes) for sample in samples], 1)
        groups = len(vectors)
        split = lambda a: np.moveaxis(a, axis, 0).reshape(groups, w.shape[axis] // groups, -1).transpose(0, 2, 1)  # noqa: E731
        expected = [gptq(part, x.T @ x) for part, x in zip(split(w), vectors)]
        same = np.isclose(split(mine), expected, rtol=1e-4, atol=1e-6).mean()
        left = sum(((x @ a) ** 2).sum() for x, a in zip(vectors, split(w - mine))) / sum(((x @ a) ** 2).sum() for x, a in zip(vectors, split(w - other)))
        print(f"{name}: numbers as NumPy's: {'nearly all' if same > 0.97 else f'{same:.4f}'}; error: {'lower' if left < 0.9 else f'{left:.4f}'}")
        print(f"{name} {same:.4f} {left:.4f}", file=sys.stderr)


def better(folder, *models):
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (folder / "model.onnx", *models)]
    errors = np.zeros(2)
    for path in folder.glob("samples/*/x.npy"):
        wanted, *others = (session.run(None, {"x": np.load(path)})[0] for session in sessions)
        errors += [((wanted - other) ** 2).sum() for other in others]
    print(f"error: {'lower' if errors[1] < errors[0] else errors[1] / errors[0]}")
    print(errors[1] / errors[0], file=sys.stderr)


if __name__ != "__main__":
    pass
elif sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
elif sys.argv[1] == "better":
    better(pathlib.Path(sys.argv[2]), *sys.argv[3:])
else:
    check(pathlib.Path(sys.argv[2]), *sys.argv[3:])
