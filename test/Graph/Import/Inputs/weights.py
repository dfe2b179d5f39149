"""Writes a model with a tensor for each way that ONNX stores them, all of them outputs."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def typed(name, data_type, values):
    """A tensor whose data is a list of numbers."""
    return helper.make_tensor(name, data_type, [len(values)], values)


bools = numpy_helper.from_array(np.tile([True, False], 1000), "bool_large")
bools.raw_data = bools.raw_data.replace(b"\x01", b"\x07")  # any byte but 0 is true
tensors = [
    numpy_helper.from_array(np.arange(1024, dtype=np.float32).reshape(32, 32), "raw_large"),
    typed("list_large", TensorProto.FLOAT, np.arange(1024.0)),
    bools,
    numpy_helper.from_array(np.array([1, 2], np.float32), "raw_small"),
    typed("f16", TensorProto.FLOAT16, [1.5, -2]),
    typed("bf16", TensorProto.BFLOAT16, [1.5, -2]),
    typed("i8", TensorProto.INT8, [-1, 2]),
    typed("u8", TensorProto.UINT8, [255, 2]),
    typed("bool", TensorProto.BOOL, [True, False]),
    typed("u32", TensorProto.UINT32, [2**32 - 1, 2]),
    typed("u64", TensorProto.UINT64, [2**64 - 1, 2]),
    typed("i64", TensorProto.INT64, [-5, 2]),
    typed("f8", TensorProto.FLOAT8E5M2, [1.5, -2]),
    typed("i4", TensorProto.INT4, [1, -2, 3]),
    helper.make_tensor("u4", TensorProto.UINT4, [3], b"\x21\x0f", raw=True),
    helper.make_tensor("i2", TensorProto.INT2, [5], b"\xe4\x01", raw=True),
    helper.make_tensor("f4", TensorProto.FLOAT4E2M1, [2], b"\xf1", raw=True),
    helper.make_tensor("packed_large", TensorProto.UINT4, [4001], bytes(2001), raw=True),
    numpy_helper.from_array(np.zeros([0, 3], np.float32), "empty"),
]
node = helper.make_node("Constant", [], ["node_large"],
                        value=numpy_helper.from_array(np.arange(1024, dtype=np.float64), "node_large"))
outputs = [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in tensors]
outputs.append(helper.make_tensor_value_info("node_large", TensorProto.DOUBLE, [1024]))
graph = helper.make_graph([node], "weights", [], outputs, tensors)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
