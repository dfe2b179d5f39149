#!/usr/bin/env python3
"""TfIdfVectorizer on integers and strings in every mode, of bound and open rows, compared with ONNX Runtime.

usage: ngrams.py FOLDER
"""
import itertools
import pathlib

import numpy as np
import onnx
from onnx import helper

from command import Failed, call_main, lambent, run, write_inputs
from near import difference
from reference import run_onnxruntime

# n-grams of one, two and three items, and where those of each length begin.
POOL, COUNTS = [2, 3, 5, 4,  5, 6, 7, 8, 6, 7, 2, 2,  5, 6, 7, 2, 2, 2], [0, 4, 12]
INDEXES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
ROWS = [[1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8, 5], [5, 6, 7, 5, 6, 7, 8, 2, 2, 2, 2, 2, 4]]
WORDS = ["", "a", "the", "b", "ä", "the ", "x" * 40, "0", "word"]
LENGTHS = [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)]


def cases():
    for (shortest, longest), skips, mode in itertools.product(LENGTHS, (0, 1, 5), ("TF", "IDF", "TFIDF")):
        yield dict(mode=mode, min_gram_length=shortest, max_gram_length=longest, max_skip_count=skips)
    weights = [float(weight) for weight in np.linspace(0.5, 3, len(INDEXES))]
    for mode in ("TF", "IDF", "TFIDF"):
        yield dict(mode=mode, min_gram_length=1, max_gram_length=3, max_skip_count=2, weights=weights)
        # In any order, and several n-grams in one column: of IDF the one that comes last counts.
        yield dict(mode=mode, min_gram_length=1, max_gram_length=2, max_skip_count=1, weights=weights,
                   ngram_indexes=[7, 3, 0, 1, 2, 3, 4, 5, 6, 9])
        for longest, skips in (1, 0), (3, 0), (3, 3):
            yield dict(mode=mode, min_gram_length=1, max_gram_length=longest, max_skip_count=skips, weights=weights,
                       ngram_indexes=[0, 2, 0, 3, 0, 2, 2, 0, 2, 5])


def check(cases, dtype, folder):
    """All cases are nodes of one model."""
    is_text = dtype is object
    pool = dict(pool_strings=[WORDS[item] for item in POOL]) if is_text else dict(pool_int64s=POOL)
    cases = [dict(ngram_indexes=INDEXES, ngram_counts=COUNTS) | pool | attributes for attributes in cases]
    names = [f"y{i}" for i in range(len(cases))]
    nodes = [helper.make_node("TfIdfVectorizer", ["x"], [name], name=f"count_{name}", **attributes)
             for name, attributes in zip(names, cases)]
    rows = np.array([[WORDS[item] for item in row] for row in ROWS] if is_text else ROWS, dtype)

    def build(dims):
        kind = helper.np_dtype_to_tensor_dtype(rows.dtype)
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, dims)],
                                  [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None] * len(dims)) for name in names])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for dims, inputs in [(["n", "c"], [rows, rows[:1, :3], rows[:, :1]]), ([2, 13], [rows]), (["c"], [rows[0], rows[1, :2]]),
                         ([13], [rows[1]])]:
        onnx.save(build(dims), folder / "model.onnx")
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
        for x in inputs:
            wanted = run_onnxruntime(build(dims), {"x": x})
            write_inputs(folder / "in", {"x": x.astype("U") if is_text else x})
            found = run(folder / "model.so", folder / "in", folder / "out")
            for name, attributes, array in zip(names, cases, wanted, strict=True):
                if why := difference(array, found[f"{name}.npy"], 1e-6, 1e-6):
                    yield f"{attributes} {dims} {list(x.shape)}: {why}"


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    every = list(cases())
    problems = [problem for dtype in (np.int32, np.int64, object) for problem in check(every, dtype, folder)]
    if problems:
        raise Failed("\n".join(problems))


if __name__ == "__main__":
    call_main(main, __doc__)
