#!/usr/bin/env python3
"""RNN, GRU and LSTM of no steps, and lengths of sequences that do not lie within their steps.

usage: recurrent_lengths.py FOLDER

Without steps the last states are the initial ones. A length that is wrong is an error where values are checked, else the
nearest that is right: nothing beyond the sequence is read or written.
"""
import pathlib

import numpy as np
import onnx
from onnx import helper, numpy_helper

from command import Failed, call_main, complain, lambent, run, write_inputs
from recurrent import GATES, Layer

BATCH, WIDTH, HIDDEN = 3, 4, 20
DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}


def make_layer(op, direction, steps, initial, lengths=None, **attributes):
    random = np.random.default_rng(4)
    dirs, rows = DIRECTIONS[direction], GATES[op] * HIDDEN

    def numbers(*shape):
        return random.standard_normal(shape).astype(np.float32) / 2
    # The weights are the same for any number of steps.
    inputs = {"W": numbers(dirs, rows, WIDTH), "R": numbers(dirs, rows, HIDDEN), "B": numbers(dirs, 2 * rows)}
    if lengths is not None:
        inputs["sequence_lens"] = np.array(lengths, np.int32)
    if initial:
        inputs["initial_h"] = numbers(dirs, BATCH, HIDDEN)
        if op == "LSTM":
            inputs["initial_c"] = numbers(dirs, BATCH, HIDDEN)
    inputs["X"] = numbers(steps, BATCH, WIDTH)
    return Layer(op, inputs, dict(hidden_size=HIDDEN, direction=direction, **attributes), [True] * (3 if op == "LSTM" else 2))


def build(layer, dims):
    """A model with the layer's weights; `dims` are of steps and batch."""
    weights = ("W", "R", "B")
    order = ["X", *weights, "sequence_lens", "initial_h", "initial_c"]
    names = [name if name in layer.inputs else "" for name in order]
    while not names[-1]:
        names.pop()
    shapes = {"X": [*dims, WIDTH], "sequence_lens": [dims[1]]}
    inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype),
                                            shapes.get(name, [value.shape[0], dims[1], HIDDEN]))
              for name, value in layer.inputs.items() if name not in weights]
    outputs = ["Y", "Y_h", "Y_c"][:len(layer.used)]
    graph = helper.make_graph(
        [helper.make_node(layer.op, names, outputs, name="layer", **layer.attributes)], "g", inputs,
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None] * (4 if name == "Y" else 3)) for name in outputs],
        [numpy_helper.from_array(layer.inputs[name], name) for name in weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def compare(what, layer, folder):
    write_inputs(folder / "in", {name: value for name, value in layer.inputs.items() if name not in ("W", "R", "B")})
    found = run(folder / "model.so", folder / "in", folder / "out")
    right = dict(layer.inputs)
    if "sequence_lens" in right:
        right["sequence_lens"] = np.clip(right["sequence_lens"], 0, len(right["X"]))
    states = Layer(layer.op, right, layer.attributes, layer.used).compute()
    for name, value, _ in zip(("Y", "Y_h", "Y_c"), states, layer.used):
        got = found[name + ".npy"]
        if got.shape != value.shape or not np.allclose(got, value, 1e-4, 1e-5):
            yield f"{what}: {name} is wrong"


def check_steps(op, direction, initial, attributes, folder):
    """Open steps, of which a run has none, and none that are known."""
    what = f"{op} {direction} {attributes} {'with' if initial else 'without'} initial states"
    layers = [make_layer(op, direction, steps, initial, **attributes) for steps in (0, 5, 1)]
    onnx.save(build(layers[0], ["seq", "batch"]), folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    for layer in layers:
        yield from compare(f"{what}, {len(layer.inputs['X'])} steps", layer, folder)
    for dims in ([0, "batch"], [0, BATCH]):
        onnx.save(build(layers[0], dims), folder / "model.onnx")
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
        yield from compare(f"{what}, dims {dims}", layers[0], folder)


def check_lengths(op, direction, dims, folder):
    layer = make_layer(op, direction, 5, True, [7, -2, 4])
    onnx.save(build(layer, dims), folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    yield from compare(f"{op} {direction} {dims}, lengths outside", layer, folder)
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", "--accuracy=strict")
    for lengths, text in ([7, 2, 4], "to 5, but got 7" if dims[0] == 5 else "at most the number of steps, but got 7"), \
                         ([1, -2, 4], "to 5, but got -2" if dims[0] == 5 else "at least 0, but got -2"):
        write_inputs(folder / "in", {"sequence_lens": np.array(lengths, np.int32)})
        said = complain("run", folder / "model.so", "--input-dir", folder / "in", "--output-dir", folder / "out")
        if "layer 'layer': expected a length " not in said or text not in said:
            yield f"{op} {direction} {dims}, lengths {lengths}: {said}"


def check_reversed(dims, folder):
    """ReverseSequence."""
    x = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    lengths = np.array([6, -1, 3], np.int64)
    graph = helper.make_graph(
        [helper.make_node("ReverseSequence", ["x", "n"], ["y"], name="back")], "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [*dims, 2]),
         helper.make_tensor_value_info("n", onnx.TensorProto.INT64, [dims[1]])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None] * 3)])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    write_inputs(folder / "in", {"x": x, "n": lengths})
    wanted = x.copy()
    wanted[:, 0], wanted[:3, 2] = x[::-1, 0], x[2::-1, 2]
    if not np.array_equal(run(folder / "model.so", folder / "in", folder / "out")["y.npy"], wanted):
        yield f"ReverseSequence {dims}: wrong"
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", "--accuracy=strict")
    said = complain("run", folder / "model.so", "--input-dir", folder / "in", "--output-dir", folder / "out")
    if "layer 'back': expected a length " not in said:
        yield f"ReverseSequence {dims}: {said}"


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    problems = []
    for op in GATES:
        for direction, initial in ("forward", False), ("reverse", True), ("bidirectional", True):
            for attributes in ({}, dict(linear_before_reset=1)) if op == "GRU" else ({},):
                problems += check_steps(op, direction, initial, attributes, folder)
        for dims in ([5, BATCH], ["seq", "batch"]):
            problems += check_lengths(op, "bidirectional", dims, folder)
    for dims in ([4, 3], ["t", "b"]):
        problems += check_reversed(dims, folder)
    if problems:
        raise Failed("\n".join(problems))


if __name__ == "__main__":
    call_main(main, __doc__)
