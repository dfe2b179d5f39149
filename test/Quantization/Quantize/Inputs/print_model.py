"""Prints a model in ONNX's textual form, with the elements of initializers.

usage: print_model.py MODEL.onnx
"""
import sys

import numpy as np
import onnx
from onnx import numpy_helper

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
for tensor in model.graph.initializer:
    array = numpy_helper.to_array(tensor).astype(np.float64)
    print(f"{tensor.name} {list(tensor.dims)} = {np.round(array.ravel(), 5).tolist()}")
for node in model.graph.node:
    print(f"{', '.join(node.output)} = {node.op_type}({', '.join(node.input)})")
