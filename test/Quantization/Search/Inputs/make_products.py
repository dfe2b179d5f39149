"""Writes three products, model.onnx, and two samples of its input.

usage: make_products.py FOLDER

The second one's input has columns that are a hundred times as large as the others, which eight bits for all of them do
not serve. bf16 does.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(5)
folder = pathlib.Path(sys.argv[1])
nodes, weights, last = [], [], "x"
for i in range(3):
    w = rng.standard_normal((512, 512)).astype(np.float32) / np.sqrt(np.float32(512))
    if i == 0:
        w[:, ::64] *= 300
    if i == 1:
        w[::64] /= 300
    weights.append(numpy_helper.from_array(w, f"w{i}"))
    nodes.append(helper.make_node("MatMul", [last, f"w{i}"], [f"p{i}"], name=f"product{i}"))
    last = f"p{i}"
graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [128, 512])],
                          [helper.make_tensor_value_info(last, TensorProto.FLOAT, [128, 512])], weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
for i in range(2):
    (folder / "samples" / f"{i}").mkdir(parents=True)
    np.save(folder / "samples" / f"{i}" / "x.npy", rng.standard_normal((128, 512)).astype(np.float32))
