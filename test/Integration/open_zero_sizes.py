#!/usr/bin/env python3
"""Every op that the importer knows, with one or two of its sizes 0: known to be while the others are open, or in a run.

usage: open_zero_sizes.py

The cases are those of open_sizes.py. A size that is known to be 0 leaves nothing to compute, or sums and maxima of
nothing, of as many as a run says; one that is open may be 0 in a run. What is compiled has to give the results of ONNX
Runtime or of ONNX's own reference; what these compute may only be refused for open dims (exit status 3), and by a run
for what open dims are taken to be.
"""
import itertools

import numpy as np

import open_sizes
from command import Failed, call_main
from in_process import compile_model
from near import difference
from open_sizes import OPEN, RUNS, all_cases, expected_results

MOST_REFUSED = 12


# What open dims are taken to be: constant bounds of a slice lie in the dim, pads repeat it at most once, and before
# opset 18 the parts of a split are equal.
DEMANDS = ("expected a slice within dim", "than what is repeated of it", "expected parts that make up dim")
# Of a run without elements the references say something although an index is out of range, a transform has no samples, or
# a sampled image no pixels.
DEMANDS_OF_ELEMENTS = ("expected data that holds elements", "expected an index within dim", "of at least 1 sample")


def letters_of(case):
    letters = {c for operand in case.operands if isinstance(operand, str) for c in operand.partition("/")[0]}
    return sorted(letters & OPEN)


def compile_case(case, problems, known=""):
    """The case's model, or None where it is refused. Dims that are named are 0."""
    proto = case.model()
    for dim in (dim for value in proto.graph.input for dim in value.type.tensor_type.shape.dim):
        if dim.dim_param and dim.dim_param in known:
            dim.dim_value = 0
    try:
        return compile_model(proto)
    except Failed as failed:
        if not any(text in str(failed) for text in ("exit status 3", "must be known at compile time")):
            problems.append(f"{case.title} without {known or 'nothing'}: {failed}")
        return None


def expected_without(case, letters, sizes):
    """Results at these sizes, but 0 of the letters; none where they are no numbers, as of zero_sizes.py's MaxPool."""
    open_sizes.RUNS = [{**size, **dict.fromkeys(letters, 0)} for size in sizes]
    isNoNumber = case.title.startswith("MaxPool") and set("hw") & set(letters)
    return [] if isNoNumber else list(expected_results(case))


def compare(title, case, model, runs, demands):
    for arrays, expected in runs:
        shapes = [list(arrays[name].shape) for name in case.inputs]
        try:
            found = model.run({name: arrays[name] for name in case.inputs})
        except Failed as failed:
            if not any(text in str(failed) for text in demands):
                yield f"{title} at {shapes}: {failed}"
            continue
        for name, array in expected.items():
            if why := difference(np.asarray(array), found[name], 1e-4, 1e-5):
                yield f"{title} at {shapes}: {why}"


def examine_known(case, letter):
    """Problems of one case compiled for no `letter`, and whether it was refused for open dims."""
    runs, problems = expected_without(case, letter, RUNS[:2]), []
    if not runs:
        return [], False
    model = compile_case(case, problems, letter)
    if model:
        problems += compare(f"{case.title} without {letter}", case, model, runs, DEMANDS)
        model.close()
    return problems, not model and not problems


def examine_runs(case):
    """Problems of one case compiled with all dims open."""
    problems = []
    model = compile_case(case, problems)
    if not model:
        return problems
    for letters in (some for count in (1, 2) for some in itertools.combinations(letters_of(case), count)):
        runs = expected_without(case, letters, RUNS[:1])
        if case.node.op_type == "ReduceMean":  # of nothing it is undefined
            runs = [run for run in runs if run[0]["x0"].size or not run[1]["y0"].size]
        problems += compare(case.title, case, model, runs, DEMANDS + DEMANDS_OF_ELEMENTS)
    model.close()
    return problems


def main():
    problems, refused, taken = [], [], 0
    for case in all_cases():
        problems += examine_runs(case)
        for letter in letters_of(case):
            found, isRefused = examine_known(case, letter)
            problems += found
            refused += [f"refused: {case.title} without {letter}"] * isRefused
            taken += not isRefused
    print("\n".join(problems + refused))
    print(f"{taken} cases, {len(problems)} problems, {len(refused)} refused")
    return 1 if problems or len(refused) > MOST_REFUSED else 0


if __name__ == "__main__":
    call_main(main, __doc__)
