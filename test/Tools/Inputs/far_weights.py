#!/usr/bin/env python3
"""A product with weights that are larger than what stays near.    usage: far_weights.py OUT.onnx [bytes]"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)
if sys.argv[2:] == ["bytes"]:
    op, element, result = "MatMulInteger", TensorProto.UINT8, TensorProto.INT32
    values = random.integers(-128, 128, (256, 320), np.int8)
else:
    op, element, result = "MatMul", TensorProto.FLOAT, TensorProto.FLOAT
    values = random.standard_normal((256, 320), np.float32)
graph = helper.make_graph(
    [helper.make_node(op, ["x", "w"], ["y"])], "far",
    [helper.make_tensor_value_info("x", element, [64, 256])],
    [helper.make_tensor_value_info("y", result, [64, 320])], [numpy_helper.from_array(values, "w")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
