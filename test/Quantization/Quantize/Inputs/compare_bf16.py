"""Compares what bf16.test computes with ONNX Runtime.    usage: compare_bf16.py FOLDER"""
import pathlib
import sys

import numpy as np
import onnxruntime

folder = pathlib.Path(sys.argv[1])
x = np.load(folder / "samples/0/x.npy")
run = lambda name: onnxruntime.InferenceSession(str(folder / name)).run(None, {"x": x})[0]
wanted, exact = run("q.onnx"), run("model.onnx")
scale = np.abs(exact).max()
problems = []
# Sums in another order round to other bf16 now and then.
for name, bound in ("wide", 1e-5), ("cast", 5e-3):
    off = np.abs(np.load(folder / name / "c3.npy") - wanted).max() / scale
    if off > bound:
        problems.append(f"{name}: off by {off}")
if np.abs(wanted - exact).max() / scale < 1e-3:
    problems.append("rounding can't be told")
print("\n".join(problems) or "all as expected")
