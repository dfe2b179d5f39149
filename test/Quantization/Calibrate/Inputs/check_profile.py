#!/usr/bin/env python3
"""Compares a profile with what NumPy makes of ONNX Runtime's tensors on the same samples.

usage: check_profile.py MODEL.onnx PROFILE.json SAMPLES

SAMPLES holds a folder for each sample with NAME.npy for each input, in it or in its folder `inputs`.
"""
import json
import pathlib
import re
import sys

import numpy as np
import onnx
import onnxruntime


def run_samples(model, names, samples):
    """The tensors named, one of each for each sample."""
    known = {value.name for value in [*model.graph.input, *model.graph.output]}
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in known)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    values = {name: [] for name in names}
    for folder in sorted(path for path in samples.iterdir() if path.is_dir()):
        folder = folder / "inputs" if (folder / "inputs").is_dir() else folder
        feed = {value.name: np.load(folder / (re.sub(r"[^A-Za-z0-9._-]", "_", value.name) + ".npy"))
                for value in session.get_inputs()}
        results = dict(zip([value.name for value in session.get_outputs()], session.run(None, feed)))
        for name in names:
            values[name].append(feed.get(name, results.get(name)))
    return values


def check(name, got, arrays):
    values = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    scale, count = max(np.abs(values).max(), 1e-30), len(values)

    def expect(what, actual, expected, tolerance):
        if np.abs(np.asarray(actual) - expected).max() > tolerance:
            sys.exit(f"{name}: {what} is {actual}, expected {expected}")

    expect("elements", got["elements"], count, 0)
    expect("least", got["least"], values.min(), 1e-5 * scale)
    expect("most", got["most"], values.max(), 1e-5 * scale)
    expect("sum", got["sum"], values.sum(), 1e-5 * scale * count)
    expect("sum of squares", got["sum_of_squares"], (values**2).sum(), 1e-5 * scale**2 * count)
    histogram = got["histogram"]
    edges = histogram["lowest"] + histogram["width"] * np.arange(len(histogram["counts"]) + 1)
    # A value beside an edge may fall on its other side.
    near = np.diff(np.searchsorted(np.sort(values), [edges - 1e-5 * scale, edges + 1e-5 * scale], "left"), axis=0)[0]
    expected = np.searchsorted(np.sort(values), edges, "left")
    if np.any(np.abs(np.append(0, np.cumsum(histogram["counts"])) - expected) > near):
        sys.exit(f"{name}: the histogram differs")
    channels, axis = got.get("channels"), got["channel_axis"]
    if channels:
        rows = np.concatenate([np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1) for array in arrays], 1)
        expect("channels' least", channels["least"], rows.min(1), 1e-5 * scale)
        expect("channels' most", channels["most"], rows.max(1), 1e-5 * scale)
        expect("channels' sum", channels["sum"], rows.sum(1, dtype=np.float64), 1e-5 * scale * count)


def main():
    model, profile = onnx.load(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    arrays = run_samples(model, list(profile["tensors"]), pathlib.Path(sys.argv[3]))
    for name, got in profile["tensors"].items():
        check(name, got, arrays[name])
    for node in model.graph.node:
        for name in [*node.input[:1], *node.output[:1]] if node.op_type in ("Conv", "Gemm", "MatMul") else []:
            if "channels" not in profile["tensors"][name] or \
                    profile["tensors"][name]["channel_axis"] != (1 if node.op_type == "Conv" else -1):
                sys.exit(f"{name}: expected channels as {node.op_type} has them")


if __name__ == "__main__":
    main()
