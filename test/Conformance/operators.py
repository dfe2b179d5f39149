#!/usr/bin/env python3
"""Writes docs/operators.md: the ops that models may use, and what of them the ONNX suite has shown to work.

usage: operators.py SUITE LAMBENT [--check FILE]

The ops and the opsets that changed them are the importer's own (`lambent --operators`). Cases and element types are
those of passing-run.txt and passing-ahead.txt, which name the cases that must pass. SUITE is made where it is missing.
Without --check the page goes to standard output; with it, nothing is written, and the exit status says whether FILE is
the page.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

import onnx
import onnx.shape_inference
from onnx import TensorProto

import make_suite

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parent.parent
HEAD = """# Operators

The ops that Lambent imports. *since* lists the opsets that changed an op and that the importer has a row for; a model's
own opset picks the newest that is not above it. *run* and *ahead* count the cases of the ONNX suite with a node of the op
that pass (see [README.md](../README.md#results)) and *types* the element types that these cases have where the op leaves a
choice. Ops of other domains, which the suite does not have, are compared with ONNX Runtime in `test/Integration`.

`lambent --operators` prints the first two columns, `lambent check MODEL` what a model needs and cannot have. This page is
written by `test/Conformance/operators.py`; a test fails when it is out of date.

| op | since | run | ahead | types |
| --- | --- | --- | --- | --- |
"""


def read_type_names():
    """ONNX's numbers of element types, and what Lambent calls them: the rows of element_types.h."""
    table = (REPOSITORY / "include" / "lambent-c" / "element_types.h").read_text()
    return {int(number): name for number, name in re.findall(r'ROW\(\w+, (\d+), \w+, \d+, "(\w+)"', table)}


def is_open(schema, formals, index):
    """Whether the op leaves a choice of an operand's type."""
    if not formals:
        return False
    formal = formals[min(index, len(formals) - 1)]
    return len(formal.types) > 1 or all(len(other.types) == 1 for other in (*schema.inputs, *schema.outputs))


def walk(graph, outer):
    """The nodes of a graph and of those in it, each with the element types by name."""
    types = dict(outer)
    for value in (*graph.input, *graph.output, *graph.value_info):
        types[value.name] = value.type.tensor_type.elem_type
    for tensor in graph.initializer:
        types[tensor.name] = tensor.data_type
    for node in graph.node:
        yield node, types
        for attribute in node.attribute:
            for inner in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
                yield from walk(inner, types)


def read_case(path):
    """The ops of a case, each with the numbers of its element types."""
    model = onnx.load(path)
    try:
        model = onnx.shape_inference.infer_shapes(model)
    except Exception:  # types of inner values stay unknown then
        pass
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    found = collections.defaultdict(set)
    for node, types in walk(model.graph, {}):
        domain = "" if node.domain == "ai.onnx" else node.domain
        op = f"{domain}.{node.op_type}" if domain else node.op_type
        found[op]  # counts even where nothing is known of its types
        if not onnx.defs.has(node.op_type, opsets.get(domain, 0), domain):
            continue
        schema = onnx.defs.get_schema(node.op_type, opsets[domain], domain)
        for names, formals in ((node.input, schema.inputs), (node.output, schema.outputs)):
            for index, name in enumerate(names):
                if name and types.get(name, TensorProto.UNDEFINED) and is_open(schema, formals, index):
                    found[op].add(types[name])
    return found


def count_cases(suite):
    """For each way the number of passing cases by op, and the element types in any of them by op."""
    cases, types, known = {}, collections.defaultdict(set), {}
    for way in ("run", "ahead"):
        cases[way] = collections.Counter()
        for case in (HERE / f"passing-{way}.txt").read_text().split():
            if case not in known:
                known[case] = read_case(suite / case / "model.onnx")
            for op, numbers in known[case].items():
                cases[way][op] += 1
                types[op] |= numbers
    return cases, types


def write_page(suite, lambent):
    rows = collections.defaultdict(list)
    for line in subprocess.run([lambent, "--operators"], check=True, capture_output=True, text=True).stdout.splitlines():
        op, since = line.split()
        rows[op].append(since)
    names = read_type_names()
    cases, types = count_cases(suite)
    page = HEAD
    for op in sorted(rows, key=lambda op: ("." in op, op)):
        kinds = " ".join(name for number, name in names.items() if number in types[op])
        page += f"| {op} | {', '.join(rows[op])} | {cases['run'][op] or ''} | {cases['ahead'][op] or ''} | {kinds} |\n"
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("lambent")
    parser.add_argument("--check", type=pathlib.Path)
    arguments = parser.parse_args()
    make_suite.ensure(arguments.suite)
    page = write_page(arguments.suite, arguments.lambent)
    if not arguments.check:
        print(page, end="")
    elif not arguments.check.exists() or arguments.check.read_text() != page:
        sys.exit(f"{arguments.check} is out of date: test/Conformance/operators.py build/suite build/bin/lambent writes it")


if __name__ == "__main__":
    main()
