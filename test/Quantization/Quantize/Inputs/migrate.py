"""Runs a float model whose channels differ much, and what becomes of it.

usage: migrate.py make FOLDER                        writes model.onnx and samples
       migrate.py same FLOAT.onnx OTHER.onnx         prints whether both compute the same
       migrate.py error FOLDER OUTPUTS               prints the signal to noise of outputs of `lambent run`, in dB
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

WIDTH, HIDDEN, SAMPLES = 64, 96, 6


def make(folder):
    """A layer of a transformer without its attention: two normalizations, a sum around each product, a gate."""
    random = np.random.default_rng(3)
    scale = np.exp(0.3 * random.normal(size=WIDTH))
    scale[[5, 40]] = 40
    weights = {"g": scale, "b": random.normal(size=WIDTH), "w": random.normal(size=(WIDTH, WIDTH)) / 8,
               "u": random.normal(size=(WIDTH, HIDDEN)) / 8, "v": random.normal(size=(WIDTH, HIDDEN)) / 8,
               "d": random.normal(size=(HIDDEN, WIDTH)) / 10, "half": np.array(0.5)}
    weights["w"][[5, 40]] /= 20
    weights["u"][:, 3] *= 30
    nodes = [helper.make_node("LayerNormalization", ["x", "g", "b"], ["n"]), helper.make_node("MatMul", ["n", "w"], ["p"]),
             helper.make_node("Add", ["n", "p"], ["s"]), helper.make_node("LayerNormalization", ["s", "g"], ["m"]),
             helper.make_node("MatMul", ["m", "u"], ["up"]), helper.make_node("MatMul", ["m", "v"], ["vp"]),
             helper.make_node("Sigmoid", ["vp"], ["gate"]), helper.make_node("Mul", ["gate", "up"], ["h"]),
             helper.make_node("Mul", ["h", "half"], ["hh"]), helper.make_node("MatMul", ["hh", "d"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", WIDTH])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", WIDTH])],
                              [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    for i in range(SAMPLES):
        (folder / "samples" / str(i)).mkdir(parents=True)
        np.save(folder / "samples" / str(i) / "x.npy", random.normal(size=(80, WIDTH)).astype(np.float32))


def run(model, inputs):
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"]).run(None, inputs)


def same(first, second):
    random = np.random.default_rng(5)
    session = onnxruntime.InferenceSession(first, providers=["CPUExecutionProvider"])
    inputs = {i.name: random.normal(size=[d if isinstance(d, int) else 7 for d in i.shape]).astype(np.float32) for i in session.get_inputs()}
    far = max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(session.run(None, inputs), run(second, inputs)))
    print("the same" if far < 2e-6 else f"apart by {far}")


def error(folder, outputs):
    inputs = {"x": np.load(folder / "samples" / "0" / "x.npy")}
    wanted, got = run(folder / "model.onnx", inputs)[0], np.load(pathlib.Path(outputs) / "y.npy")
    print(f"dB {10 * np.log10((wanted ** 2).sum() / ((wanted - got) ** 2).sum()):.0f}")


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
elif sys.argv[1] == "same":
    same(*sys.argv[2:])
else:
    error(pathlib.Path(sys.argv[2]), sys.argv[3])
