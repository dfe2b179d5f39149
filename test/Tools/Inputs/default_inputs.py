"""Writes inputs, and the results that belong to them, of models whose initializers are inputs too.

usage: default_inputs.py FOLDER [--weights]

none/ has x alone, given/ also b and on; default.npy and other.npy are x + b with the default and with the file. With
--weights it writes weights.onnx and old.onnx (IR 3), x + w of 5,000 elements and of 3, with files in weights/.
"""
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def write_model(path, size, ir_version):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])], "g",
        [value("x", TensorProto.FLOAT, [size]), value("w", TensorProto.FLOAT, [size])],
        [value("y", TensorProto.FLOAT, [size])],
        [numpy_helper.from_array(np.ones(size, np.float32), "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 8)], ir_version=ir_version)
    path.write_bytes(model.SerializeToString())


def main():
    folder = Path(sys.argv[1])
    if "--weights" in sys.argv:
        write_model(folder / "weights.onnx", 5000, 4)
        write_model(folder / "old.onnx", 3, 3)
        x, w = np.arange(5000, dtype=np.float32), np.full(5000, 7, np.float32)
        np.save(folder / "weights" / "x.npy", x)
        np.save(folder / "weights" / "w.npy", w)
        np.save(folder / "weighted.npy", x + w)
        return
    x, b = np.array([10, 20, 30], np.float32), np.array([7, 8, 9], np.float32)
    for name in ("none", "given"):
        np.save(folder / name / "x.npy", x)
    np.save(folder / "given" / "b.npy", b)
    np.save(folder / "given" / "on.npy", np.array(True))
    np.save(folder / "default.npy", x + np.array([1, 2, 3], np.float32))
    np.save(folder / "other.npy", x + b)


if __name__ == "__main__":
    main()
