"""Writes models of layers that have a form in some numbers alone, with two samples of the input of each.

usage: make_layers.py FOLDER

recurrent.onnx is an LSTM and a product, mixed.onnx a convolution and a product, up.onnx a transposed convolution, and
upper.onnx one with a product of one more matrix, whose columns differ, behind it.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(5)
folder = pathlib.Path(sys.argv[1])


def save(name, nodes, shape, output, weights):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(rng.standard_normal(size).astype(np.float32) / 4 if isinstance(size, tuple) else size, key)
         for key, size in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / f"{name}.onnx")
    for i in range(2):
        (folder / name / f"{i}").mkdir(parents=True)
        np.save(folder / name / f"{i}" / "x.npy", rng.standard_normal(shape).astype(np.float32))


head = helper.make_node("MatMul", ["s", "v"], ["y"], "head")
save("recurrent", [helper.make_node("LSTM", ["x", "w", "r"], ["h"], "layer", hidden_size=16), helper.make_node("Squeeze", ["h"], ["s"]), head],
     [5, 3, 16], "y", {"w": (1, 64, 16), "r": (1, 64, 16), "v": (16, 8)})
save("mixed", [helper.make_node("Conv", ["x", "w"], ["c"], "conv"), helper.make_node("Flatten", ["c"], ["s"]), head],
     [2, 4, 8, 8], "y", {"w": (8, 4, 1, 1), "v": (512, 8)})
up = helper.make_node("ConvTranspose", ["x", "w"], ["s"], "up")
save("up", [up], [1, 4, 8, 8], "s", {"w": (4, 8, 2, 2)})
columns = np.where(np.arange(64) % 16, 1, 300).astype(np.float32) / 4
save("upper", [up, helper.make_node("MatMul", ["s", "a"], ["t"], "first"), helper.make_node("MatMul", ["t", "b"], ["y"], "second")],
     [1, 4, 64, 64], "y", {"w": (4, 8, 1, 1), "a": rng.standard_normal((64, 64)).astype(np.float32) * columns,
                           "b": rng.standard_normal((64, 512)).astype(np.float32) / columns[:, None]})
