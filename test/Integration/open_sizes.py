#!/usr/bin/env python3
"""Every op that the importer knows, compiled once with its sizes open and run at several of them.

usage: open_sizes.py

The cases are those of op_cases.py. Each letter of an operand is a dim that stays open, but for channels, which
filters and scales are made for. An op whose open dims the compiler refuses has to say so (exit status 1 or 3); what it
compiles has to give the results of ONNX Runtime or of ONNX's own reference at every size. The last line counts the
refused: it may only shrink.
"""
import sys

import numpy as np
import onnx
from onnx import helper

from command import Failed, call_main
from in_process import compile_model
from near import difference
from op_cases import FAMILIES, SIZES, tensor
from reference import NoReference, evaluate

OPEN = set("bdhijkmnstw")
# The sizes as they are, small odd ones, ones that fill vectors and tiles, and larger odd ones.
RUNS = [SIZES, {**SIZES, **dict(b=1, d=7, h=5, i=1, j=3, k=5, m=1, n=1, s=5, t=1, w=9)},
        {**SIZES, **dict(b=2, d=16, h=16, i=8, j=8, k=32, m=28, n=2, s=16, t=8, w=32)},
        {**SIZES, **dict(b=3, d=67, h=19, i=13, j=9, k=41, m=33, n=3, s=23, t=11, w=37)}]
MOST_REFUSED = 2


class Case:
    """A node whose first operand, and every other one with open dims, is an input."""

    def __init__(self, index, op, operands, attributes=None, opset=21, outputs=1):
        self.name, self.opset, self.operands = f"{op}_{index}", opset, operands
        self.names = [None if operand is None else f"x{i}" for i, operand in enumerate(operands)]
        self.inputs = {name: operand for i, (name, operand) in enumerate(zip(self.names, operands))
                       if isinstance(operand, str) and (i == 0 or self.open_letters(operand))}
        self.node = helper.make_node(op, [name or "" for name in self.names], [f"y{i}" for i in range(outputs)],
                                     name=self.name, **attributes or {})
        self.title = f"{op} of {operands} {attributes or ''} opset {opset}"

    @staticmethod
    def open_letters(operand):
        return OPEN & set(operand.partition("/")[0])

    def arrays(self, sizes):
        # Each by itself: constants are the same at every size.
        return {name: tensor(operand, sizes if name in self.inputs else SIZES, np.random.default_rng(i))
                for i, (name, operand) in enumerate(zip(self.names, self.operands)) if name}

    def model(self):
        arrays = self.arrays(SIZES)
        dims = {name: [letter if letter in OPEN else int(size) for letter, size in
                       zip(operand.rstrip("?+").partition("/")[0], arrays[name].shape)]
                for name, operand in self.inputs.items()}
        inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(arrays[name].dtype), dims[name])
                  for name in self.inputs]
        constants = [onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
                     for name, array in arrays.items() if name not in self.inputs]
        outputs = [onnx.ValueInfoProto(name=name) for name in self.node.output]
        graph = helper.make_graph([self.node], "g", inputs, outputs, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10)


def all_cases():
    for family in FAMILIES:
        for index, row in enumerate(family()):
            isKnown = not any(callable(part) for part in (*row[1], *row[2:3]))
            if row[0].startswith("ReduceLogSum") and "/i4" in row[1][0]:
                continue  # ONNX Runtime rounds between the steps
            if isKnown and any(isinstance(operand, str) and Case.open_letters(operand) for operand in row[1]):
                yield Case(index, *row)


def expected_results(case):
    for sizes in RUNS:
        arrays = case.arrays(sizes)
        try:
            yield arrays, dict(zip(case.node.output, evaluate(case.node, arrays, case.opset)))
        except NoReference:
            continue


def compile_open(case):
    """The model, where the compiler takes the case's open dims."""
    try:
        return compile_model(case.model())
    except Failed as failed:
        if not any(f"exit status {status}" in str(failed) for status in (1, 3)):
            raise
        return None


def examine(case, model):
    for arrays, expected in expected_results(case):
        shapes = [list(arrays[name].shape) for name in case.inputs]
        try:
            found = model.run({name: arrays[name] for name in case.inputs})
        except Failed as failed:
            # Constant bounds of a slice, and pads, are taken to lie in the dim, and before opset 18 the parts of a split
            # are equal; a run of other sizes says so.
            if not any(text in str(failed) for text in ("expected a slice within dim", "than what is repeated of it",
                                                        "expected parts that make up dim")):
                yield f"{case.title} at {shapes}: {failed}"
            continue
        for name, array in expected.items():
            why = difference(array, found[name], 1e-4, 1e-5)
            if why:
                yield f"{case.title} at {shapes}: {why}"


def main():
    problems, refused, taken = [], [], 0
    for case in all_cases():
        if model := compile_open(case):
            taken += 1
            problems += examine(case, model)
            model.close()
        else:
            refused.append(case.title)
    print("\n".join(problems))
    print("\n".join("refused: " + title for title in refused))
    print(f"{taken} cases, {len(problems)} problems, {len(refused)} refused")
    return 1 if problems or len(refused) > MOST_REFUSED else 0


if __name__ == "__main__":
    call_main(main, __doc__)
