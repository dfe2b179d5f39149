#!/usr/bin/env python3
"""Compiles and runs random graphs (random_graph.py), which must say what ONNX Runtime says of each of their nodes.

usage: random_graphs.py --first N --count N [--open] [--jobs N] [--keep DIR]

Graph N is the same on every machine, and of all ops from 10000 on. Even ones run at default accuracy, odd ones at strict; every eighth one is compiled
ahead of time. What a graph may be off by is known for each value; integers, and floats that no op has rounded, must come
out bit for bit. With --open each is compiled ahead of time with
those dims open that it can do without knowing, and run at three sizes.
"""
import argparse
import collections
import concurrent.futures
import pathlib
import sys
import tempfile

import numpy as np
import onnx

from command import Failed, file_name, lambent, run, write_inputs
from random_graph import FIRST_OF_ALL, OPSET, build
from random_sizes import OpenGraph
from reference import make_model


def difference(value, found):
    """None, or why `found` is not `value`."""
    if found is None:
        return "no such file"
    if (found.dtype, found.shape) != (value.dtype, value.shape):
        return f"{found.dtype}{list(found.shape)}, expected {value.dtype}{list(value.shape)}"
    with np.errstate(invalid="ignore"):
        off = np.abs(found.astype(np.float64) - value.array.astype(np.float64))
    wrong = ~(off <= value.error)
    if not wrong.any():
        return None
    worst = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
    return (f"{int(wrong.sum())} of {value.array.size} differ, {found[worst]!r} for {value.array[worst]!r}, "
            f"allowed {value.error:.3g}, largest {value.largest:.3g}")


def examine(seed, folder):
    """Problems of one graph, and its ops."""
    graph, outputs = build(seed)
    if not outputs:
        return [], graph.op_types()
    folder = folder / str(seed)
    folder.mkdir(parents=True, exist_ok=True)
    declared = {v.name: v.array if graph.opset == OPSET else None for v in outputs}
    model = make_model(graph.nodes, graph.inputs, declared, graph.constants, graph.opset)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", graph.inputs)
    write_inputs(folder / "expected", {v.name: v.array for v in outputs})
    accuracy, file = f"--accuracy={'strict' if seed % 2 else 'default'}", folder / "model.onnx"
    try:
        if seed % 8 in (2, 5):
            lambent("compile", file, "-o", folder / "model.so", accuracy)
            found = run(folder / "model.so", folder / "in", folder / "out")
        else:
            found = run(file, folder / "in", folder / "out", accuracy)
        problems = [f"{v.name}: {why}" for v in outputs if (why := difference(v, found.get(file_name(v.name))))]
    except Failed as failed:
        if seed >= FIRST_OF_ALL and is_refused(failed):
            return [f"refused: graph {seed}, {accuracy}: {failed}"], graph.op_types()
        problems = [str(failed)]
    return [f"graph {seed}, {accuracy}: {problem}" for problem in problems], graph.op_types()


# What open dims are taken to be, which a run checks; and what must be known of them.
DEMANDS = ("expected a slice within dim", "expected operands whose sizes agree", "expected as many updates as indices",
           "expected an update for each tuple", "expected a size to expand to that is the operand's",
           "as it is squeezed without axes", "of the result that is at least 0", "must be known at compile time")


def is_refused(failed):
    return "exit status 3" in str(failed) or any(demand in str(failed) for demand in DEMANDS)


def examine_open(seed, folder):
    """The same with open dims; a graph that the compiler refuses has no problems, and a reason."""
    opened = OpenGraph(*build(seed))
    graph, folder = opened.graph, folder / f"open-{seed}"
    ops = graph.op_types()
    if not opened.sizes:
        return [], ops
    folder.mkdir(parents=True, exist_ok=True)
    model = make_model(graph.nodes, graph.inputs, dict.fromkeys(opened.outputs), graph.constants, graph.opset)
    for value, dims in zip(model.graph.input, opened.dims().values()):
        for dim, size in zip(value.type.tensor_type.shape.dim, dims):
            if isinstance(size, str):
                dim.dim_param = size
    onnx.save(model, folder / "model.onnx")
    title, problems = f"open graph {seed}", []
    try:
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so",
                f"--accuracy={'strict' if seed % 2 else 'default'}")
    except Failed as failed:
        return [f"{'refused: ' if is_refused(failed) else ''}{title}: {failed}"], ops
    for run_index, values in enumerate(opened.runs(3)):
        inputs = {name: values[name].array for name in graph.inputs}
        shapes = ", ".join(f"{name}{list(array.shape)}" for name, array in inputs.items())
        write_inputs(folder / f"in{run_index}", inputs)
        try:
            found = run(folder / "model.so", folder / f"in{run_index}", folder / f"out{run_index}")
            problems += [f"{title} at {shapes}: {name}: {why}" for name in opened.outputs
                         if (why := difference(values[name], found.get(file_name(name))))]
        except Failed as failed:
            problems.append(f"{'refused: ' if is_refused(failed) else ''}{title} at {shapes}: {failed}")
    return problems, ops


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--open", action="store_true", help="with open dims")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where models, inputs and results stay")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        seeds = range(options.first, options.first + options.count)
        results = list(pool.map(examine_open if options.open else examine, seeds, [options.keep or pathlib.Path(scratch)] * len(seeds), chunksize=4))
    problems = [problem for found, _ in results for problem in found]
    ops = collections.Counter(op for _, used in results for op in used)
    refused = [problem for problem in problems if problem.startswith("refused: ")]
    problems = [problem for problem in problems if problem not in refused]
    print("\n".join(refused + problems))
    print(f"{options.count} graphs of {ops.total()} nodes and {len(ops)} ops, {len(refused)} refused, "
          f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
