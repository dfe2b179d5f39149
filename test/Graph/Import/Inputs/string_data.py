#!/usr/bin/env python3
"""Writes models whose constant of three strings is wrong, with raw data or two strings, and one where it is sparse.

usage: string_data.py RAW.onnx COUNT.onnx SPARSE.onnx
"""
import sys

from onnx import SparseTensorProto, TensorProto, helper


def write(path, sparse=(), **fields):
    constants = [TensorProto(name="s", data_type=TensorProto.STRING, dims=[3], **fields)] if fields else []
    output = helper.make_tensor_value_info("y", TensorProto.STRING, [3])
    graph = helper.make_graph([helper.make_node("Identity", ["s"], ["y"])], "g", [], [output], constants, sparse_initializer=sparse)
    with open(path, "wb") as file:
        file.write(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString())


write(sys.argv[1], raw_data=b"abc")
write(sys.argv[2], string_data=[b"a", b"b"])
values = TensorProto(name="s", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"])
places = TensorProto(name="places", data_type=TensorProto.INT64, dims=[1], int64_data=[1])
write(sys.argv[3], sparse=[SparseTensorProto(values=values, indices=places, dims=[3])])
