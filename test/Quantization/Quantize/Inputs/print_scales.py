"""Says what the activations of a quantized model are: their type, zero points, and whether scales are powers of two.

usage: print_scales.py MODEL.onnx
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

model = onnx.load(sys.argv[1])
constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
quantized = [n for n in model.graph.node if n.op_type == "QuantizeLinear" and n.input[0] not in constants]
types = {TensorProto.DataType.Name(onnx.helper.np_dtype_to_tensor_dtype(constants[n.input[2]].dtype)) for n in quantized}
zeros = sorted({int(z) for n in quantized for z in constants[n.input[2]].ravel()})
powers = [np.frexp(s)[0] == 0.5 for n in quantized for s in constants[n.input[1]].ravel()]
print(f"{', '.join(sorted(types))}, zero points: {', '.join(map(str, zeros))}, scales are powers of two:",
      "all" if all(powers) else "some" if any(powers) else "none")
