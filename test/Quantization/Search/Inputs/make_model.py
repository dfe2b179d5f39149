"""Writes a network of four convolutions, model.onnx, and two samples of its input.

usage: make_model.py FOLDER

The third one's input has one channel that is a hundred times as large as the others, which eight bits for all of them
do not serve.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(5)
folder = pathlib.Path(sys.argv[1])
nodes, weights, last = [], [], "x"
for i, (channels, outputs) in enumerate([(4, 16), (16, 16), (16, 16), (16, 8)]):
    w = rng.standard_normal((outputs, channels, 3, 3)).astype(np.float32) / np.sqrt(9 * channels).astype(np.float32)
    if i == 1:
        w[3] *= 100
    if i == 2:
        w[:, 3] /= 100
    weights.append(numpy_helper.from_array(w, f"w{i}"))
    nodes.append(helper.make_node("Conv", [last, f"w{i}"], [f"c{i}"], name=f"conv{i}", pads=[1, 1, 1, 1]))
    last = f"c{i}"
    if i < 3:
        nodes.append(helper.make_node("Relu", [last], [f"r{i}"], name=f"relu{i}"))
        last = f"r{i}"
graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 12, 12])],
                          [helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, 8, 12, 12])], weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
for i in range(2):
    (folder / "samples" / f"{i}").mkdir(parents=True)
    np.save(folder / "samples" / f"{i}" / "x.npy", rng.standard_normal((1, 4, 12, 12)).astype(np.float32))
