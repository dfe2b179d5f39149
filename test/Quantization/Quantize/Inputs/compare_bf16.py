"""Compares what bf16.test computes with ONNX Runtime.    usage: compare_bf16.py FOLDER"""
import pathlib
import sys

import numpy as np
import onnxruntime

folder = pathlib.Path(sys.argv[1])
x = np.load(folder / "samples/0/x.npy")
run = lambda name: onnxruntime.InferenceSession(str(folder / name)).run(None, {"x": x})[0]
wanted, exact = run("q.onnx"), run("model.onnx")
size = lambda values: np.sqrt((values**2).mean())  # noqa: E731
problems = []
# Sums in another order round to other bf16 now and then, which is less than what rounding changes.
for name in "wide", "cast":
    off = size(np.load(folder / name / "c3.npy") - wanted) / size(wanted - exact)
    if off > 0.3:
        problems.append(f"{name}: off by {off} of what rounding changes")
if size(wanted - exact) / np.abs(exact).max() < 1e-3:
    problems.append("rounding can't be told")
print("\n".join(problems) or "all as expected")
