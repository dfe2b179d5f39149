#!/usr/bin/env python3
"""Writes two models whose constant of three strings is wrong: one has raw data, one has two strings.

usage: string_data.py RAW.onnx COUNT.onnx
"""
import sys

from onnx import TensorProto, helper


def write(path, **fields):
    constant = TensorProto(name="s", data_type=TensorProto.STRING, dims=[3], **fields)
    output = helper.make_tensor_value_info("y", TensorProto.STRING, [3])
    graph = helper.make_graph([helper.make_node("Identity", ["s"], ["y"])], "g", [], [output], [constant])
    with open(path, "wb") as file:
        file.write(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString())


write(sys.argv[1], raw_data=b"abc")
write(sys.argv[2], string_data=[b"a", b"b"])
