#!/usr/bin/env python3
"""Every op that the importer knows, with each of its sizes 0 in turn.

usage: zero_sizes.py

Each letter of the operands in op_cases.py becomes 0 in turn, and the results must be those of ONNX Runtime or of ONNX's
own reference. Where neither computes them (many refuse what is empty) they must have the shape that inference gives, or
be refused with a message. All of it three times: with one operand an input, with all of them inputs, and with all constant.
"""
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper

from command import Failed, call_main, file_name, lambent, run, write_inputs
from near import difference
from op_cases import F32, FAMILIES, SIZES, tensor
from reference import NoReference, evaluate, make_model


class Case:
    """One node with one size 0."""

    def __init__(self, index, op, operands, attributes=None, opset=21, outputs=1, zero=""):
        self.name, self.opset = f"{op}_{index}", opset
        sizes = {**SIZES, zero: 0}
        rng = np.random.default_rng(index)
        attributes = attributes(sizes) if callable(attributes) else attributes or {}
        names = [None if operand is None else f"{self.name}_x{i}" for i, operand in enumerate(operands)]
        self.arrays = {name: tensor(operand, sizes, rng) for name, operand in zip(names, operands) if name}
        self.tensors = [name for name, operand in zip(names, operands) if isinstance(operand, str)]
        self.node = helper.make_node(op, [name or "" for name in names], [f"{self.name}_y{i}" for i in range(outputs)],
                                     name=self.name, **attributes)
        self.title = f"{op} of {[list(array.shape) for array in self.arrays.values()]} {attributes or ''} opset {opset}"
        # ONNX Runtime refuses windows of padding only, and the maximum of none is no number of the reference.
        if op == "MaxPool" and 0 in next(iter(self.arrays.values())).shape[2:]:
            self.expected = None
            return
        try:
            self.expected = dict(zip(self.node.output, evaluate(self.node, self.arrays, opset)))
        except NoReference:
            self.expected = None

    def inferred_shapes(self):
        model = make_model([self.node], self.arrays, dict.fromkeys(self.node.output), opset=self.opset)
        try:
            graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
        except onnx.shape_inference.InferenceError:
            return {}
        return {value.name: [d.dim_value if d.HasField("dim_value") else -1 for d in value.type.tensor_type.shape.dim]
                for value in graph.output if value.type.tensor_type.HasField("shape")}


def all_cases():
    index = 0
    for family in FAMILIES:
        for row in family():
            letters = {c for operand in row[1] if isinstance(operand, str) for c in operand.partition("/")[0] if c in SIZES}
            for zero in sorted(letters or "im"):
                yield Case(index, *row, zero=zero)
                index += 1


def execute(cases, inputs_of, folder):
    """Runs one model of all cases; yields a line for each result that is wrong."""
    arrays = {name: array for case in cases for name, array in case.arrays.items()}
    inputs = {"unused": np.zeros(1, F32), **{name: arrays[name] for case in cases for name in inputs_of(case)}}
    constants = {name: array for name, array in arrays.items() if name not in inputs}
    outputs = {name: array for case in cases for name, array in case.expected.items()}
    model = make_model([case.node for case in cases], inputs, outputs, constants, cases[0].opset)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", inputs)
    for old in (folder / "out").glob("*"):
        old.unlink()
    found = run(folder / "model.onnx", folder / "in", folder / "out")
    for case in cases:
        for name, array in case.expected.items():
            why = difference(array, found[file_name(name)], 1e-4, 1e-5) if file_name(name) in found else "no such file"
            if why:
                yield f"{case.title}: {why}"


def examine(cases, inputs_of, folder):
    """The same; where the model fails, each case by itself."""
    try:
        return list(execute(cases, inputs_of, folder))
    except Failed as failed:
        if len(cases) == 1:
            return [f"{cases[0].title}: {failed}"]
    half = len(cases) // 2
    return examine(cases[:half], inputs_of, folder) + examine(cases[half:], inputs_of, folder)


def examine_undefined(case, folder):
    """A case that no reference computes: the inferred shape, or an error with a message."""
    shapes = case.inferred_shapes()
    model = make_model([case.node], case.arrays, dict.fromkeys(case.node.output), opset=case.opset)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", case.arrays)
    for refused in (0, 1, 3):
        try:
            found = run(folder / "model.onnx", folder / "in", folder / f"undefined-{case.name}", expect=refused)
        except Failed as failed:
            reason = str(failed)
            continue
        if refused:
            return []
        return [f"{case.title}: {list(found[file_name(name)].shape)}, expected {shape}" for name, shape in shapes.items()
                if -1 not in shape and list(found[file_name(name)].shape) != shape]
    return [f"{case.title}: {reason}"]


def compile_no_work(folder):
    """A model of one op on nothing has no kernels, no arena and no weights; it runs ahead of time all the same."""
    case = Case(0, "Relu", ["id"], zero="i")
    onnx.save(make_model([case.node], case.arrays, case.expected), folder / "model.onnx")
    write_inputs(folder / "in", case.arrays)
    for form, file in (("library", "model.so"), ("bundle", "bundle.o")):
        lambent("compile", folder / "model.onnx", "-o", folder / file, f"--emit={form}")
        found = run(folder / file, folder / "in", folder / form)
        if [value.shape for value in found.values()] != [(0, SIZES["d"])]:
            return [f"a model of no work as a {form}: {found}"]
    return []


# Ops on bodies, lists, random numbers and regions of images have tests of their own: control_flow.py, sequences.py,
# drawn.py and regions.py; n-grams have ngrams.py.
ELSEWHERE = set("""Loop Scan SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap
    ConcatFromSequence SplitToSequence Optional OptionalHasElement OptionalGetElement Bernoulli Multinomial RandomNormal
    RandomNormalLike RandomUniform RandomUniformLike DeformConv MaxRoiPool MaxUnpool RoiAlign
    TfIdfVectorizer""".split())


def unknown_to_table(folder):
    """Ops that the importer takes but the table lacks."""
    table = {row[0] for family in FAMILIES for row in family()} | ELSEWHERE
    others = sorted({schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""} - table)
    nodes = [helper.make_node(op, ["x"], [f"y{i}"], name=op) for i, op in enumerate(others)]
    onnx.save(make_model(nodes, {"x": np.zeros(1, F32)}, {f"y{i}": None for i in range(len(others))}, opset=23),
              folder / "model.onnx")
    told = lambent("check", folder / "model.onnx", expect=3)
    return [f"{op} is imported, but not in the table" for op in others if f"{op} (opset" not in told]


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder, cases = pathlib.Path(scratch), list(all_cases())
        problems = unknown_to_table(folder) + compile_no_work(folder)
        defined = [case for case in cases if case.expected is not None]
        for inputs_of in (lambda case: case.tensors[:1], lambda case: case.tensors, lambda case: []):
            for opset in sorted({case.opset for case in defined}):
                same = [case for case in defined if case.opset == opset]
                for first in range(0, len(same), 64):
                    problems += examine(same[first:first + 64], inputs_of, folder)
        for case in cases:
            if case.expected is None:
                problems += examine_undefined(case, folder)
    print("\n".join(problems))
    print(f"{len(cases)} cases, {len(cases) - len(defined)} without a reference, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
