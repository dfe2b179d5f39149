"""A model whose weights are found in unusual places, or not to be pruned, and a sample; and models that are wrong.

usage: others.py FOLDER
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(5)


def draw(name, *shape):
    return numpy_helper.from_array((random.normal(size=shape) / 8).astype(np.float32), name)


def save(name, nodes, inputs, outputs, weights, sparse=()):
    info = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "g", [info(x, TensorProto.FLOAT, shape) for x, shape in inputs.items()],
                              [info(y, TensorProto.FLOAT, None) for y in outputs], weights)
    graph.sparse_initializer.extend(sparse)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / f"{name}.onnx")


def to_sparse(tensor, indices=None):
    values = numpy_helper.to_array(tensor)
    if indices is None:
        indices = np.arange(0, values.size, 2, dtype=np.int64)
    kept = numpy_helper.from_array(values.ravel()[indices % values.size], tensor.name)
    return helper.make_sparse_tensor(kept, numpy_helper.from_array(indices, "places"), values.shape)


(folder / "other-samples" / "0").mkdir(parents=True)
np.save(folder / "other-samples" / "0" / "x.npy", random.normal(size=(32, 64)).astype(np.float32))
save("others", [
    helper.make_node("Gemm", ["x", "w1"], ["y"], "across", transA=1),
    helper.make_node("MatMul", ["x", "w2"], ["a"], "sparse"),
    helper.make_node("Constant", [], ["w3"], value=draw("w3", 64, 64)),
    helper.make_node("MatMul", ["a", "w3"], ["b"], "constant"),
    helper.make_node("Transpose", ["w4"], ["turn"], perm=[1, 0]), helper.make_node("MatMul", ["b", "turn"], ["c"], "turned"),
    helper.make_node("MatMul", ["c", "w5"], ["d"], "twice"), helper.make_node("MatMul", ["d", "w5"], ["e"]),
    helper.make_node("Transpose", ["e"], ["t"], perm=[1, 0]), helper.make_node("MatMul", ["e", "t"], ["z"], "both")],
    {"x": [32, 64]}, ["y", "z"], [draw("w1", 32, 64), draw("w4", 64, 64), draw("w5", 64, 64)], [to_sparse(draw("w2", 64, 64))])

product = [helper.make_node("MatMul", ["x", "w"], ["y"], "product")]
for name, value in (("nan", np.nan), ("infinite", np.inf)):
    weights = numpy_helper.to_array(draw("w", 64, 64)).copy()
    weights[3, 5] = value
    save(name, product, {"x": ["n", 64]}, ["y"], [numpy_helper.from_array(weights, "w")])
save("plain", product, {"x": ["n", 64]}, ["y"], [draw("w", 64, 64)])
save("narrow", product, {"x": ["n", 64]}, ["y"], [draw("w", 64, 16)])
save("flat", product, {"x": ["n", 2]}, ["y"], [draw("w", 2, 512)])
save("other-shape", product, {"x": ["n", 32]}, ["y"], [draw("w", 32, 64)])
save("other-name", [helper.make_node("MatMul", ["x", "v"], ["y"], "product")], {"x": ["n", 64]}, ["y"], [draw("v", 64, 64)])
save("out-of-range", product, {"x": ["n", 64]}, ["y"], [], [to_sparse(draw("w", 64, 64), np.array([5, 4096]))])
save("none", [helper.make_node("Relu", ["x"], ["y"], "relu")], {"x": ["n", 64]}, ["y"], [])
