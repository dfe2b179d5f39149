#!/usr/bin/env python3
"""A network whose 3x3 convolutions run by Winograd on images of open sizes, beside ONNX Runtime and beside bound sizes.

usage: open_winograd.py SCRATCH
"""
import pathlib

import numpy as np
import onnxruntime
from command import call_main, lambent, run, shape_options, write_inputs
from near import difference, same_bits
from onnx import save

from winograd import make_model

SIZES = [(1, 2, 3), (2, 5, 4), (1, 46, 58), (3, 13, 27), (1, 96, 7), (1, 3, 130), (0, 8, 8)]
# Where the choice is the same for these sizes bound.
BOUND = (1, 46, 58)


def check(scratch, session, size):
    n, h, w = size
    inputs = {"x": np.random.default_rng(5).standard_normal((n, 3, h, w)).astype(np.float32)}
    write_inputs(scratch / "in", inputs)
    wanted = session.run(None, inputs)[0]
    results = [run(scratch / "open.so", scratch / "in", scratch / "out", f"--threads={n}")["y.npy"] for n in (1, 2, 3)]
    if not all(same_bits(results[0], other) for other in results):
        return "bits depend on threads"
    if problem := difference(wanted, results[0], 1e-4, 1e-5):
        return problem
    if size == BOUND:
        lambent("compile", scratch / "m.onnx", "-o", scratch / "bound.so", *shape_options(inputs))
        if not same_bits(results[0], run(scratch / "bound.so", scratch / "in", scratch / "out")["y.npy"]):
            return "bound sizes give other bits"
    return None


def main(scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    save(make_model(["n", 3, "h", "w"]), scratch / "m.onnx")
    for options, expected in ([], 3), (["--accuracy=strict"], 0), (["--dim", "h=1..3", "--dim", "w=1..3"], 0):
        text = lambent("compile", scratch / "m.onnx", "-o", "-", "--emit=lir", *options)
        found = text.count("attributes {algorithm = #cpu.winograd<")
        if found != expected:
            return f"{options}: {found} convolutions run by Winograd, expected {expected}"
    lambent("compile", scratch / "m.onnx", "-o", scratch / "open.so")
    session = onnxruntime.InferenceSession(scratch / "m.onnx", providers=["CPUExecutionProvider"])
    for size in SIZES:
        if problem := check(scratch, session, size):
            return f"at {size}: {problem}"
    return None


if __name__ == "__main__":
    call_main(main, __doc__)
