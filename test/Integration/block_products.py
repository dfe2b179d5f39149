#!/usr/bin/env python3
"""Products of blocks of integers, bit by bit: a block's sum is exact, and added to those before it.

usage: block_products.py SCRATCH
"""
import pathlib
import shutil

import numpy as np
from blocks import MX, reference, save
from command import call_main, lambent, run, write_inputs
from onnx import helper

# Those whose elements are integers of 8 bits, and in how many bits weights are stored.
FORMATS = {"mxint8": 8, "mxfp4": 4, "mxfp6": 8, "mx6": 8, "mx4": 4}
CPUS = [], ["--cpu=x86-64-v3"], ["--cpu=x86-64"]


def multiply(x, w, name, up):
    """The product of rounded operands, f64 within a block, which is exact, f32 from block to block."""
    size = 32 if name in MX else 16
    x, w = reference(x, name, -1, up).astype(np.float64), reference(w, name, 0, up).astype(np.float64)
    total = np.zeros((x.shape[0], w.shape[1]), np.float32)
    for at in range(0, x.shape[1], size):
        total += (x[:, at:at + size] @ w[at:at + size]).astype(np.float32)
    return total


def check(folder, name, up, rows, depth, columns, flags):
    generator = np.random.default_rng(rows * 1000 + columns)
    # Blocks of many sizes, one of zeros, and sums that cancel.
    spread = lambda *shape: np.exp2(generator.integers(-20, 20, shape)).astype(np.float32)
    x = generator.standard_normal((rows, depth)).astype(np.float32) * np.repeat(spread(rows, depth // 32), 32, axis=1)
    w = generator.standard_normal((depth, columns)).astype(np.float32) * np.repeat(spread(depth // 32, columns), 32, axis=0)
    x[0, :32], w[32:64, 0] = 0, 0
    save(folder / "model.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": x}, {"y": 2}, {"w": w},
         rank=rows == 5)
    write_inputs(folder / "in", {"x": x})
    option = f"--quantize={name}{':up' if up else ''}"
    what = f"{name} {up} {rows}x{depth}x{columns} {flags}"
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", option, *flags)
    # An open K is not known to be whole blocks of the rows; weights say what it is.
    text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=lir", option, *flags)
    if "lir.block_matmul" not in text or (f"bits = 4" in text) != (FORMATS[name] == 4):
        yield f"{what}: expected a product of blocks with weights of {FORMATS[name]} bits"
    found = run(folder / "model.so", folder / "in", folder / "out")["y.npy"]
    wanted = multiply(x, w, name, up)
    if not np.array_equal(found, wanted):
        at = tuple(np.argwhere(found != wanted)[0])
        yield f"{what}: {found[at]!r}, expected {wanted[at]!r} at {at}; {(found != wanted).sum()} of {found.size} differ"
    strict = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=lir", option, "--accuracy=strict")
    if "lir.block_matmul" in strict:
        yield f"{what}: blocks are summed although strict"


def invalid(folder):
    """A row with a NaN or an infinity is all NaN, and only that row."""
    x, w = np.ones((4, 64), np.float32), np.ones((64, 40), np.float32)
    x[1, 3], x[2, 40] = np.nan, -np.inf
    save(folder / "model.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": x}, {"y": 2}, {"w": w})
    write_inputs(folder / "in", {"x": x})
    for name in FORMATS:
        found = run(folder / "model.onnx", folder / "in", folder / "out", f"--quantize={name}")["y.npy"]
        wanted = np.where(np.isfinite(x).all(axis=1, keepdims=True), np.float32(64), np.float32(np.nan))
        if not np.array_equal(found, np.broadcast_to(wanted, found.shape), equal_nan=True):
            yield f"{name}: {found[:, 0]}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True)
    problems, number = list(invalid(folder)), 0
    for name in FORMATS:
        for rows, depth, columns in (1, 128, 70), (5, 64, 33), (64, 96, 130), (3, 32, 5):
            number += 1
            problems += check(folder, name, number % 2 == 0, rows, depth, columns, CPUS[number % len(CPUS)])
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
