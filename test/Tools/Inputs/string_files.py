#!/usr/bin/env python3
"""Writes the inputs of strings.test, and what its model gives.

usage: string_files.py FOLDER
"""
import pathlib
import sys

import numpy as np
import onnx

folder = pathlib.Path(sys.argv[1])
words = np.array(["größer", "", "a\0b"])
np.save(folder / "in" / "x.npy", words)
np.save(folder / "wanted.npy", np.concatenate([words, np.array(["yes", "no", "yes", "only"])]))
np.save(folder / "objects" / "x.npy", np.array(["a", None], object))
np.save(folder / "numbers" / "x.npy", np.zeros(3, "f4"))
constant = onnx.TensorProto(name="w", data_type=onnx.TensorProto.STRING, dims=[2], string_data=[b"a", b"b\0"])
graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["w"], ["y"])], "g", [],
                               [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.STRING, [2])], [constant])
onnx.save(onnx.helper.make_model(graph, ir_version=8), folder / "end.onnx")
