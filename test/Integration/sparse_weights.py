#!/usr/bin/env python3
"""Models with sparse weights of several types, as initializers and as constants, beside the same with dense weights.

usage: sparse_weights.py FOLDER
"""
import pathlib

import ml_dtypes
import numpy as np
import onnx
from onnx import helper, numpy_helper

from command import Failed, call_main, lambent, run, write_inputs

TYPES = [np.float32, np.float64, np.float16, ml_dtypes.bfloat16, np.int8, np.uint16, np.int32, np.int64, np.bool_]


def make_sparse(dense, name, as_tuples):
    places = np.flatnonzero(dense)
    indices = np.stack(np.unravel_index(places, dense.shape), 1) if as_tuples else places
    return helper.make_sparse_tensor(numpy_helper.from_array(dense.ravel()[places], name),
                                     numpy_helper.from_array(indices.astype(np.int64), name + "_places"), dense.shape)


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    nodes, sparse, wanted, outputs = [], [], {}, []
    # The second is larger than what is kept in the model's text.
    for shape in ((3, 5), (40, 2, 30), (0, 4)):
        for dtype in TYPES:
            for form in ("numbers", "tuples", "constant"):
                name = f"w{len(wanted)}"
                dense = (random.integers(1, 9, shape) * (random.random(shape) < 0.2)).astype(dtype)
                weight = make_sparse(dense, name, form == "tuples")
                if form == "constant":
                    nodes.append(helper.make_node("Constant", [], [name], sparse_value=weight))
                else:
                    sparse.append(weight)
                nodes.append(helper.make_node("Where", ["yes", name, name], [name + "_y"]))
                wanted[name + "_y"] = dense
                outputs.append(helper.make_tensor_value_info(name + "_y", helper.np_dtype_to_tensor_dtype(dense.dtype), shape))
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("yes", onnx.TensorProto.BOOL, [])], outputs)
    graph.sparse_initializer.extend(sparse)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    write_inputs(folder / "in", {"yes": np.array(True)})
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    found = run(folder / "model.so", folder / "in", folder / "out")
    problems = [f"{name}: {value.dtype} {value.shape}" for name, value in wanted.items()
                if found[name + ".npy"].shape != value.shape or found[name + ".npy"].tobytes() != value.tobytes()]
    if problems:
        raise Failed("\n".join(problems))


if __name__ == "__main__":
    call_main(main, __doc__)
