#!/usr/bin/env python3
"""Graphs in the form in which exporters write dynamic shapes, compiled once with nothing bound, beside ONNX Runtime.

usage: open_exports.py SCRATCH
"""

import numpy as np
from command import call_main
from onnx import TensorProto, helper
from open_attention import check
from open_layers import Model, Node, floats, ints

SIZES = [dict(b=2, n=7, m=9), dict(b=1, n=3, m=4), dict(b=3, n=16, m=1)]
END = 2 ** 63 - 1


def dim(tensor, axis, out):
    """One dim of a tensor, as a vector of one entry."""
    return [Node("Shape", tensor, out=f"{out}_s"), Node("Gather", f"{out}_s", ints(axis).reshape(()), out=f"{out}_g"),
            Node("Unsqueeze", f"{out}_g", ints(0), out=out)]


def scalar_dim(tensor, axis, out):
    return [Node("Shape", tensor, out=f"{out}_s"), Node("Gather", f"{out}_s", ints(axis).reshape(()), out=out)]


def shapes():
    heads = [*dim("x", 0, "b"), *dim("x", 1, "n"), Node("Concat", "b", "n", ints(4), ints(-1), out="to", axis=0),
             Node("Reshape", "x", "to", out="h"), Node("Transpose", "h", perm=[0, 2, 1, 3])]
    yield "heads", Model(*heads, x="b,n,32", sizes=SIZES)
    merged = [*scalar_dim("x", 0, "b"), *scalar_dim("x", 1, "n"), Node("Mul", "b", "n", out="bn"),
              Node("Unsqueeze", "bn", ints(0), out="v"), Node("Concat", "v", ints(-1), out="to", axis=0),
              Node("Reshape", "x", "to")]
    yield "merged dims", Model(*merged, x="b,n,2,3", sizes=SIZES)
    causal = [*scalar_dim("x", 1, "n"), Node("Range", ints(0).reshape(()), "n", ints(1).reshape(()), out="r"),
              Node("Unsqueeze", "r", ints(0), out="row"), Node("Unsqueeze", "r", ints(1), out="column"),
              Node("Greater", "row", "column", out="late"), Node("MatMul", "x", "t", out="scores"),
              Node("Where", "late", floats(-1e9).reshape(()), "scores", out="masked"), Node("Softmax", "masked")]
    yield "causal mask", Model(Node("Transpose", "x", out="t", perm=[0, 2, 1]), *causal, x="b,n,8", sizes=SIZES)
    expand = [*dim("x", 0, "b"), *dim("x", 1, "n"), Node("Concat", "b", ints(1), ints(-1), "n", out="shape", axis=0),
              Node("Equal", "shape", ints(-1), out="open"), Node("Shape", "shape", out="rank"),
              Node("ConstantOfShape", "rank", out="ones", value=helper.make_tensor("v", TensorProto.INT64, [1], [1])),
              Node("Where", "open", "ones", "shape", out="to"), Node("Unsqueeze", "m", ints(1, 2), out="wide"),
              Node("Expand", "wide", "to")]
    yield "expanded mask", Model(*expand, x="b,n,8", m="b,n", sizes=SIZES)
    zeros = [*dim("x", 0, "b"), *dim("x", 2, "k"), Node("Concat", "b", ints(3), "k", out="to", axis=0),
             Node("ConstantOfShape", "to", out="z"), Node("Concat", "z", "x", axis=1)]
    yield "zeros before", Model(*zeros, x="b,n,m", sizes=SIZES)


def slices():
    for name, first, end, step in [("the first 5", 0, 5, 1), ("the last 5", -5, END, 1), ("all but 2", 2, END, 1),
                                   ("from 2 to 6", 2, 6, 1), ("every third of 8", 0, 8, 3), ("without 3 at the end", 0, -3, 1),
                                   ("between", 1, -2, 1), ("the last 6 but one", -6, -1, 2), ("backwards from 5", 5, -END, -1),
                                   ("backwards to 2", -1, 2, -2), ("nothing", 6, 2, 1)]:
        yield f"slice {name}", Model(Node("Slice", "x", ints(first), ints(end), ints(1), ints(step), out="s"),
                                     Node("Add", "s", floats(1).reshape(())), x="b,n,4", sizes=SIZES)
    table = np.arange(10 * 4, dtype=np.float32).reshape(10, 4)
    yield "positions", Model(*dim("x", 1, "n"), Node("Slice", table, ints(0), "n", ints(0), out="p"), Node("Add", "x", "p"),
                             x="b,n,4", sizes=[dict(b=1, n=3), dict(b=2, n=10), dict(b=2, n=1)])
    window = [Node("Concat", "past", "x", out="all", axis=1), Node("Slice", "all", ints(-6), ints(END), ints(1))]
    yield "sliding past", Model(*window, past="b,m,4", x="b,n,4", sizes=SIZES)
    parts = [Node("Slice", "x", ints(0), ints(4), ints(1), out="a"), Node("Slice", "x", ints(4), ints(END), ints(1), out="z"),
             Node("Concat", "z", "a", axis=1, out="rolled"), Node("Add", "rolled", "x")]
    yield "rolled", Model(*parts, x="b,n,4", sizes=SIZES)
    half = [*scalar_dim("x", 2, "d"), Node("Div", "d", ints(2).reshape(()), out="q"), Node("Unsqueeze", "q", ints(0), out="h"),
            Node("Slice", "x", ints(0), "h", ints(2), out="a"), Node("Slice", "x", "h", ints(END), ints(2), out="z"),
            Node("Neg", "z", out="w"), Node("Concat", "w", "a", axis=2)]
    yield "half rotated", Model(*half, x="b,n,d", sizes=[dict(b=1, n=3, d=8), dict(b=2, n=2, d=6), dict(b=1, n=1, d=2)])
    nested = [Node("Slice", "x", ints(2), ints(9), ints(1), out="a"), Node("Slice", "a", ints(-4), ints(END), ints(1), out="c"),
              Node("Slice", "c", ints(0), ints(3), ints(1), out="d"), Node("ReduceSum", "d", ints(1), keepdims=0)]
    yield "slices of slices", Model(*nested, x="b,n,4", sizes=SIZES)
    one = [Node("Slice", "x", ints(0), ints(1), ints(1), out="a"), Node("Sub", "x", "a", out="c"),
           Node("Squeeze", "a", ints(1), out="e"), Node("Gemm", "e", floats(*range(8)).reshape(4, 2), out="g"),
           Node("ReduceMean", "c", ints(1), keepdims=0, out="k"), Node("Concat", "g", "k", axis=1)]
    yield "first token", Model(*one, x="b,n,4", sizes=SIZES)
    both = [Node("Slice", "x", ints(0, -3), ints(4, END), ints(1, 2), out="a"), Node("Relu", "a")]
    yield "corner", Model(*both, x="b,n,m", sizes=SIZES)
    moved = [*scalar_dim("x", 1, "n"), Node("Sub", "n", ints(5).reshape(()), out="k"), Node("Unsqueeze", "k", ints(0), out="f"),
             Node("Slice", "x", "f", ints(END), ints(1))]
    yield "from a size less 5", Model(*moved, x="b,n,4", sizes=SIZES)
    conv = [Node("Pad", "x", ints(0, 0, 2, 0, 0, 2), out="p"),
            Node("Conv", "p", floats(*range(24)).reshape(2, 4, 3), out="c", kernel_shape=[3]),
            Node("Slice", "c", ints(0), ints(6), ints(2))]
    yield "of a convolution", Model(*conv, x="b,4,n", sizes=SIZES)


def choices():
    least = [*dim("x", 1, "n"), Node("Min", "n", ints(5), out="k"), Node("TopK", "x", "k", out="y i", axis=1)]
    yield "at most 5 of the largest", Model(*least, x="b,n,4", sizes=SIZES, outputs=["y", "i"])
    picked = [Node("Greater", "x", floats(0).reshape(()), out="c"), Node("NonZero", "c", out="z"),
              Node("Transpose", "z", out="t", perm=[1, 0]), Node("GatherND", "x", "t")]
    yield "picked elements", Model(*picked, x="b,n", sizes=SIZES)
    twice = [*dim("x", 2, "n"), *dim("x", 3, "m"), Node("Mul", "n", ints(2), out="nn"), Node("Concat", ints(1, 2), "nn", "m", out="to", axis=0),
             Node("Resize", "x", "", "", "to", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")]
    wrapped = Node("Pad", "x", ints(0, 5, 0, 0, 4, 0), mode="wrap")
    yield "wrapped more than once", Model(wrapped, x="b,n,4", sizes=SIZES, opset=19, reference=True)
    yield "resized to twice the rows", Model(*twice, x="1,2,n,m", sizes=SIZES)
    larger = [*dim("x", 1, "n"), Node("Max", "n", ints(6), out="k"), Node("Sub", "k", "n", out="missing"),
              Node("Concat", ints(0, 0, 0), ints(0), "missing", ints(0), out="pads", axis=0), Node("Pad", "x", "pads")]
    yield "padded to 6", Model(*larger, x="b,n,4", sizes=SIZES)
    blocks = [*scalar_dim("x", 1, "n"), Node("Mod", "n", ints(4).reshape(()), out="rest"),
              Node("Sub", ints(4).reshape(()), "rest", out="k"), Node("Mod", "k", ints(4).reshape(()), out="more"),
              Node("Unsqueeze", "more", ints(0), out="v"), Node("Concat", ints(0, 0, 0, 0), "v", ints(0), out="pads", axis=0),
              Node("Pad", "x", "pads", out="p"), Node("Reshape", "p", ints(0, -1, 16))]
    yield "padded to blocks", Model(*blocks, x="b,n,4", sizes=SIZES)


def branch(name, *nodes, out="r"):
    output = helper.make_tensor_value_info(out, TensorProto.FLOAT, None)
    constants = [helper.make_node("Constant", [], [key], value=helper.make_tensor(
        key, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape, value.flatten().tolist()))
                 for node in nodes for key, value in node.constants.items()]
    return helper.make_graph([*constants, *[node.proto for node in nodes]], name, [], [output])


def flow():
    long = branch("long", Node("Slice", "x", ints(0), ints(5), ints(1), out="r"))
    short = branch("short", Node("Identity", "x", out="r"))
    chosen = [*scalar_dim("x", 1, "n"), Node("Greater", "n", ints(5).reshape(()), out="c"),
              Node("If", "c", then_branch=long, else_branch=short)]
    yield "cut where it is long", Model(*chosen, x="b,n,4", sizes=SIZES)
    state = helper.make_tensor_value_info("s", TensorProto.FLOAT, ["k", 4])
    row = [Node("Gather", "x", "i", axis=1, out="e"), Node("ReduceMean", "e", ints(0), out="w"),
           Node("Concat", "s", "w", axis=0, out="t"), Node("Identity", "go", out="more")]
    constants = [helper.make_node("Constant", [], [key], value=helper.make_tensor(
        key, TensorProto.INT64, value.shape, value.flatten().tolist())) for node in row for key, value in node.constants.items()]
    body = helper.make_graph(
        [*constants, *[node.proto for node in row]], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         state], [helper.make_tensor_value_info("more", TensorProto.BOOL, []),
                  helper.make_tensor_value_info("t", TensorProto.FLOAT, ["l", 4])])
    grown = [*scalar_dim("x", 1, "n"), Node("Slice", "x", ints(0), ints(0), ints(1), out="none"),
             Node("Reshape", "none", ints(0, 4), allowzero=1, out="init"),
             Node("Loop", "n", np.array(True), "init", body=body)]
    yield "grown row by row", Model(*grown, x="b,n,4", sizes=SIZES)


def main():
    generator = np.random.default_rng(3)
    problems = []
    for cases in shapes(), slices(), choices(), flow():
        for name, model in cases:
            try:
                problem = check(name, model, generator)
            except Exception as error:
                problem = f"{name}: {error}"
            if problem:
                problems.append(problem)
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
