#!/usr/bin/env python3
"""Float weights that are integers of few bits times a scale: found, stored as these, and equal to the last bit.

usage: lattice_weights.py SCRATCH
"""
import pathlib
import shutil

import numpy as np
from command import call_main, lambent, run
from narrow import save
from onnx import TensorProto, helper

GENERATOR = np.random.default_rng(11)
FLOAT = TensorProto.FLOAT
# All that --accuracy leaves open but where code runs.
FLAGS = [], ["--cpu=x86-64-v3"], ["--cpu=x86-64"]
K, N = 160, 96


def integers(low, high, shape=(K, N)):
    return GENERATOR.integers(low, high + 1, shape).astype(np.float32)


def steps(*shape):
    return GENERATOR.uniform(0.01, 0.1, shape).astype(np.float32)


def ternary():
    """Weights as they come of rounding: small negative ones are -0."""
    x = GENERATOR.standard_normal((K, N)).astype(np.float32)
    return np.clip(np.rint(x), -1, 1) * np.float32(0.037)


def blocks(high):
    return integers(-high, high) * np.repeat(steps(K // 32, N), 32, axis=0)


def nearly():
    """A lattice but for the last bit of one number."""
    w = integers(-7, 7) * steps(1, N)
    place = np.argwhere(w[:, -1] != 0)[-1]
    w[place, -1] = np.nextafter(w[place, -1], np.float32(1))
    return w


# Weights [K, N], and in how many bits they are found; 0: not at all.
WEIGHTS = {
    "ternary": (ternary(), 2),
    "binary": (np.sign(integers(0, 1) - 0.5).astype(np.float32) * steps(1, N), 2),
    "2 bits": (integers(-2, 1) * steps(1, N), 2),
    "3 bits": (integers(-3, 3) * np.float32(0.3), 4),
    "4 bits, the other way round": (integers(-7, 8) * steps(1, N), 4),
    "4 bits with a zero point": (integers(0, 15) * steps(1, N), 4),
    "6 bits": (integers(-31, 31) * steps(1, N), 8),
    "8 bits": (integers(-127, 127) * steps(1, N), 8),
    "8 bits with a zero point": (integers(-55, 200) * steps(1, N), 8),
    "powers of two as steps": (integers(-1, 1) * np.exp2(GENERATOR.integers(-9, -3, N)).astype(np.float32), 2),
    "4 bits in blocks": (blocks(7), 4),
    "2 bits in blocks": (blocks(1), 2),
    "a column of zeros": (integers(-7, 7) * steps(1, N) * (np.arange(N) != 5).astype(np.float32), 4),
    "drawn": (GENERATOR.standard_normal((K, N)).astype(np.float32), 0),
    "nearly": (nearly(), 0),
    "9 bits": (integers(-255, 255) * np.float32(0.3), 0),
    "too small": (integers(-7, 7) * np.float32(1e-35), 0),
}


def compile_twice(folder, flags=()):
    """(what the model gives by default, what it gives with floats, its graph)"""
    results = []
    for more in [], ["--keep-float-weights"]:
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *flags, *more)
        results.append(run(folder / "model.so", folder / "in", folder / "out")["y.npy"])
    return *results, lambent("compile", folder / "model.onnx", "-o", "-", "--emit=graph", *flags)


def check_products(folder, name, w, bits, flags, rows):
    gemm = rows == 2
    node = helper.make_node("Gemm", ["x", "w"], ["y"], transB=1) if gemm else helper.make_node("MatMul", ["x", "w"], ["y"])
    # Rows with a single 1 in them show each weight as it is.
    x = GENERATOR.standard_normal((rows, K)).astype(np.float32) if rows < K else np.eye(K, dtype=np.float32)
    save(folder, [node], {"x": x}, {"y": (FLOAT, [rows, N])}, {"w": np.ascontiguousarray(w.T) if gemm else w}, opset=17)
    found, wanted, text = compile_twice(folder, flags)
    if f"bits = {bits} : i64" not in text if bits else "quantized_matmul" in text:
        return f"{name}: expected {bits} bits"
    if rows == K and not np.array_equal(found, w):
        return f"{name} {flags}: other weights, by up to {np.abs(found - w).max():g}"
    error = np.abs(found - wanted).max()
    if not error <= 1e-6 * np.abs(x).max() * np.abs(w).sum(axis=0).max():
        return f"{name} {flags}, {rows} rows: off by {error:g} of {np.abs(wanted).max():g}"
    strict = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=graph", "--accuracy=strict")
    return f"{name}: found although strict" if "quantized_matmul" in strict else None


def check_table(folder, name, w, is_narrow, tied):
    """Rows of a table, by which they are multiplied again or not, keep their bits."""
    nodes = [helper.make_node("Gather", ["w", "x"], ["e" if tied else "y"], axis=0)]
    if tied:
        nodes += [helper.make_node("Transpose", ["w"], ["t"]), helper.make_node("MatMul", ["e", "t"], ["y"])]
    save(folder, nodes, {"x": GENERATOR.integers(0, K, (1, 7))}, {"y": (FLOAT, [1, 7, K if tied else N])}, {"w": w}, opset=17)
    found, wanted, text = compile_twice(folder)
    if ("xi4>" in text) != is_narrow or ("quantized_matmul" in text) != (is_narrow and tied):
        return f"{name}: expected a table {'of codes' if is_narrow else 'of floats'}"
    if not tied and not np.array_equal(found.view(np.uint32), wanted.view(np.uint32)):
        return f"{name}: other rows"
    if not np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max():
        return f"{name}: off by {np.abs(found - wanted).max():g}"
    return None


def quantized(names, scale):
    """x as its u8 codes, dequantized again."""
    return [helper.make_node("QuantizeLinear", [names[0], scale, "z"], [names[1] + ".q"]),
            helper.make_node("DequantizeLinear", [names[1] + ".q", scale, "z"], [names[1]])]


def check_integers(folder, name, conv):
    """Where activations are quantized, products on a lattice are those of integers: exact."""
    shape = (24, 16, 3, 3) if conv else (K, N)
    codes = integers(-7, 7, shape)
    w = codes * (steps(shape[0], 1, 1, 1) if conv else steps(1, N))
    x = GENERATOR.standard_normal((1, 16, 9, 9) if conv else (5, K)).astype(np.float32)
    product = helper.make_node("Conv", ["a", "w"], ["y"], pads=[1, 1, 1, 1]) if conv else helper.make_node("MatMul", ["a", "w"], ["y"])
    save(folder, quantized(["x", "a"], "s") + [product], {"x": x},
         {"y": (FLOAT, [1, 24, 9, 9] if conv else [5, N])},
         {"w": w, "s": np.float32(0.03), "z": np.uint8(128)}, opset=17)
    found, wanted, text = compile_twice(folder)
    if "xi32>" not in text or "quantized_matmul" in text:
        return f"{name}: expected a product of integers"
    if not np.abs(found - wanted).max() <= 2e-5 * np.abs(wanted).max():
        return f"{name}: off by {np.abs(found - wanted).max():g} of {np.abs(wanted).max():g}"
    return None


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True)
    problems = []
    for number, (name, (w, bits)) in enumerate(WEIGHTS.items()):
        for rows in (1, 2, K) if bits else (1,):
            problems.append(check_products(folder, name, w, bits, FLAGS[(number + rows) % len(FLAGS)], rows))
    plain = integers(-7, 7) * np.float32(0.03) + np.float32(0)
    signed = plain.copy()
    signed[3, 4] = -0.0
    for name, w, is_narrow in ("table", plain, True), ("table with -0", signed, False), ("drawn table", WEIGHTS["drawn"][0], False):
        for tied in False, True:
            problems.append(check_table(folder, name + (", tied" if tied else ""), w, is_narrow, tied))
    problems += [check_integers(folder, "quantized MatMul", False), check_integers(folder, "quantized Conv", True)]
    return "\n".join(filter(None, problems)) or None


if __name__ == "__main__":
    call_main(main, __doc__)
