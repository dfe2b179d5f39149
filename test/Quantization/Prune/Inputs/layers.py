"""A small network with layers of all kinds, samples of its input, and what is to hold of a pruned one.

usage: layers.py make FOLDER                       writes model.onnx, samples and others (unseen samples)
       layers.py zeros FOLDER PRUNED.onnx STRUCTURE SHARE
                                                   whether each pruned weight has the zeros asked for
       layers.py error FOLDER MAGNITUDE.onnx RECONSTRUCTED.onnx
                                                   errors of the outputs, on samples of both kinds
       layers.py few FOLDER                        writes few-one, few-zeros, few-equal: a sample each
       layers.py mean FOLDER PRUNED.onnx SAMPLES   whether outputs are those of the model
       layers.py same FOLDER A.onnx B.onnx         whether zeros are in the same places
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Weights that are pruned, and the axis of their output channels.
PRUNED = {"full": 0, "grouped": 0, "point": 0, "matmul": 1, "gemm": 0}
LEFT = ("small", "depthwise")


def make(folder):
    random = np.random.default_rng(11)

    def draw(*shape):
        return (random.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    weights = {
        "small": draw(16, 3, 3, 3), "full": draw(64, 16, 3, 3), "scale": random.uniform(0.5, 2, 64).astype(np.float32),
        "shift": draw(64, 1)[:, 0], "mean": draw(64, 1)[:, 0], "variance": random.uniform(0.5, 2, 64).astype(np.float32),
        "depthwise": draw(64, 1, 3, 3), "grouped": draw(72, 32, 3, 3), "point": draw(64, 72, 1, 1), "b": draw(64, 1)[:, 0],
        "matmul": random.normal(size=(64, 48)).astype(np.float32) / 8,
        "add": draw(48, 1)[:, 0], "gemm": draw(40, 48)}
    nodes = [
        helper.make_node("Conv", ["x", "small"], ["a0"], "small", pads=[1] * 4), helper.make_node("Relu", ["a0"], ["a"]),
        helper.make_node("Conv", ["a", "full"], ["b0"], "full", pads=[1] * 4, strides=[2, 2]),
        helper.make_node("BatchNormalization", ["b0", "scale", "shift", "mean", "variance"], ["b1"]),
        helper.make_node("Relu", ["b1"], ["b2"]),
        helper.make_node("Conv", ["b2", "depthwise"], ["c0"], "depthwise", group=64, pads=[1] * 4),
        helper.make_node("Relu", ["c0"], ["c"]),
        helper.make_node("Conv", ["c", "grouped"], ["d0"], "grouped", group=2, pads=[1] * 4),
        helper.make_node("Relu", ["d0"], ["d"]),
        helper.make_node("Conv", ["d", "point", "b"], ["e0"], "point"), helper.make_node("Relu", ["e0"], ["e"]),
        helper.make_node("GlobalAveragePool", ["e"], ["f0"]), helper.make_node("Flatten", ["f0"], ["f"]),
        helper.make_node("MatMul", ["f", "matmul"], ["g0"], "matmul"), helper.make_node("Add", ["g0", "add"], ["g1"]),
        helper.make_node("Relu", ["g1"], ["g"]), helper.make_node("Gemm", ["g", "gemm"], ["y"], "gemm", transB=1)]
    graph = helper.make_graph(
        nodes, "layers", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 20, 20])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 40])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    for kind, count in (("samples", 6), ("others", 4)):
        for i in range(count):
            (folder / kind / str(i)).mkdir(parents=True)
            x = np.cumsum(np.cumsum(random.normal(size=(16, 3, 20, 20)), 2), 3) / 20 + random.normal(size=(16, 3, 1, 1))
            np.save(folder / kind / str(i) / "x.npy", x.astype(np.float32))


def read(path):
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


def to_matrix(name, weight):
    """[outputs, inputs, taps]"""
    weight = np.moveaxis(weight, PRUNED[name], 0)
    return weight.reshape(*weight.shape[:2], -1)


def zeros(folder, pruned, structure, share):
    before, after = read(folder / "model.onnx"), read(pruned)
    model, other = onnx.load(folder / "model.onnx"), onnx.load(pruned)
    assert [n.SerializeToString() for n in model.graph.node] == [n.SerializeToString() for n in other.graph.node]
    assert before.keys() == after.keys()
    for name in LEFT:
        assert (before[name] == after[name]).all(), name
    groups = {"grouped": 2}
    for name in PRUNED:
        is_zero = to_matrix(name, after[name]) == 0
        outputs, inputs, taps = is_zero.shape
        found, wanted = is_zero.mean(), float(share)
        if ":" in structure:
            kept, of = map(int, structure.split(":"))
            sets = is_zero[:, :inputs // of * of].reshape(outputs, -1, of, taps)
            assert ((~sets).sum(2) == kept).all(), name
            assert abs(found - wanted) < 0.02, (name, found)
            continue
        width, depth = {"unstructured": (1, 1), "1x32": (32, 1)}.get(structure) or map(int, structure.split("x"))
        for part in np.split(is_zero, groups.get(name, 1)):
            for first in range(0, len(part), width):
                for channel in range(0, inputs, depth):
                    block = part[first:first + width, channel:channel + depth]
                    assert (block == block[:1, :1]).all(), name
        assert abs(found - wanted) * is_zero.size <= width * depth, (name, found)
    print(f"zeros as asked: {structure} {share}")


def error(folder, magnitude, reconstructed):
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
                for path in (folder / "model.onnx", magnitude, reconstructed)]
    for kind in ("samples", "others"):
        signal, errors = 0, np.zeros(2)
        for path in sorted(folder.glob(f"{kind}/*/x.npy")):
            wanted, *found = (session.run(None, {"x": np.load(path)})[0] for session in sessions)
            signal += (wanted ** 2).sum()
            errors += [((wanted - y) ** 2).sum() for y in found]
        print(f"{kind}: error beside magnitude: {'below a quarter' if errors[1] < errors[0] / 4 else errors[1] / errors[0]}")
        print(kind, 10 * np.log10(signal / errors), file=sys.stderr)


def few(folder):
    x = np.load(folder / "samples" / "0" / "x.npy")
    for name, sample in {"one": x[:1], "zeros": 0 * x, "equal": 0 * x + np.float32(1.37)}.items():
        (folder / f"few-{name}" / "0").mkdir(parents=True)
        np.save(folder / f"few-{name}" / "0" / "x.npy", sample)


def mean(folder, pruned, samples):
    x = np.load(folder / samples / "0" / "x.npy")
    wanted, found = (onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
                     for path in (folder / "model.onnx", pruned))
    off = np.abs(wanted - found).max() / np.abs(wanted).max()
    print(f"{samples}: outputs {'as before' if off < 0.01 else f'off by {off}'}")


def same(folder, first, second):
    a, b = read(first), read(second)
    assert all(((a[name] == 0) == (b[name] == 0)).all() for name in PRUNED)
    print("zeros in the same places")


if sys.argv[1] in ("make", "few"):
    {"make": make, "few": few}[sys.argv[1]](pathlib.Path(sys.argv[2]))
else:
    {"zeros": zeros, "error": error, "mean": mean, "same": same}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
