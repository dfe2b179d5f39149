#!/usr/bin/env python3
"""Axes, shapes, starts, pads, repeats and counts that are inputs of a model: compiled once, run at several values.

usage: run_time_lists.py

An operand that is a list holds what the input is from run to run; a dim in which its arrays differ is open. Results are
compared with ONNX Runtime, or ONNX's own reference. Values that are wrong have to end the run with the message given.
"""
import pathlib
import shutil
import tempfile

import numpy as np
import onnx
from onnx import helper

from command import Failed, call_main, complain, lambent, write_inputs
from in_process import compile_model
from near import difference
from reference import NoReference, evaluate

GENERATOR = np.random.default_rng(3)
BIG, SMALL = np.iinfo(np.int64).max, np.iinfo(np.int64).min


class Open(list):
    """Arrays of one shape, whose dims are open all the same."""


def data(*shape, dtype="f4"):
    if dtype == "?":
        return GENERATOR.random(shape) < 0.5
    return (GENERATOR.standard_normal(shape) * 3).astype(dtype)


def ints(*lists):
    return [np.array(entries, np.int64) for entries in lists]


def open_ints(*lists):
    return Open(ints(*lists))


X = data(3, 4, 5)
SUMS = ["Sum", "Mean", "Prod", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]
UNTIL_18 = {"Sum": 13}


def reductions():
    for kind in SUMS:
        positive = np.abs(X) + 1 if kind == "LogSum" else X
        for keepdims in 0, 1:
            yield f"Reduce{kind}", [positive, ints([0], [1], [-1])], dict(keepdims=keepdims), 18
        yield f"Reduce{kind}", [positive, ints([0, 2], [-1, 0], [1, 2])], dict(keepdims=0), 18
        yield f"Reduce{kind}", [positive, ints([2, 0, 1], [0, 1, -1])], dict(keepdims=0), 18
        yield f"Reduce{kind}", [[positive, positive[:, :1], positive[:2]], ints([1], [1], [0])], dict(), 18
        yield f"Reduce{kind}", [positive, ints([0], [-1, 1], [], [2, 0, 1])], dict(), 18
        yield f"Reduce{kind}", [[positive, positive[:1]], ints([0, 1], [])], dict(noop_with_empty_axes=1), 18
    for kind in "Sum", "Prod", "Max", "Min", "Mean", "L1", "SumSquare":
        yield f"Reduce{kind}", [data(3, 4, dtype="i4"), ints([0], [1])], dict(), 18
        yield f"Reduce{kind}", [data(3, 4, dtype="i4"), ints([0], [1, 0])], dict(), 18
    for kind in "Sum", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Max", "Min", "Prod":
        yield f"Reduce{kind}", [data(2, 0, 4), ints([1], [1], [0])], dict(), 18
        yield f"Reduce{kind}", [data(2, 0, 4), ints([1], [0, 1], [2])], dict(), 18
    for kind in "Max", "Min":
        yield f"Reduce{kind}", [data(3, 4, dtype="?"), ints([0], [-1])], dict(), 20
        yield f"Reduce{kind}", [data(3, 4, dtype="f2"), ints([0], [-1])], dict(), 18
    yield "ReduceSum", [X, ints([0], [1])], dict(noop_with_empty_axes=1), 13
    yield "ReduceSum", [data(70, 130), ints([0], [1])], dict(), 13


def scans():
    for op, opset in ("CumSum", 14), ("CumProd", 26):
        for attributes in {}, dict(exclusive=1), dict(reverse=1), dict(exclusive=1, reverse=1):
            yield op, [X / 2, [np.array(i, np.int64) for i in (0, 1, -1)]], attributes, opset
        yield op, [data(3, 4, dtype="i4"), [np.array([i], np.int32) for i in (0, -1)]], {}, opset
        yield op, [data(3, 4), open_ints([0], [1])], {}, opset


def views():
    yield "Squeeze", [data(1, 3, 1, 5), ints([0], [2], [-2])]
    yield "Squeeze", [data(1, 3, 1, 5), ints([2, 0], [-4, -2])]
    yield "Unsqueeze", [X, ints([0], [3], [-2])]
    yield "Unsqueeze", [X, ints([0, 4], [1, 2], [-1, 1])]
    yield "Unsqueeze", [[X, X[:2]], ints([0], [-1])]
    yield "Reshape", [X, ints([60], [-1])]
    yield "Reshape", [X, ints([3, 20], [-1, 5], [0, -1], [12, 5])]
    yield "Reshape", [X, ints([5, 0, 3, 1], [0, 2, -1, 2], [0, 0, 0, -1])]
    yield "Reshape", [[data(0, 4), data(2, 4)], ints([4, 0], [4, 2])], dict(allowzero=1)
    yield "Reshape", [[X, X[:2], X[:0]], ints([2, -1], [5, -1], [5, -1])]
    yield "Expand", [data(3, 1), ints([3, 4], [3, 1], [1, 5], [1, 1])]
    yield "Expand", [data(3, 1), ints([2, 3, 4], [1, 1, 1], [5, 3, 1])]
    yield "Expand", [data(2, 3, 1), ints([4], [1])]
    yield "Expand", [[data(1, 4), data(3, 4)], ints([5, 4], [1, 4])]
    yield "Expand", [data(3, 1), ints([3, 0], [3, 2])]
    yield "Tile", [X, ints([1, 2, 1], [2, 1, 3], [1, 1, 1], [0, 1, 1])]
    yield "Tile", [data(1, 4), ints([3, 1], [1, 2])]
    yield "Tile", [data(1, 4), open_ints([3, 1], [1, 2])]


def parts():
    yield "Slice", [X, ints([1], [-2], [7]), ints([3], [BIG], [9])]
    yield "Slice", [X, ints([0, 1], [2, -3], [-9, 1]), ints([2, 4], [BIG, -1], [BIG, 1])]
    yield "Slice", [X, ints([1], [-1], [0]), ints([4], [BIG], [0]), ints([1], [2], [-1])]
    yield ("Slice", [X, ints([1, 0], [4, 2], [-1, -1]), ints([4, 3], [SMALL, 0], [SMALL, 9]), ints([2, 1], [1, 0], [-1, 0]),
                     ints([1, 2], [-2, -1], [-1, -1])])
    yield "Slice", [X, np.array([0], np.int64), ints([2], [5], [-2]), np.array([1], np.int64)]
    yield "Slice", [X, np.array([0], np.int64), ints([2], [5], [-2]), np.array([2], np.int64), np.array([3], np.int64)]
    yield "Slice", [X, ints([0], [4]), ints([5], [SMALL]), np.array([2], np.int64), ints([SMALL + 1], [-3])]
    yield "Slice", [[X, X[:1], X[:0]], ints([1], [0], [1]), ints([3], [3], [2])]
    yield "Slice", [[X, X[:1]], ints([1], [-1]), ints([3], [SMALL]), np.array([0], np.int64), ints([1], [-1])]
    yield "Slice", [X.astype("i8"), [np.array([1], np.int32), np.array([2], np.int32)],
                    [np.array([2], np.int32), np.array([2], np.int32)]]
    yield "Slice", [X, ints([1], [0, 1], [], [2, -3, 1]), ints([3], [BIG, -1], [], [3, 3, 4])]
    yield "Slice", [[X, X[:1]], ints([1], [-2, 0]), ints([BIG], [4, 2]), ints([1], [2, 0])]
    yield "Slice", [X, ints([-1], [3, 0]), ints([SMALL], [0, BIG]), ints([1], [-1, 0]), ints([-2], [-1, 2])]
    yield "Slice", [X, ints([1], [1, 0]), ints([3], [3, 2]), None, ints([1], [1, -1])]
    yield "Slice", [X, np.array([0], np.int64), open_ints([2], [-1]), np.array([1], np.int64)]
    yield "Slice", [X, open_ints([1, 2], [0, 1]), open_ints([3, 3], [BIG, 2]), ints([1, 2], [0, 1])]
    yield "Split", [data(6, 4), open_ints([2, 4], [6, 0], [3, 3])], dict(axis=0), 13, 2
    yield "Split", [data(6, 4), ints([2, 4], [6, 0], [3, 3])], dict(axis=0), 13, 2
    yield "Split", [data(4, 6), ints([1, 2, 3], [0, 0, 6])], dict(axis=-1), 18, 3
    yield "Split", [[data(6, 4), data(5, 4)], ints([2, 4], [5, 0])], dict(axis=0), 13, 2
    yield "Split", [[data(6, 4), data(5, 4), data(2, 4), data(0, 4)]], dict(axis=0, num_outputs=3), 18, 3
    yield "Split", [[data(6, 4), data(3, 4), data(0, 4)]], dict(axis=0), 13, 3
    many = ints([2] * 40 + [0] * 40, [1, 0] * 40, [0] * 79 + [9])
    yield "Split", [[data(80, 2), data(40, 2), data(9, 2)], many], dict(), 18, 80
    yield "Split", [[data(80, 2), data(160, 2)]], dict(), 13, 80
    yield "Split", [[data(80, 2), data(75, 2), data(3, 2)]], dict(num_outputs=80), 18, 80
    yield "Split", [[data(6, 4), data(6, 2)], np.array([2, 4], np.int64)], dict(axis=0), 13, 2


def pads():
    values = dict(constant=[[1, 0, 2, 0, 3, 0], [0, -1, 0, 0, 0, -2], [0, 0, 0, 0, 0, 0], [-1, 2, 0, 4, -3, 1]],
                  edge=[[1, 0, 2, 0, 3, 0], [0, -1, 0, 0, 0, -2], [7, 0, 0, 0, 0, 9]],
                  reflect=[[1, 0, 2, 0, 3, 0], [0, -1, 0, 0, 0, -2], [2, 0, 0, 0, 0, 4]],
                  wrap=[[1, 0, 2, 0, 3, 0], [0, 2, 0, 0, 0, 4]])
    for mode, lists in values.items():
        yield "Pad", [X, ints(*lists)], dict(mode=mode), 19
        yield "Pad", [X, open_ints(*lists)], dict(mode=mode), 19
        yield "Pad", [X, ints([1, 2], [0, 1, 1, 0], []), None, ints([1], [-1, 0], [])], dict(mode=mode), 19
    yield "Pad", [X, ints([1, 2], [0, 3], [-1, 1]), np.array(7, np.float32), ints([0], [2], [-2])], {}, 19
    yield "Pad", [X, ints([1, 2, 0, 1], [0, 1, 3, 0]), None, ints([0, 2], [-2, 0])], dict(mode="edge"), 19
    yield "Pad", [[X, X[:1]], ints([1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 2])], {}, 19
    yield "Pad", [data(0, 3), ints([1, 0, 2, 0], [0, 0, 0, 1])], {}, 19
    yield "Pad", [X.astype("i4"), ints([1, 0, 0, 1, 0, 0]), [np.array(5, np.int32)]], {}, 19
    for size in ([2, 3, 5], [3, 9, 2], [4, 1, 8]):
        yield "CenterCropPad", [X, ints(size, [3, 4, 5])], {}, 18
    yield "CenterCropPad", [X, ints([7, 1], [2, 4])], dict(axes=[-1, 0]), 18
    yield "CenterCropPad", [X, open_ints([7, 1], [2, 4])], dict(axes=[-1, 0]), 18


def counts():
    yield "ConstantOfShape", [ints([2, 3], [0, 4], [1, 1])], dict(value=helper.make_tensor("v", 1, [1], [2.5]))
    yield "ConstantOfShape", [ints([5], [0])]
    for dtype in "i4", "i8", "i2", "f4", "f8":
        bounds = (1, 3, -2.5, 4), (9, 3, 4.5, 4), (2, -1, 1.5, 7)
        yield "Range", [[np.array(row[i]).astype(dtype) for row in bounds] for i in range(3)], {}, 11
    for axis in 0, -1:
        yield "OneHot", [np.array([1, -2, 9]), [np.array(4), np.array(3)], np.array([2, 7], np.float32)], dict(axis=axis)
    yield "OneHot", [np.array([[1, -2], [0, 2]]), ints([4], [3]), np.array([0, 1], np.float32)], dict(axis=1)
    yield "OneHot", [np.array([1, -2, 9]), open_ints([4], [3]), np.array([2, 7], np.float32)]
    yield "TopK", [data(3, 6), open_ints([1], [4])], {}, 11, 2
    for largest in 0, 1:
        yield "TopK", [data(3, 6), ints([1], [4], [0], [6])], dict(largest=largest), 11, 2
    yield "TopK", [[data(3, 6), data(5, 6)], ints([1], [4])], dict(axis=0), 11, 2
    yield "EyeLike", [[data(3, 4), data(5, 2)]], dict(k=1), 9
    yield "Trilu", [[data(3, 4), data(5, 2)], [np.array(1), np.array(-1)]], {}, 14
    yield "Hardmax", [[data(3, 4), data(3, 1)]], {}, 13


def images():
    for align in 0, 1:
        yield "AffineGrid", [data(1, 2, 3), ints([1, 3, 4, 5], [1, 1, 3, 2])], dict(align_corners=align), 20
        yield "AffineGrid", [data(2, 3, 4), ints([2, 1, 2, 3, 4], [2, 1, 4, 2, 3])], dict(align_corners=align), 20
        yield "AffineGrid", [data(1, 2, 3), open_ints([1, 3, 4, 5], [1, 1, 3, 2])], dict(align_corners=align), 20
    yield "Resize", [data(1, 2, 3, 4), None, None, open_ints([1, 2, 6, 8], [1, 2, 2, 9])], dict(mode="linear"), 19
    yield "Resize", [data(1, 2, 3, 4), None, Open([np.array(s, np.float32) for s in ([2, 3], [1, 0.5])])], dict(axes=[2, 3]), 19
    yield "Col2Im", [data(1, 12, 6), ints([3, 4], [4, 3]), open_ints([2, 2], [2, 2])], {}, 18
    yield "Col2Im", [data(1, 12, 6), open_ints([3, 4], [4, 3]), np.array([2, 2], np.int64)], {}, 18
    yield "Col2Im", [data(1, 12, 6), ints([3, 4], [4, 3]), ints([2, 2], [2, 2])], {}, 18
    yield "Col2Im", [data(2, 12, 6), ints([3, 4], [4, 3], [3, 3]), ints([2, 2], [3, 1], [2, 1])], {}, 18
    yield ("Col2Im", [[data(1, 8, 9), data(1, 8, 12)], ints([5, 5], [5, 5]), ints([1, 4], [4, 1])],
           dict(pads=[0, 1, 1, 0], strides=[2, 1]), 18)
    yield "Col2Im", [[data(1, 6, 12), data(1, 6, 8)], ints([5, 6], [6, 5]), ints([2, 3], [3, 2])], dict(dilations=[2, 1]), 18


def all_cases():
    for family in reductions, scans, views, parts, pads, counts, images:
        yield from family()


WRONG = [
    ("ReduceSum", [X, ints([3])], {}, 13, "layer 'node': expected an axis from -3 to 2, but got 3"),
    ("ReduceSum", [X, ints([1, -2])], {}, 13, "expected each axis at most once among the axes, but got 2"),
    ("ReduceSum", [X, ints([0, 0], [1])], {}, 13, "expected each axis at most once among the axes, but got 2"),
    ("CumSum", [X, ints([0, 1], [1])], {}, 14, "expected 1 axis, but got x1_0=2"),
    ("Tile", [X, ints([1, 1], [1, 1, 1])], {}, 13, "layer 'node': expected 3 repeats, but got x1_0=2"),
    ("Pad", [X, ints([1] * 5, [1] * 6)], {}, 21, "layer 'node': expected 6 pads, but got x1_0=5"),
    ("Pad", [X, ints([1], [1] * 4), None, ints([1], [1, 2])], {}, 21, "expected as many pads as its other lists say"),
    ("Slice", [X, ints([1, 1], [1]), ints([2], [1, 1])], {}, 21, "expected as many ends as its other lists say"),
    ("Slice", [X, ints([1] * 4, [1]), ints([2] * 4, [1])], {}, 21, "expected an axis from -3 to 2, but got 3"),
    ("Split", [data(6), ints([2, 3, 1], [3, 3])], {}, 21, "expected 2 parts, but got x1_0=3"),
    ("CumSum", [X, [np.array(-4)]], {}, 14, "expected an axis from -3 to 2, but got -4"),
    ("Squeeze", [X, ints([1])], {}, 21, "expected squeezed dims of 1, but got 4"),
    ("Unsqueeze", [X, ints([4])], {}, 21, "expected an axis from -4 to 3, but got 4"),
    ("Reshape", [X, ints([-1, -1])], {}, 21, "expected at most one dim of -1, but got 2"),
    ("Reshape", [X, ints([7, 8])], {}, 21, "expected as many elements in the result as in the operand"),
    ("Reshape", [X, ints([-2, -30])], {}, 21, "layer 'node': expected a size to be at least 0, but got -2"),
    ("Expand", [data(3, 1), ints([2, 2])], {}, 21, "expected a shape that the input broadcasts to, but got 2"),
    ("Tile", [X, ints([1, -1, 1])], {}, 21, "expected a size to be at least 0, but got -1"),
    ("ConstantOfShape", [ints([-1])], {}, 21, "expected a size to be at least 0, but got -1"),
    ("ConstantOfShape", [ints([1 << 50])], {}, 21, "out of memory: y0 needs"),
    ("Slice", [X, ints([0]), ints([2]), ints([0]), ints([0])], {}, 21, "expected steps other than 0, but got 0"),
    ("Split", [data(6), ints([2, 3])], {}, 21, "expected parts that make up dim 0"),
    ("Split", [[data(5), data(6)]], {}, 13, "expected parts that make up dim 0"),
    ("Pad", [X, ints([0, 0, 0, -9, 0, 0])], {}, 21, "expected a size to be at least 0, but got -6"),
    ("Pad", [data(0, 3), ints([1, 0, 0, 0])], dict(mode="edge"), 21, "expected no pads of a dim without elements"),
    ("Range", [[np.array(0)], [np.array(5)], [np.array(0)]], {}, 11, "expected a delta other than 0, but got 0"),
    ("TopK", [data(3, 4), ints([5])], {}, 11, "expected k of at most the size of dim 1"),
    ("Col2Im", [data(1, 12, 6), ints([3, 4]), ints([3, 2])], {}, 18, "expected a column for each place of the block"),
    ("Col2Im", [data(1, 12, 6), ints([3, 4]), ints([4, 1])], {}, 18, "expected room for the block in the image, but got -1"),
]


class Case:
    def __init__(self, op, operands, attributes=None, opset=21, outputs=1):
        self.opset, self.operands = opset, operands
        self.names = ["" if operand is None else f"x{i}" for i, operand in enumerate(operands)]
        self.runs = max(len(operand) for operand in operands if isinstance(operand, list))
        self.node = helper.make_node(op, self.names, [f"y{i}" for i in range(outputs)], name="node", **attributes or {})
        self.title = f"{op} {attributes or ''} opset {opset}"

    def arrays(self, number):
        return {name: operand[min(number, len(operand) - 1)] if isinstance(operand, list) else operand
                for name, operand in zip(self.names, self.operands) if name}

    def model(self):
        """Operands that are no lists, but for the first, are constants."""
        inputs, constants = [], []
        for index, (name, operand) in enumerate(zip(self.names, self.operands)):
            if isinstance(operand, list) or index == 0:
                shapes = np.array([array.shape for array in operand] if isinstance(operand, list) else [operand.shape])
                dims = [int(sizes[0]) if (sizes == sizes[0]).all() and not isinstance(operand, Open) else f"{name}_{dim}"
                        for dim, sizes in enumerate(shapes.T.reshape(-1, len(shapes)))]
                dtype = (operand[0] if isinstance(operand, list) else operand).dtype
                inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), dims))
            elif name:
                constants.append(onnx.numpy_helper.from_array(operand, name))
        outputs = [onnx.ValueInfoProto(name=name) for name in self.node.output]
        graph = helper.make_graph([self.node], "g", inputs, outputs, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)


def examine(case):
    try:
        model = compile_model(case.model(), strict=True)
    except Failed as failed:
        yield f"{case.title}: {failed}"
        return
    for number in range(case.runs):
        arrays = case.arrays(number)
        what = f"{case.title} at {[array.tolist() if array.size < 9 else array.shape for array in arrays.values()]}"
        try:
            found = model.run(arrays)
        except Failed as failed:
            yield f"{what}: {failed}"
            continue
        try:
            results = evaluate(case.node, arrays, case.opset)
        except NoReference as error:
            yield f"{what}: {error}"
            continue
        for name, wanted in zip(case.node.output, results):
            why = difference(wanted, found[name], 1e-3 if wanted.dtype == np.float16 else 1e-5, 1e-6)
            if why:
                yield f"{what}: {why}"
    model.close()


def examine_wrong(row, folder):
    *parts, message = row
    case = Case(*parts, outputs=2 if parts[0] == "Split" else 1)
    model, arrays = case.model(), case.arrays(0)
    onnx.save(model, folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    shutil.rmtree(folder / "in", ignore_errors=True)
    write_inputs(folder / "in", {value.name: arrays[value.name] for value in model.graph.input})
    said = complain("run", folder / "model.so", "--input-dir", folder / "in", "--output-dir", folder / "out")
    if message not in said:
        yield f"{case.title}: expected '{message}', but got: {said}"


def main():
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for row in all_cases():
            count += 1
            problems += examine(Case(*row))
        for row in WRONG:
            count += 1
            problems += examine_wrong(row, folder)
    print("\n".join(problems))
    print(f"{count} cases, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
