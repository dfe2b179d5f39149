"""Models and artefacts that take turns: what benchmarks of number formats share."""
import argparse
import json
import os
import statistics
import subprocess

import onnx
from onnx import TensorProto, helper, numpy_helper


def make_parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--lambent", default=os.environ.get("LAMBENT", "lambent"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    return parser


def add_chain_options(parser):
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1)


def make_chain(path, matrices, rows):
    """Writes products with square `matrices` of f32, one behind the other, with nothing between them but Relu."""
    nodes, weights, value = [], [], "x"
    for layer, matrix in enumerate(matrices):
        weights.append(numpy_helper.from_array(matrix, f"w{layer}"))
        nodes += [helper.make_node("MatMul", [value, f"w{layer}"], [f"p{layer}"]),
                  helper.make_node("Relu", [f"p{layer}"], [f"y{layer}"])]
        value = f"y{layer}"
    info = helper.make_tensor_value_info
    shape = [rows, len(matrices[0])]
    graph = helper.make_graph(nodes, "chain", [info("x", TensorProto.FLOAT, shape)],
                              [info(value, TensorProto.FLOAT, shape)], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def compile_model(model, end, options, *flags):
    """Compiles `model` beside it, to a file of its name with `end`."""
    artefact = model[:-len(".onnx")] + end
    subprocess.run([options.lambent, "compile", model, "-o", artefact, *flags], check=True)
    return artefact


def bench(artefact, options):
    """What `lambent bench --json` says of half a second."""
    command = [options.lambent, "bench", artefact, f"--threads={options.threads}", "--seconds=0.5", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def take_turns(artefacts, options):
    """The median times in ms of each artefact, and the rounds that they are of, each a list."""
    rounds = [[bench(artefact, options)["median_ms"] for artefact in artefacts] for _ in range(options.rounds)]
    return [statistics.median(times) for times in zip(*rounds)], rounds
