#!/usr/bin/env python3
"""Every op that the importer knows, with each of its sizes 0 in turn while its other sizes are open.

usage: open_zero_sizes.py

The cases are those of open_sizes.py. A size that is known to be 0 leaves nothing to compute, or sums and maxima of
nothing, of as many as a run says. What is compiled has to give the results of ONNX Runtime or of ONNX's own reference;
what these compute may only be refused for open dims (exit status 3).
"""

import numpy as np

import open_sizes
from command import Failed, call_main
from in_process import compile_model
from near import difference
from open_sizes import OPEN, RUNS, all_cases, expected_results

MOST_REFUSED = 12


def cases_of_nothing():
    """Each case with the letter that is 0."""
    for case in all_cases():
        letters = {c for operand in case.operands if isinstance(operand, str) for c in operand.partition("/")[0]}
        for letter in sorted(letters & OPEN):
            yield case, letter


def examine(case, letter):
    """Problems of one case, and whether it was refused."""
    open_sizes.RUNS = [{**sizes, letter: 0} for sizes in RUNS[:2]]
    runs = list(expected_results(case))
    title = f"{case.title} without {letter}"
    # As in zero_sizes.py, the maximum of padding is no number of the reference.
    if not runs or case.title.startswith("MaxPool") and letter in "hw":
        return [], False
    proto = case.model()
    for value in proto.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param == letter:
                dim.dim_value = 0
    try:
        model = compile_model(proto)
    except Failed as failed:
        isRefused = any(text in str(failed) for text in ("exit status 3", "must be known at compile time"))
        return ([], True) if isRefused else ([f"{title}: {failed}"], False)
    problems = []
    for arrays, expected in runs:
        shapes = [list(arrays[name].shape) for name in case.inputs]
        try:
            found = model.run(arrays)
        except Failed as failed:
            if not any(text in str(failed) for text in ("expected a slice within dim", "than what is repeated of it",
                                                        "expected parts that make up dim")):
                problems.append(f"{title} at {shapes}: {failed}")
            continue
        problems += [f"{title} at {shapes}: {why}" for name, array in expected.items()
                     if (why := difference(np.asarray(array), found[name], 1e-4, 1e-5))]
    model.close()
    return problems, False


def main():
    problems, refused, taken = [], [], 0
    for case, letter in cases_of_nothing():
        found, isRefused = examine(case, letter)
        problems += found
        refused += [f"refused: {case.title} without {letter}"] * isRefused
        taken += not isRefused
    print("\n".join(problems + refused))
    print(f"{taken} cases, {len(problems)} problems, {len(refused)} refused")
    return 1 if problems or len(refused) > MOST_REFUSED else 0


if __name__ == "__main__":
    call_main(main, __doc__)
