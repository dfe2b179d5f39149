#!/usr/bin/env python3
"""Compiles and runs random graphs (random_graph.py), which must say what ONNX Runtime says of each of their nodes.

usage: random_graphs.py --first N --count N [--open] [--jobs N] [--keep DIR] [--ops]

Graph N is the same on every machine, and of all ops from 10000 on. Even ones run at default accuracy, odd ones at
strict; every eighth one is compiled ahead of time by the command line, the others through the C API. What a graph may be
off by is known for each value; integers, and floats that no op has rounded, must come out bit for bit. With --open each
is compiled once with those dims open that it can do without knowing, and run at three sizes. With --ops the ops that no
graph has had are named.
"""
import argparse
import collections
import concurrent.futures
import multiprocessing
import pathlib
import sys
import tempfile

import numpy as np
import onnx

from command import TIME_LIMIT, Failed, file_name, lambent, run, write_inputs
from in_process import compile_model
from random_graph import FIRST_OF_ALL, OPSET, build
from random_sizes import OpenGraph
from reference import make_model

# A process is as large as the models that it has had.
SEEDS_OF_A_PROCESS = 100


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


class Compiled:
    """A model as the compiler makes it, through the C API or ahead of time by the command line."""

    def __init__(self, model, seed, folder, offered=None):
        self.folder, self.count, self.outputs = folder, 0, [v.name for v in model.graph.output]
        self.in_process = seed % 16 not in (2, 13)
        strict = seed % 2 == 1
        if self.in_process:
            self.model = compile_model(model, strict, offered)
        else:
            lambent("compile", folder / "model.onnx", "-o", folder / "model.so",
                    f"--accuracy={'strict' if strict else 'default'}")

    def run(self, inputs):
        self.count += 1
        write_inputs(self.folder / f"in{self.count}", inputs)
        if self.in_process:
            return self.model.run(inputs)
        found = run(self.folder / "model.so", self.folder / f"in{self.count}", self.folder / f"out{self.count}")
        return {name: found.get(file_name(name)) for name in self.outputs}

    def close(self):
        if self.in_process:
            self.model.close()


# What open dims are taken to be, which a run checks; and what must be known of them.
DEMANDS = ("expected a slice within dim", "expected operands whose sizes agree", "expected as many updates as indices",
           "expected an update for each tuple", "expected a size to expand to that is the operand's",
           "of the result that is at least 0", "must be known at compile time",
           "expected a dim that is not smaller than what is repeated of it")


def describe(title, failed):
    """A line on a model that failed; one that is refused for what it needs or demands begins with that word."""
    refused = "exit status 3" in str(failed) or any(demand in str(failed) for demand in DEMANDS)
    return f"{'refused: ' if refused else ''}{title}: {failed}"


def compare(title, model, seed, folder, runs, offered=None):
    """Problems of a model on runs, each the values that there are by name."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    try:
        compiled = Compiled(model, seed, folder, offered)
    except Failed as failed:
        return [describe(title, failed)]
    problems = []
    for values in runs:
        inputs = {v.name: values[v.name].array for v in model.graph.input}
        shapes = ", ".join(f"{name}{list(array.shape)}" for name, array in inputs.items())
        try:
            found = compiled.run(inputs)
            problems += [f"{title} at {shapes}: {v.name}: {why}" for v in model.graph.output
                         if (why := difference(values[v.name], found[v.name]))]
        except Failed as failed:
            problems.append(describe(f"{title} at {shapes}", failed))
    compiled.close()
    return problems


def examine(seed, folder):
    """Problems of one graph, and its ops."""
    graph, outputs = build(seed)
    if not outputs:
        return [], graph.op_types()
    declared = {v.name: v.array if graph.opset == OPSET else None for v in outputs}
    model = make_model(graph.nodes, graph.inputs, declared, graph.constants, graph.opset)
    return compare(f"graph {seed}", model, seed, folder / str(seed), [graph.known], graph.inputs), graph.op_types()


def examine_open(seed, folder):
    """The same with open dims."""
    opened = OpenGraph(*build(seed))
    graph = opened.graph
    if not opened.sizes:
        return [], graph.op_types()
    model = make_model(graph.nodes, graph.inputs, dict.fromkeys(opened.outputs), graph.constants, graph.opset)
    for value, dims in zip(model.graph.input, opened.dims().values()):
        for dim, size in zip(value.type.tensor_type.shape.dim, dims):
            if isinstance(size, str):
                dim.dim_param = size
    return compare(f"open graph {seed}", model, seed, folder / f"open-{seed}", opened.runs(3)), graph.op_types()


def serve(examine_one, seeds, folder, results):
    for seed in seeds:
        results.send(examine_one(seed, folder))


def examine_all(examine_one, seeds, folder):
    """What `examine_one` says of each seed, in processes that may crash or hang."""
    found, seeds = [], list(seeds)
    while seeds:
        results, sender = multiprocessing.Pipe(duplex=False)
        batch = seeds[:SEEDS_OF_A_PROCESS]
        process = multiprocessing.get_context("fork").Process(target=serve, args=(examine_one, batch, folder, sender))
        process.start()
        sender.close()
        for seed in batch:
            seeds.pop(0)
            try:
                found.append(results.recv() if results.poll(TIME_LIMIT) else ([f"graph {seed}: took too long"], []))
            except EOFError:
                process.join()
                found.append(([f"graph {seed}: the process ended with status {process.exitcode}"], []))
                break
            if found[-1][0] == [f"graph {seed}: took too long"]:
                process.kill()
                break
        process.join()
    return found


def ops_never_had(had):
    """The ops of ONNX's default domain, but those on strings or images in files and those that draw random numbers."""
    outside = {"ImageDecoder", "StringConcat", "StringNormalizer", "StringSplit", "RegexFullMatch", "TfIdfVectorizer",
               "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
    names = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == "" and not schema.deprecated}
    return sorted(names - outside - set(had))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--open", action="store_true", help="with open dims")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where models, inputs and results stay")
    parser.add_argument("--ops", action="store_true", help="name the ops that no graph has")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        seeds = range(options.first, options.first + options.count)
        parts = pool.map(lambda part: examine_all(examine_open if options.open else examine, seeds[part::options.jobs],
                                                  options.keep or pathlib.Path(scratch)), range(options.jobs))
        results = [result for part in parts for result in part]
    problems = [problem for found, _ in results for problem in found]
    ops = collections.Counter(op for _, used in results for op in used)
    refused = [problem for problem in problems if problem.startswith("refused: ")]
    problems = [problem for problem in problems if problem not in refused]
    print("\n".join(refused + problems))
    if options.ops:
        print("never had:", " ".join(ops_never_had(ops)) or "none")
    print(f"{options.count} graphs of {ops.total()} nodes and {len(ops)} ops, {len(refused)} refused, "
          f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
