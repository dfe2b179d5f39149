"""Writes a model of many layers, each of which reads the one before and one far above.

usage: deep_graph.py MODEL.onnx LAYERS
"""
import sys

import onnx
from onnx import TensorProto, helper


def main():
    count = int(sys.argv[2])
    nodes = [helper.make_node("MatMul", [f"v{i}", f"v{i // 2}"], [f"v{i + 1}"], f"layer{i}") for i in range(count)]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [8, 8]) for name in ("v0", f"v{count}")]
    graph = helper.make_graph(nodes, "deep", values[:1], values[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])


if __name__ == "__main__":
    main()
