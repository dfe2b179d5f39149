#!/usr/bin/env python3
"""Arithmetic on constants that rewrites must not change: each model computes what its operations, one by one, give.

usage: rounding.py SCRATCH

Rounding by magic numbers, products that overflow or underflow in between, signed zeros and quotients behind steps, for
scalars and per channel, also where a convolution, product or batch normalization could take the constants in. By
default constants of like size do merge, which `merges` shows, and --accuracy=strict rounds each operation.
"""
import shutil
import pathlib

import numpy as np
import onnx.parser
from command import Failed, call_main, lambent, run, write_inputs

MAGIC = np.float32(12582912)
X = (np.random.default_rng(7).standard_normal((1, 3, 4, 5)) * 20).astype(np.float32)
# Sums of these by the weights below are exact, so that their order does not count.
EIGHTHS = np.round(X * 8) / 8
WEIGHTS = np.array([[1, 2, -1], [0.5, 1, 4]], np.float32)
IMAGE = "float[1,3,4,5] x"


def text_of(values):
    values = np.asarray(values, np.float32)
    shape = f"[{','.join(map(str, values.shape))}]" if values.shape else ""
    return f"float{shape} {{}} = {{{{{', '.join(repr(float(v)) for v in values.ravel())}}}}}"


def model(result, body, inputs=IMAGE, **constants):
    weights = ", ".join(text_of(value).format(name) for name, value in constants.items())
    return onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : 17]> g ({inputs}) => ({result} y) <{weights}> {{ {body} }}')


def magic_steps():
    with np.errstate(all="ignore"):
        product = np.einsum("oi,bihw->bohw", WEIGHTS, EIGHTHS)
        channels = np.array([MAGIC, MAGIC, MAGIC]).reshape(3, 1, 1)
        some = np.array([MAGIC, 3, 5], np.float32).reshape(3, 1, 1)
        one = np.ones(3, np.float32)
        rounded, out = (X + MAGIC) - MAGIC, "float[1,3,4,5]"
        pixels = EIGHTHS[0, :, :, 0].T.copy()
        conv = dict(w=WEIGHTS.reshape(2, 3, 1, 1), m=MAGIC, b=[MAGIC, MAGIC], n=np.full((2, 1, 1), MAGIC))
        yield "scalar", X, rounded, model(out, "a = Add(x, m) y = Sub(a, m)", m=MAGIC)
        yield "reversed", X, rounded, model(out, "a = Sub(m, x) y = Sub(m, a)", m=MAGIC)
        yield "channels", X, rounded, model(out, "a = Add(x, m) y = Sub(a, m)", m=channels)
        yield "one channel", X, (X + some) - some, model(out, "a = Add(x, m) y = Sub(a, m)", m=some)
        yield "scaled between", X, ((X + MAGIC) * np.float32(2)) - 2 * MAGIC, model(
            out, "a = Add(x, m) b = Mul(a, t) y = Sub(b, n)", m=MAGIC, n=2 * MAGIC, t=2)
        yield "third addend", X, ((X + np.float32(0.25)) + MAGIC) - MAGIC, model(
            out, "p = Add(x, q) a = Add(p, m) y = Sub(a, m)", q=0.25, m=MAGIC)
        yield "batch_norm", X, rounded, model(
            out, "a = BatchNormalization<epsilon = 0.0>(x, o, m, z, o) y = Sub(a, n)", o=one, z=0 * one,
            m=MAGIC * one, n=channels)
        yield "conv bias", EIGHTHS, (product + MAGIC) - MAGIC, model(
            "float[1,2,4,5]", "a = Conv(x, w, b) y = Sub(a, n)", **conv)
        yield "conv", EIGHTHS, (product + MAGIC) - MAGIC, model(
            "float[1,2,4,5]", "a = Conv(x, w) b1 = Add(a, m) y = Sub(b1, m)", **conv)
        yield "before conv", X, np.einsum("oi,bihw->bohw", WEIGHTS, rounded), model(
            "float[1,2,4,5]", "a = Add(x, m) b1 = Sub(a, m) y = Conv(b1, w)", **conv)
        yield "gemm bias", pixels, (pixels @ WEIGHTS.T + MAGIC) - MAGIC, model(
            "float[4,2]", "a = Gemm<transB = 1>(x, w, b) y = Sub(a, m)", "float[4,3] x", w=WEIGHTS, b=[MAGIC] * 2,
            m=MAGIC)
        yield "overflow", X, (X * np.float32(1e38)) * np.float32(1e-37), model(
            out, "a = Mul(x, p) y = Mul(a, q)", p=1e38, q=1e-37)
        yield "underflow", X, (X * np.float32(1e-30)) * np.float32(1e-30) * np.float32(1e30), model(
            out, "a = Mul(x, p) b = Mul(a, p) y = Mul(b, q)", p=1e-30, q=1e30)
        yield "overflow in channels", X, (X * np.float32(1e38)) / np.float32(1e38), model(
            out, "a = Mul(x, p) y = Div(a, p)", p=np.full((3, 1, 1), 1e38))
        yield "conv overflow", EIGHTHS, product * np.float32(1e38) * np.float32(1e-37), model(
            "float[1,2,4,5]", "a = Conv(x, w) b = Mul(a, p) y = Mul(b, q)", w=conv["w"], p=1e38, q=1e-37)
        zeros = np.where(X < 0, np.float32(-0.0), np.float32(0.0))
        yield "signed zero", zeros, 1 / (zeros + np.float32(0)), model(
            out, "a = Add(x, z) y = Div(o, a)", z=0, o=1)
        whole = np.round(X) * 49
        yield "step", whole, np.floor(whole / np.float32(49)), model(out, "a = Div(x, c) y = Floor(a)", c=49)
        yield "step in channels", whole, np.floor(whole / np.float32(49)), model(
            out, "a = Div(x, c) b = Transpose<perm = [0, 2, 3, 1]>(a) d = Transpose<perm = [0, 3, 1, 2]>(b) y = Floor(d)",
            c=np.full((3, 1, 1), 49))
        yield "to integers", whole, (whole / np.float32(49)).astype(np.int32), model(
            "int32[1,3,4,5]", "a = Div(x, c) y = Cast<to = 6>(a)", c=49)
        counts = np.round(X).astype(np.int32)
        shrunk = np.where(counts < -2.5, counts + 1.5, np.where(counts > 2.5, counts - 1.5, 0))
        yield "shrunk integers", counts, np.trunc(shrunk), model(
            "int32[1,3,4,5]", "y = Shrink<lambd = 2.5, bias = 1.5>(x)", "int32[1,3,4,5] x", unused=0)


def strict_steps():
    """Merged by default, where they may be off by a little."""
    out, c = "float[1,3,4,5]", np.float32
    yield "sum", X, (X + c(3.1)) + c(0.7), model(out, "a = Add(x, p) y = Add(a, q)", p=3.1, q=0.7)
    yield "product", X, (X * c(3.1)) * c(0.7), model(out, "a = Mul(x, p) y = Mul(a, q)", p=3.1, q=0.7)
    yield "quotient", X, X / c(3.1), model(out, "y = Div(x, p)", p=3.1)
    yield "channels", X, (X * c(3.1)) * c(0.7), model(
        out, "a = Mul(x, p) y = Mul(a, q)", p=np.full((3, 1, 1), 3.1), q=np.full((3, 1, 1), 0.7))


def subnormal_steps(flushed):
    """By default subnormal numbers are 0 while a model computes."""
    out, tiny = "float[1,3,4,5]", np.float32(1e-39)
    seen = np.float32(0) if flushed else tiny
    with np.errstate(all="ignore"):
        yield "subnormal divisor", X * 0, (X * 0) / seen, model(out, "y = Div(x, c)", c=np.full((3, 1, 1), tiny))
        yield "subnormal result", X, X * 0 if flushed else (X * tiny), model(out, "y = Mul(x, c)", c=tiny)
        yield "subnormal input", np.full_like(X, tiny), np.full_like(X, seen) * np.float32(3), model(
            out, "y = Mul(x, c)", c=3)


def subnormal_functions():
    """Functions that take subnormal inputs far away from 0 see them as they are, flushed or not."""
    out, tiny = "float[1,3,4,5]", np.full(X.shape, 1e-39, np.float32)
    for name, exponent in ("inverse root", -0.5), ("power", -0.3):
        yield f"subnormal {name}", tiny, tiny.astype(np.float64) ** np.float64(np.float32(exponent)), model(out, "y = Pow(x, c)", c=exponent)
    yield "subnormal logarithm", tiny, np.log(tiny.astype(np.float64)), model(out, "y = Log(x)", c=0)


def compute(scratch, name, x, proto, *options):
    folder = pathlib.Path(scratch, name.replace(" ", "-"))
    write_inputs(folder / "in", {"x": x})
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    return run(folder / "model.onnx", folder / "in", folder / "out", *options)["y.npy"]


def merges(scratch):
    """What is left of two products by numbers of like size: one."""
    file = pathlib.Path(scratch, "product", "model.onnx")
    found = [lambent("compile", file, "-o", "-", "--emit=graph", f"--accuracy={accuracy}").count("arith.mulf")
             for accuracy in ("default", "strict")]
    return None if found == [1, 2] else f"expected 1 and 2 products by default and strict, but got {found}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems = []
    for accuracy, steps in (("default", magic_steps()), ("strict", magic_steps()), ("strict", strict_steps()),
                            ("default", subnormal_steps(True)), ("strict", subnormal_steps(False))):
        for name, x, wanted, proto in steps:
            found = compute(scratch, name, x, proto, f"--accuracy={accuracy}")
            if not np.array_equal(found, wanted.astype(found.dtype), equal_nan=True):
                problems.append(f"{name}, accuracy {accuracy}: {found.ravel()[:4]}, expected {wanted.ravel()[:4]}")
    for accuracy in ("default", "strict"):
        for name, x, wanted, proto in subnormal_functions():
            found = compute(scratch, name, x, proto, f"--accuracy={accuracy}")
            if not np.allclose(found, wanted, rtol=1e-6, atol=0):
                problems.append(f"{name}, accuracy {accuracy}: {found.ravel()[:2]}, expected {wanted.ravel()[:2]}")
    problems += filter(None, [merges(scratch)])
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
