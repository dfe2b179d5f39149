#!/usr/bin/env python3
"""magnitudes.py make: writes products by 1 to 4,096 times 1e30 and 1e-30; check MODEL: whether the smaller half are 0."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if sys.argv[1] == "make":
    for name, unit in ("huge", 1e30), ("tiny", 1e-30):
        weight = (np.random.default_rng(0).permutation(4096).reshape(64, 64) + 1).astype(np.float32) * np.float32(unit)
        x, y = (helper.make_tensor_value_info(value, TensorProto.FLOAT, [1, 64]) for value in "xy")
        graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], "product")], "g", [x], [y],
                                  [numpy_helper.from_array(weight, "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{name}.onnx")
else:
    weight, = map(numpy_helper.to_array, onnx.load(sys.argv[2]).graph.initializer)
    kept = np.sort(weight[weight != 0])
    assert kept.size == 2048 and kept[-1] / kept[0] < 2, (kept.size, kept[:3], kept[-3:])
