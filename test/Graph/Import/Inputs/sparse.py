#!/usr/bin/env python3
"""Models with sparse weights, right and wrong ones.

usage: sparse.py FOLDER
"""
import pathlib
import sys

from onnx import TensorProto, helper


def sparse(values, indices, dims, kind=TensorProto.FLOAT, shape=None, index_kind=TensorProto.INT64, name="w"):
    flat = [place for index in indices for place in (index if isinstance(index, list) else [index])]
    places = helper.make_tensor("places", index_kind, shape or ([len(indices)] if flat == indices else [len(indices), len(indices[0])]),
                                flat)
    return helper.make_sparse_tensor(helper.make_tensor(name, kind, [len(values)], values), places, dims)


def added(*weights):
    """The input and each of the weights, added."""
    nodes = [helper.make_node("Add", ["x" if i == 0 else f"t{i}", weight.values.name], [f"t{i + 1}"], name=f"add{i}")
             for i, weight in enumerate(weights)]
    nodes[-1].output[0] = "y"
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])])
    graph.sparse_initializer.extend(weights)
    return model(graph)


def constant(weight):
    nodes = [helper.make_node("Constant", [], ["w"], name="made", sparse_value=weight), helper.make_node("Add", ["x", "w"], ["y"])]
    return model(helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
                                   [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])]))


def model(graph):
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


MODELS = {
    "right": added(sparse([1.5, 2.5], [1, 5], [2, 3]), sparse([4.5], [[1, 0]], [2, 3], name="v"),
                   sparse([], [], [2, 3], name="none", shape=[0])),
    "constant": constant(sparse([7.5], [[0, 2]], [2, 3])),
    "large": added(sparse([1.0], [6], [2, 3])),
    "negative": added(sparse([1.0], [-1], [2, 3])),
    "outside": added(sparse([1.0, 2.0], [[0, 1], [0, 3]], [2, 3])),
    "order": added(sparse([1.0, 2.0], [4, 2], [2, 3])),
    "twice": added(sparse([1.0, 2.0], [[1, 1], [1, 1]], [2, 3])),
    "few": added(sparse([1.0, 2.0], [1], [2, 3])),
    "width": added(sparse([1.0], [[0, 1, 2]], [2, 3])),
    "kind": added(sparse([1.0], [1], [2, 3], index_kind=TensorProto.INT32)),
    "shape": added(sparse([1.0], [1], [2, -3])),
    "same": added(sparse([1.0], [1], [2, 3]), sparse([1.0], [1], [2, 3])),
    "wrong-constant": constant(sparse([1.0], [9], [2, 3])),
    "huge": added(sparse([1.0], [1], [1 << 20, 1 << 19])),
    "packed": added(sparse([1], [1], [2, 3], kind=TensorProto.INT4)),
}


if __name__ == "__main__":
    for title, made in MODELS.items():
        pathlib.Path(sys.argv[1], f"{title}.onnx").write_bytes(made.SerializeToString())
