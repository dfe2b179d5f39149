"""Products whose inputs vary together, and what rounding their weights costs, beside all that it may cost.

usage: adaround.py make FOLDER      writes small.onnx and large.onnx, and the samples small and large
       adaround.py all FOLDER NEAREST.onnx ADAROUND.onnx          of small.onnx, beside each way to round 8 weights up or down
       adaround.py both FOLDER NEAREST.onnx GPTQ.onnx ADAROUND.onnx   of large.onnx, beside other methods
       adaround.py outputs FOLDER NEAREST.onnx ADAROUND.onnx      of small.onnx, what ONNX Runtime computes

A cost is e^T H e for a column's error e and H = sum x x^T, with a hundredth of its mean diagonal, as quantization takes it.
"""
import itertools
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SHAPES = {"small": (8, 37), "large": (150, 70)}
SAMPLES = 4


def make(folder):
    random = np.random.default_rng(11)
    for name, (sums, columns) in SHAPES.items():
        mix = random.normal(size=(sums, sums)) * np.exp(random.normal(size=sums))
        for i in range(SAMPLES):
            (folder / name / str(i)).mkdir(parents=True)
            x = random.normal(size=(60, sums // 4)) @ mix[:sums // 4] + 0.2 * random.normal(size=(60, sums))
            np.save(folder / name / str(i) / "x.npy", x.astype(np.float32))
        w = random.normal(size=(sums, columns)).astype(np.float32)
        graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], "product")], "g",
                                  [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", sums])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", columns])],
                                  [numpy_helper.from_array(w, "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / f"{name}.onnx")


def read(folder, name):
    """H, and the float weights."""
    x = np.concatenate([np.load(path) for path in sorted(folder.glob(f"{name}/*/x.npy"))]).astype(np.float64)
    moments = x.T @ x
    moments += 0.01 * np.trace(moments) / len(moments) * np.eye(len(moments))
    return moments, numpy_helper.to_array(onnx.load(folder / f"{name}.onnx").graph.initializer[0]).astype(np.float64)


def read_grid(path):
    """What a rounded model's weights are, a step of each, and the numbers that they are from and up to."""
    model = onnx.load(path)
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    tensors = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in model.graph.initializer}
    integers, scale = tensors["w_quantized"], tensors["w_scale"]
    zero = tensors["w_zero_point"] if "w_zero_point" in tensors and types["w_quantized"] == TensorProto.UINT4 else 0 * scale
    if scale.ndim == 2:
        group = next(a.i for n in model.graph.node for a in n.attribute if a.name == "block_size")
        scale, zero = (np.repeat(a, group, 0)[:len(integers)] for a in (scale, zero))
    else:
        scale, zero = (np.broadcast_to(a, integers.shape) for a in (scale, zero))
    least, most = {TensorProto.UINT4: (0, 15), TensorProto.INT4: (-8, 7), TensorProto.INT8: (-127, 127)}[types["w_quantized"]]
    return (integers - zero) * scale, scale, (least - zero) * scale, (most - zero) * scale


def cost(moments, errors):
    """Of each column."""
    return np.einsum("kn,kj,jn->n", errors, moments, errors)


def best(moments, w, scale, least, most):
    """The least cost of all ways to round up or down, of each column."""
    lower = np.clip(np.floor(w / scale) * scale, least, most)
    upper = np.clip(lower + scale, least, most)
    ways = np.array(list(itertools.product((False, True), repeat=len(w))))[:, :, None]
    errors = w - np.where(ways, upper, lower)
    return np.einsum("skn,kj,sjn->sn", errors, moments, errors, optimize=True).min(0)


def compare_all(folder, nearest, adaround):
    moments, w = read(folder, "small")
    other, *others_grid = read_grid(nearest)
    mine, *grid = read_grid(adaround)
    costs, nearest_costs = cost(moments, w - mine), cost(moments, w - other)
    print(f"never above the nearest: {(costs <= nearest_costs * 1.0001).all()}")
    for what, its in (("nearest's", others_grid), ("its own", grid)):
        ratio = costs.sum() / best(moments, w, *its).sum()
        print(f"beside the best by {what} scales: {'within 3 %' if ratio < 1.03 else f'{ratio:.4f}'}")
        print(f"{what} {ratio:.4f}", file=sys.stderr)
    print(f"beside the nearest {costs.sum() / nearest_costs.sum():.4f}", file=sys.stderr)


def compare_both(folder, *paths):
    moments, w = read(folder, "large")
    nearest, gptq, mine = (cost(moments, w - read_grid(path)[0]) for path in paths)
    print(f"never above the nearest: {(mine <= nearest * 1.0001).all()}")
    print(f"never above gptq: {(mine <= gptq * 1.0001).all()}")
    print(f"beside gptq: {'lower' if mine.sum() < 0.99 * gptq.sum() else 'not lower'}")
    print(f"gptq {gptq.sum() / nearest.sum():.4f} adaround {mine.sum() / nearest.sum():.4f}", file=sys.stderr)


def compare_outputs(folder, *paths):
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (folder / "small.onnx", *paths)]
    errors = np.zeros(2)
    for path in sorted(folder.glob("small/*/x.npy")):
        wanted, *others = (session.run(None, {"x": np.load(path)})[0] for session in sessions)
        errors += [((wanted - other) ** 2).sum() for other in others]
    print(f"ONNX Runtime's error: {'lower' if errors[1] < errors[0] else errors[1] / errors[0]}")


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
else:
    {"all": compare_all, "both": compare_both, "outputs": compare_outputs}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
