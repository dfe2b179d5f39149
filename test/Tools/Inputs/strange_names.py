"""Writes models whose names would move a terminal's cursor, end a line, or turn text round.

usage: strange_names.py FOLDER

long.onnx has a name of 100,000 letters, bogus.onnx has an unknown op and reads what nothing produces, good.onnx
compiles, open.onnx has an open dim. raw.onnx is good.onnx with a name that is not UTF-8.
"""
import sys
from pathlib import Path

from onnx import TensorProto, helper

INPUT, DIM, NODE, OP = "x\x1b[31m\nlambent: error: fake", "n\u202ex", "n\x1b]0;gone\x07\u009b", "Bogus\x1b[2J\r"


def write(path, nodes, shape):
    inputs = [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info("y\u2028y", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(nodes, "g\x07", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                              producer_name="made\x1b[0m")
    helper.set_model_props(model, {"key\x1b": "value\n"})
    path.write_bytes(model.SerializeToString())


def main():
    folder = Path(sys.argv[1])
    write(folder / "bogus.onnx", [helper.make_node(OP, [INPUT], ["a"], name=NODE),
                                  helper.make_node("Relu", ["no\nthing"], ["y\u2028y"], name=NODE)], [4])
    write(folder / "long.onnx", [helper.make_node("Bogus", [INPUT], ["y\u2028y"], name="n" * 100000)], [4])
    write(folder / "good.onnx", [helper.make_node("Exp", [INPUT], ["y\u2028y"], name=NODE)], [4])
    write(folder / "open.onnx", [helper.make_node("Exp", [INPUT], ["y\u2028y"], name=NODE)], [DIM])
    good = (folder / "good.onnx").read_bytes()
    (folder / "raw.onnx").write_bytes(good.replace("\u009b".encode(), b"\xff\xfe"))


if __name__ == "__main__":
    main()
