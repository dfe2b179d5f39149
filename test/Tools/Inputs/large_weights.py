#!/usr/bin/env python3
"""Writes a model with 240 MB of weights of one product.    usage: large_weights.py MODEL.onnx"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weights = np.random.default_rng(1).standard_normal((15000, 4000), np.float32)
graph = helper.make_graph(
    [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)], "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4000])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 15000])], [numpy_helper.from_array(weights, "w")])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
