#!/usr/bin/env python3
"""Compiles models of thousands of nodes, outputs and operands, and ones whose constants would be huge.

usage: growth.py NAME...

Each must compile within 60 s of processor time and 2 GB of memory, far more than they take (a second or two each): what
grows with a square takes minutes or tens of gigabytes. Without a name all of them are compiled.
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Inputs"))
from small_models import Builder  # noqa: E402

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
SECONDS = int(60 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1")))
BYTES = 2 << 30


def chain(name, count, shape, step):
    """A chain of `count` steps, each given the builder, the value so far and its number."""
    b, x = Builder(name), "x"
    for i in range(count):
        x = step(b, x, i)
    return b.model([("x", FLOAT, shape)], [(x, FLOAT, shape)])


def elementwise():
    ops = ["Relu", "Sigmoid", "Neg", "Abs", "Tanh", "Sin", "Softsign"]
    return chain("elementwise", 10000, [1, 64], lambda b, x, i: b.node(ops[i % len(ops)], x))


def scales():
    """Constants that could merge; those of 64 elements are folded element by element."""
    return chain("scales", 3000, [1, 64],
                 lambda b, x, i: b.node(["Mul", "Add"][i % 2], x, b.weight(f"w{i}", 64)))


def products():
    return chain("products", 4000, [4, 16], lambda b, x, i: b.node("MatMul", x, b.weight(f"w{i}", 16, 16)))


def residuals():
    def step(b, x, i):
        y = b.node("Relu", b.node("Conv", x, b.weight(f"w{i}", 4, 4, 3, 3), b.weight(f"b{i}", 4), pads=[1, 1, 1, 1]))
        return b.node("Add", x, y)
    return chain("residuals", 600, [1, 4, 8, 8], step)


def attention():
    def step(b, x, i):
        q, k, v = (b.node("MatMul", x, b.weight(f"{n}{i}", 16, 16)) for n in "qkv")
        scores = b.node("Softmax", b.node("MatMul", q, b.node("Transpose", k, perm=[0, 2, 1])), axis=-1)
        return b.node("Add", x, b.node("MatMul", scores, v))
    return chain("attention", 300, [2, 8, 16], step)


def outputs():
    b, x, names = Builder("outputs"), "x", []
    weight = b.weight("w", 16, 16)
    for _ in range(4000):
        x = b.node("MatMul", x, weight)
        names.append(x)
    return b.model([("x", FLOAT, [4, 16])], [(name, FLOAT, [4, 16]) for name in names])


def parts():
    """Splits into 2,000 parts whose sum, maximum and concatenation (in reverse) are taken."""
    b = Builder("parts")
    split = b.node("Split", "x", outputs=2000, axis=0)
    results = [(b.node("Sum", *split), FLOAT, [1, 8]), (b.node("Max", *split), FLOAT, [1, 8]),
               (b.node("Concat", *split[::-1], axis=0), FLOAT, [2000, 8])]
    return b.model([("x", FLOAT, [2000, 8])], results)


def open_parts():
    """An open dim in 200 parts, of one size and of sizes that a list says."""
    b = Builder("open_parts")
    even = b.node("Split", "x", outputs=200, axis=0, num_outputs=200)
    given = b.node("Split", "x", "sizes", outputs=200, axis=0)
    return b.model([("x", FLOAT, ["n", 8]), ("sizes", INT64, [200])],
                   [(b.node("Concat", *even[::-1], axis=0), FLOAT, ["n", 8]),
                    (b.node("Concat", *given[::3], axis=0), FLOAT, ["m", 8])], opset=18)


def rests():
    """Cuts one row after the other off what is left of 2,000, and joins them one by one."""
    b, rest, rows = Builder("rests"), "x", []
    for i in range(2000):
        row, rest = b.node("Split", rest, b.constant(f"s{i}", np.array([1, 2000 - i], np.int64)), outputs=2, axis=0)
        rows.append(row)
    joined = rows[0]
    for row in rows[1:]:
        joined = b.node("Concat", row, joined, axis=0)
    return b.model([("x", FLOAT, [2001, 8])], [(b.node("Sum", *rows), FLOAT, [1, 8]), (joined, FLOAT, [2000, 8])])


def operands():
    b = Builder("operands")
    return b.model([("x", FLOAT, [8000, 8])],
                   [(b.node("Sum", *b.node("Split", "x", outputs=8000, axis=0)), FLOAT, [1, 8])])


def constants():
    """20,000 nodes of constants, folded into one."""
    b, c = Builder("constants"), None
    for i in range(10000):
        value = b.node("Constant", value=onnx.numpy_helper.from_array(np.full(64, i, np.float32)))
        c = value if c is None else b.node("Add", c, value)
    return b.model([("x", FLOAT, [64])], [(b.node("Add", "x", c), FLOAT, [64])])


def large_fold():
    """Small results of huge constants are left to run time."""
    b = Builder("large_fold")
    huge = b.node("Expand", b.constant("c", np.arange(8, dtype=np.float32)),
                  b.constant("shape", np.array([1 << 28, 8], np.int64)))
    total = b.node("ReduceMean", huge, axes=[0], keepdims=0)
    return b.model([("x", FLOAT, [8])], [(b.node("Add", "x", total), FLOAT, [8])])


def large_fill():
    b = Builder("large_fill")
    y = b.node("ConstantOfShape", b.constant("shape", np.array([1 << 30], np.int64)))
    return b.model([("x", FLOAT, [1])], [(b.node("Add", "x", y), FLOAT, [1 << 30])])


def large_product():
    b = Builder("large_product")
    side = b.constant("side", np.array([8192, 8192], np.int64))
    ones = b.node("ConstantOfShape", side, value=onnx.numpy_helper.from_array(np.ones(1, np.float32)))
    product = b.node("MatMul", ones, ones)
    return b.model([("x", FLOAT, [1])], [(b.node("Add", "x", product), FLOAT, [8192, 8192])])


def large_pad():
    b = Builder("large_pad")
    y = b.node("Pad", "x", b.constant("pads", np.array([0, 1 << 33], np.int64)))
    return b.model([("x", FLOAT, [4])], [(y, FLOAT, [4 + (1 << 33)])])


MODELS = [elementwise, scales, products, residuals, attention, outputs, parts, open_parts, rests, operands, constants, large_fold,
          large_fill, large_product, large_pad]


def compile_within_limits(make, folder):
    """Returns what is wrong, or None; prints the seconds and megabytes that it took."""
    model = pathlib.Path(folder) / f"{make.__name__}.onnx"
    onnx.save(make(), model)
    process = subprocess.Popen(["lambent", "compile", str(model), "-o", str(model.with_suffix(".so"))],
                               stderr=subprocess.PIPE, text=True, errors="replace",
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)))
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    print(f"{make.__name__:14} {seconds:6.1f} s {peak >> 20:5} MB")
    if status != 0:
        return f"{make.__name__}: ended with status {status:#x} after {seconds:.0f} s: {message[-500:]}"
    return f"{make.__name__}: took {peak >> 20} MB" if peak > BYTES else None


def main():
    chosen = [make for make in MODELS if make.__name__ in sys.argv[1:]] if sys.argv[1:] else MODELS
    if len(chosen) < len(sys.argv[1:]):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        problems = [problem for make in chosen if (problem := compile_within_limits(make, folder))]
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
