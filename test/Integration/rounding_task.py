#!/usr/bin/env python3
"""Scores a labelled task with a model that Lambent quantized, its weights rounded in each way, beside the model as it is.

usage: rounding_task.py TASK MODELS SCRATCH OPTIONS

TASK as in scripts/models/tasks.py, MODELS the folder of fetched models; OPTIONS are those of `lambent quantize`, as
--quantize=int4-weights. Samples are calibration inputs, which are apart from those of the task; of them the profile is made,
too. ONNX Runtime runs the models. For each rounding the table has the score, the signal to noise ratio of the outputs in dB,
how much of a core's time `lambent quantize` takes and what the layers' errors are on the samples, beside the nearest: the geometric mean of
the ratios of squared errors over all products by constants, each with the inputs that it has in the float model.
"""
import pathlib
import resource
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from command import call_main, lambent
from task import PreparedTask, batch_inputs, decibels

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
import tasks  # noqa: E402

ROUNDINGS = ("nearest", "gptq", "adaround")


def read_floats(model):
    """The constants of a quantized model, those behind a DequantizeLinear as what comes out of it."""
    floats = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer if tensor.data_type == TensorProto.FLOAT}
    constants = {tensor.name for tensor in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type == "DequantizeLinear" and constants.issuperset(node.input)]
    outputs = [helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None) for node in nodes]
    read = {name for node in nodes for name in node.input}
    graph = helper.make_graph(nodes, "g", [], outputs, [tensor for tensor in model.graph.initializer if tensor.name in read])
    part = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    session = onnxruntime.InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])
    return floats | dict(zip([output.name for output in outputs], session.run(None, {})))


def with_twins(model, quantized, path):
    """Writes the float model with a second one of each product, by the quantized model's weight; returns both outputs."""
    model, other = onnx.load(model), onnx.load(quantized)
    same = {node.name: node for node in model.graph.node if node.name}
    made = {name for node in model.graph.node for name in node.output}
    constants, pairs, used = read_floats(other), [], set()
    same_weights = {tensor.name for tensor in other.graph.initializer}
    for node in other.graph.node:
        if (node.op_type not in ("Conv", "Gemm", "MatMul") or node.name not in same or node.output[0] not in made
                or node.input[1] in same_weights or not constants.keys() >= set(node.input[1:])):
            continue
        twin = onnx.NodeProto()
        twin.CopyFrom(node)
        twin.name, twin.output[0] = f"twin_{node.name}", f"twin_{node.output[0]}"
        twin.input[:] = [same[node.name].input[0], *(f"twin_{name}" for name in node.input[1:])]
        model.graph.initializer.extend(numpy_helper.from_array(constants[name], f"twin_{name}") for name in set(node.input[1:]) - used)
        used |= set(node.input[1:])
        model.graph.node.append(twin)
        pairs.append((node.output[0], twin.output[0]))
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for pair in pairs for name in pair)
    onnx.save(model, path)
    return pairs


def count_seconds():
    """Of cores that commands have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_layers(model, quantized, samples, scratch):
    """The squared error of each product, by its output."""
    pairs = with_twins(model, quantized, scratch / "twins.onnx")
    reference, errors = tasks.Reference(scratch / "twins.onnx"), {}
    for sample in samples:
        found = reference.run(sample)
        for wanted, twin in pairs:
            errors[wanted] = errors.get(wanted, 0) + float(((found[wanted].astype(np.float64) - found[twin]) ** 2).sum())
    return errors


def main(name, models, scratch, options):
    scratch = pathlib.Path(scratch)
    prepared = PreparedTask(name, pathlib.Path(models), scratch)
    model = prepared.model
    lambent("profile", model, "--input-dir", prepared.samples, "-o", scratch / "profile.json")
    profile = [] if "weights" in options else ["--profile", scratch / "profile.json"]
    samples = [batch_inputs(folder, prepared.description) for folder in sorted(prepared.samples.iterdir())]
    wanted, nearest, last = prepared.run(model), None, None
    print("| rounding | score | dB | layers' errors | s |\n| --- | --- | --- | --- | --- |")
    print(f"| float | {prepared.show(wanted)} | | | |", flush=True)
    for rounding in ROUNDINGS:
        given = [] if rounding == "nearest" else ["--input-dir", prepared.samples]
        quantized, begin = scratch / f"{rounding}.onnx", count_seconds()
        lambent("quantize", model, "-o", quantized, f"--rounding={rounding}", *given, *profile, *options.split())
        seconds = count_seconds() - begin
        # Some of ONNX Runtime's kernels of bytes saturate without VNNI; node by node it computes in float.
        found = prepared.run(quantized, exact=True)
        errors = measure_layers(model, quantized, samples, scratch)
        nearest = nearest or errors
        last = np.exp(np.mean([np.log(errors[layer] / nearest[layer]) for layer in errors if nearest[layer] > 0]))
        print(f"| {rounding} | {prepared.show(found)} | {decibels(wanted, found):.1f} | {last:.3f} of {len(errors)} | {seconds:.1f} |", flush=True)
    return 0 if last < 1 else 1


if __name__ == "__main__":
    call_main(main, __doc__)
