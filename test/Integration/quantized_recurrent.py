#!/usr/bin/env python3
"""Recurrent layers of quantized models: as Lambent quantizes them ONNX Runtime gives the same numbers, and as ONNX
Runtime does, which also quantizes their states, close ones; weights stay bytes.

usage: quantized_recurrent.py SCRATCH
"""
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from command import call_main, lambent, run, write_inputs
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

GENERATOR = np.random.default_rng(7)
SEQ, BATCH, WIDTH, HIDDEN = 7, 3, 24, 40
LAYERS = [("LSTM", 4, {}), ("LSTM", 4, {"direction": "bidirectional"}), ("GRU", 3, {"linear_before_reset": 1}),
          ("GRU", 3, {"direction": "reverse"}), ("RNN", 1, {"direction": "bidirectional"})]


def make_model(path, layers):
    nodes, constants = [], []
    for index, (op, gates, attributes) in enumerate(layers):
        dirs = 2 if attributes.get("direction") == "bidirectional" else 1
        names = [f"{name}{index}" for name in "WRB"]
        for name, shape in zip(names, ((dirs, gates * HIDDEN, WIDTH), (dirs, gates * HIDDEN, HIDDEN),
                                       (dirs, 2 * gates * HIDDEN))):
            value = GENERATOR.standard_normal(shape) / np.sqrt(shape[-1])
            constants.append(numpy_helper.from_array(value.astype(np.float32), name))
        nodes.append(helper.make_node(op, ["x", *names], [f"y{index}"], f"{op}{index}", hidden_size=HIDDEN, **attributes))
    outputs = [helper.make_tensor_value_info(node.output[0], 1, ["seq", "dirs", "batch", "hidden"]) for node in nodes]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", 1, [SEQ, BATCH, WIDTH])], outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def get_decibels(wanted, got):
    return 10 * np.log10(np.square(wanted, dtype=np.float64).sum() / np.square(wanted - got, dtype=np.float64).sum())


def check(folder, what, model, x, floats, tolerance, least_decibels, flags=()):
    """Compares a quantized model with ONNX Runtime, and both with the float one."""
    names = [output.name for output in onnx.load(model).graph.output]
    wanted = onnxruntime.InferenceSession(str(model)).run(names, {"x": x})
    text = lambent("compile", model, "-o", "-", "--emit=lir", *flags)
    coded = sum("lir.recurrent" in line and " scales(" in line for line in text.splitlines())
    if coded != len(names):
        yield f"{what}: {coded} of {len(names)} layers keep bytes"
    got = run(model, folder / "in", folder / "out", *flags)
    for name, value, exact in zip(names, wanted, floats):
        if np.abs(got[name + ".npy"] - value).max() > tolerance:
            yield f"{what}: {name} is off by {np.abs(got[name + '.npy'] - value).max()}"
        if get_decibels(exact, got[name + ".npy"]) < least_decibels:
            yield f"{what}: {name} has {get_decibels(exact, got[name + '.npy'])} dB"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True)
    make_model(folder / "float.onnx", LAYERS)
    x = GENERATOR.standard_normal((SEQ, BATCH, WIDTH)).astype(np.float32)
    write_inputs(folder / "in", {"x": x})
    write_inputs(folder / "samples" / "0", {"x": x})
    floats = onnxruntime.InferenceSession(str(folder / "float.onnx")).run(None, {"x": x})
    lambent("profile", folder / "float.onnx", "--input-dir", folder / "samples", "-o", folder / "profile.json")
    problems = []
    for kind, flags in (("int8", ["--profile", folder / "profile.json"]), ("int8-weights", []), ("int4-weights", []),
                        ("int8", ["--profile", folder / "profile.json", "--per-tensor"])):
        model = folder / f"{kind}{len(flags)}.onnx"
        lambent("quantize", folder / "float.onnx", f"--quantize={kind}", *flags, "-o", model)
        onnx.checker.check_model(str(model), full_check=True)
        for options in [], ["--accuracy=strict"], ["--cpu=x86-64"]:
            problems += check(folder, f"{kind} {flags} {options}", model, x, floats, 2e-6, 25, options)
    make_model(folder / "lstms.onnx", LAYERS[:2])
    floats = onnxruntime.InferenceSession(str(folder / "lstms.onnx")).run(None, {"x": x})
    quantize_dynamic(folder / "lstms.onnx", folder / "dynamic.onnx", weight_type=QuantType.QInt8)
    problems += check(folder, "dynamic", folder / "dynamic.onnx", x, floats, 0.05, 25)
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
