#!/usr/bin/env python3
"""Convolutions pruned in the Winograd domain, against NumPy's Winograd with the same vectors left out.

usage: winograd_zeros.py SCRATCH

The compiler says which form it took and in which panels; NumPy leaves vectors out one after the other, as
include/lambent/Lowering/Kernels/PointElimination.h describes it. Below the break-even point code must be that of whole
filters.
"""
import pathlib
import re
import shutil

import numpy as np
import onnx
from command import call_main, lambent, run, write_inputs
from near import same_bits
from onnx import TensorProto, helper, numpy_helper

GENERATOR = np.random.default_rng(11)
POINTS = {3: [0, 1, -1], 5: [0, 5 / 8, -5 / 8, 3 / 2, -3 / 2]}  # finite ones, by how many
PATTERN = (r"#cpu\.sparse_winograd<rows = \d+, columns = (\d+), tileHeight = (\d+), tileWidth = (\d+), keptSteps = \d+, "
           r"threshold = ([0-9.e+-]+)")


def make_matrices(outputs, taps=3):
    """B^T, G and A^T of F(outputs, taps)."""
    points = POINTS[outputs + taps - 2]
    count = len(points) + 1
    rows = []
    for i in range(count):
        roots = [p for j, p in enumerate(points) if j != i]
        coefficients = np.poly(roots)[::-1]
        rows.append(np.pad(coefficients, (0, count - len(coefficients))))
    scale = [np.prod([p - q for q in points if q != p]) for p in points] + [1]
    powers = lambda n: np.array([[p ** k for k in range(n)] for p in points] + [[0] * (n - 1) + [1]], float)
    return np.array(rows), powers(taps) / np.array(scale)[:, None], powers(outputs).T


def eliminate(u, forms, zeros):
    """[cases, points, columns] without the part `zeros` of all points, the others as they make up for them, and the largest
    importance among these."""
    (by, _, ay), (bx, _, ax) = (make_matrices(outputs) for outputs in forms)
    inputs, outputs = np.kron(by, bx), np.kron(ay, ax)
    mean = inputs.sum(1)
    overlaps = outputs.T @ outputs * (inputs @ inputs.T + 0.46694 * np.outer(mean, mean))

    def run(u, most):
        cases = np.arange(len(u))
        left = np.repeat(np.linalg.inv(overlaps)[None], len(u), 0)
        importance, level = np.full(u.shape[:2], np.inf), np.zeros(len(u))
        for _ in range(u.shape[1]):
            stays = np.isinf(importance)
            loss = np.where(stays, (u ** 2).sum(-1) / np.where(stays, np.einsum("npp->np", left), 1), np.inf)
            point = loss.argmin(1)
            level = np.maximum(level, np.sqrt(loss[cases, point]))
            goes = (level <= most) & stays[cases, point]
            importance[cases[goes], point[goes]] = level[goes]
            row = left[cases, point]
            factor = row / row[cases, point][:, None] * goes[:, None]
            u = u - np.where(np.isinf(importance), factor, 0)[:, :, None] * u[cases, point][:, None]
            left = left - factor[:, :, None] * row[:, None]
        return u, importance

    importance = run(u, np.inf)[1]
    threshold = np.sort(importance, axis=None)[int(zeros * importance.size) - 1]
    u, importance = run(u, threshold)
    return u * np.isinf(importance)[..., None], threshold


def convolve(x, w, forms, columns, zeros, pad=1):
    """By Winograd in f64, without the part `zeros` of the vectors of `columns` outputs, and the threshold of these."""
    (by, gy, ay), (bx, gx, ax) = (make_matrices(outputs) for outputs in forms)
    outputs, inputs = w.shape[:2]
    height, width = len(by), len(bx)
    panels = -(-outputs // columns)
    u = np.einsum("pi,onid,qd->pqno", gy, w.astype(np.float64), gx).astype(np.float32).astype(np.float64)
    u = np.pad(u, [(0, 0)] * 3 + [(0, panels * columns - outputs)])
    u = u.reshape(height * width, inputs * panels, columns).transpose(1, 0, 2)
    u, threshold = eliminate(u, forms, zeros)
    u = u.transpose(1, 0, 2).reshape(height, width, inputs, -1)[..., :outputs]

    images, _, height, width = x.shape
    tiles = [-(-size // m) for size, m in zip((height, width), forms)]
    x = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *((pad, pad + t * m - size) for t, m, size in zip(tiles, forms, (height, width)))])
    y = np.zeros((images, outputs, tiles[0] * forms[0], tiles[1] * forms[1]))
    for i in range(tiles[0]):
        for j in range(tiles[1]):
            top, left = i * forms[0], j * forms[1]
            d = x[:, :, top:top + forms[0] + 2, left:left + forms[1] + 2]
            v = np.einsum("py,bnyx,qx->bnpq", by, d, bx)
            m = np.einsum("pqno,bnpq->bopq", u, v)
            y[:, :, top:top + forms[0], left:left + forms[1]] = np.einsum("ip,bopq,jq->boij", ay, m, ax)
    return y[:, :, :height, :width], threshold


# name: inputs, outputs, [images, height, width], percent, flags
CASES = {
    "80 %": (64, 64, (1, 28, 30), 80, []),
    "odd sizes": (40, 72, (2, 27, 29), 85, []),
    "AVX2": (64, 80, (1, 29, 28), 75, ["--cpu=x86-64-v3"]),
    "by name": (64, 64, (1, 28, 28), 90, []),
}


def save(folder, inputs, outputs, images, height, width):
    """With a bias and a ReLU behind it, beside a smaller one that Winograd is not for."""
    drawn = lambda *shape: GENERATOR.standard_normal(shape).astype(np.float32)
    x, w, b, small = drawn(images, inputs, height, width), drawn(outputs, inputs, 3, 3), drawn(outputs), drawn(4, outputs, 1, 1)
    info = helper.make_tensor_value_info
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], name="three", pads=[1] * 4),
             helper.make_node("Relu", ["c"], ["y"]),
             helper.make_node("Conv", ["y", "small"], ["z"], name="one")]
    graph = helper.make_graph(nodes, "g", [info("x", TensorProto.FLOAT, x.shape)],
                              [info("y", TensorProto.FLOAT, [None] * 4), info("z", TensorProto.FLOAT, [None] * 4)],
                              [numpy_helper.from_array(value, name) for value, name in ((w, "w"), (b, "b"), (small, "small"))])
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), folder / "model.onnx")
    write_inputs(folder / "in", {"x": x})
    return x, w, b


def check(folder, name):
    inputs, outputs, sizes, percent, flags = CASES[name]
    x, w, b = save(folder, inputs, outputs, *sizes)
    option = f"--winograd-zeros-of=three={percent}" if name == "by name" else f"--winograd-zeros={percent}"
    text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=lir", option, *flags)
    found = re.search(r"attributes \{algorithm = " + PATTERN, text)
    if not found:
        return f"{name}: expected sparse_winograd"
    columns, height, width = map(int, found.groups()[:3])
    sums, threshold = convolve(x, w, (height, width), columns, percent / 100)
    if abs(float(found[4]) - threshold) > 1e-5 * threshold:
        return f"{name}: expected {threshold:g} as the threshold, but got {found[4]}"
    wanted = np.maximum(sums + b[:, None, None], 0)
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", option, *flags)
    one, two = (run(folder / "model.so", folder / "in", folder / "out", f"--threads={n}")["y.npy"] for n in (1, 2))
    if not same_bits(one, two):
        return f"{name}: bits depend on threads"
    error = np.abs(one - wanted).max() / np.abs(wanted).max()
    return None if error <= 1e-5 else f"{name}: off by {error:g}"


def check_few(folder):
    """Code for so few zeros is that for none, and so are results."""
    save(folder, 64, 64, 1, 28, 28)
    codes, results = [], []
    for option in [], ["--winograd-zeros=5"], ["--winograd-zeros=80", "--winograd-zeros-of=three=0"]:
        # Instructions alone: what a report says of each differs.
        text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=asm", *option)
        codes.append("\n".join(re.findall(r"^\t[a-z].*", text, re.M)))
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *option)
        results.append(run(folder / "model.so", folder / "in", folder / "out")["z.npy"])
    if len(set(codes)) > 1:
        return "few zeros: expected the code for none"
    return None if all(same_bits(results[0], other) for other in results[1:]) else "few zeros: expected the bits for none"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True)
    return "\n".join(filter(None, [check_few(folder), *(check(folder, name) for name in CASES)])) or None


if __name__ == "__main__":
    call_main(main, __doc__)
