#!/usr/bin/env python3
"""Products whose operands --quantize=bf16 rounds, on every level of CPU against sums in f64.

usage: bf16.py SCRATCH
"""
import pathlib
import shutil

import ml_dtypes
import numpy as np
import onnx
from command import call_main, complain, lambent, run, write_inputs
from onnx import TensorProto, helper, numpy_helper

# An instruction for pairs, for one product, two vector widths, and none: what runs here.
CPUS = ["native", "x86-64-v4", "x86-64-v3", "x86-64"]
if "avx512f" not in pathlib.Path("/proc/cpuinfo").read_text():
    CPUS.remove("x86-64-v4")
BF16 = ml_dtypes.bfloat16


def rounded(x):
    return x.astype(BF16).astype(np.float64)


def save(path, nodes, inputs, weights, is_open=()):
    """`inputs` are arrays; the dims that `is_open` lists, as (input, dim), are left to runs."""
    info = helper.make_tensor_value_info
    sides = lambda k, v: [f"{k}{i}" if (k, i) in is_open else n for i, n in enumerate(v.shape)]
    graph = helper.make_graph(nodes, "g", [info(k, TensorProto.FLOAT, sides(k, v)) for k, v in inputs.items()],
                              [info("y", TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(v, k) for k, v in weights.items()])
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21)]), path)


def convolve(x, f, strides=(1, 1), dilations=(1, 1), pads=(0, 0, 0, 0), group=1):
    """ONNX's Conv of two spatial dims, in f64."""
    x = np.pad(x, [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])])
    reach = [d * (t - 1) + 1 for d, t in zip(dilations, f.shape[2:])]
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3))
    windows = windows[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]
    parts = [np.einsum("nchwij,ocij->nohw", one, other, optimize=True)
             for one, other in zip(np.split(windows, group, axis=1), np.split(f, group))]
    return np.concatenate(parts, axis=1)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def product(m, k, n, batch=(), constant=True, swap=(False, False), is_open=False):
    """A case: nodes, inputs, weights, open dims, and the product of f64 operands."""
    lhs, rhs = normal(1, *batch, *((k, m) if swap[0] else (m, k))), normal(2, *batch, *((n, k) if swap[1] else (k, n)))
    nodes, names = [], ["a", "b"]
    for i, name in enumerate(names):
        if swap[i]:
            perm = [*range(len(batch)), len(batch) + 1, len(batch)]
            nodes.append(helper.make_node("Transpose", [name], [f"{name}t"], perm=perm))
            names[i] = f"{name}t"
    nodes.append(helper.make_node("MatMul", names, ["y"]))
    inputs, weights = ({"a": lhs}, {"b": rhs}) if constant else ({"a": lhs, "b": rhs}, {})
    turn = lambda x, swaps: np.swapaxes(x, -1, -2) if swaps else x
    return (nodes, inputs, weights, [("a", len(batch) + swap[0])] if is_open else [],
            lambda a, b: turn(a, swap[0]) @ turn(b, swap[1]))


def convolution(shape, filter_shape, is_open=False, **attributes):
    nodes = [helper.make_node("Conv", ["a", "b"], ["y"], **attributes)]
    return (nodes, {"a": normal(3, *shape)}, {"b": normal(4, *filter_shape)}, [("a", 2), ("a", 3)] if is_open else [],
            lambda a, b: convolve(a, b, **attributes))


CASES = {
    "packed": product(19, 64, 37), "odd k": product(19, 21, 37), "one row": product(1, 70, 130),
    "two k": product(5, 2, 3), "many rows": product(300, 96, 70), "open rows": product(19, 64, 37, is_open=True),
    "open rows, odd k": product(7, 33, 40, is_open=True), "batch": product(5, 12, 17, batch=(3, 2)),
    "two inputs": product(9, 34, 50, constant=False), "two inputs, odd": product(40, 35, 33, constant=False),
    "swapped": product(9, 34, 50, constant=False, swap=(True, True)),
    "swapped, odd": product(50, 33, 18, constant=False, swap=(False, True)),
    "swapped constant": product(9, 34, 50, swap=(True, True)),
    "open, two inputs": product(9, 34, 50, constant=False, is_open=True),
    "1x1": convolution((1, 32, 9, 7), (40, 32, 1, 1)), "3x3": convolution((2, 16, 13, 11), (24, 16, 3, 3), pads=(1, 1, 1, 1)),
    "odd channels": convolution((1, 3, 21, 19), (16, 3, 7, 7), strides=(2, 2), pads=(3, 3, 3, 3)),
    "strides": convolution((1, 10, 14, 15), (33, 10, 3, 3), strides=(2, 2), pads=(0, 1, 1, 0)),
    "dilations": convolution((1, 6, 14, 15), (8, 6, 3, 2), dilations=(2, 3), pads=(2, 0, 1, 3)),
    "groups": convolution((1, 24, 8, 9), (12, 6, 3, 3), group=4, pads=(1, 1, 1, 1)),
    "groups of odd channels": convolution((1, 9, 8, 9), (12, 3, 3, 3), group=3),
    "open image": convolution((1, 8, 12, 17), (20, 8, 3, 3), pads=(1, 1, 1, 1), is_open=True),
}


def cases(folder):
    for name, (nodes, inputs, weights, is_open, compute) in CASES.items():
        save(folder / "model.onnx", nodes, inputs, weights, is_open)
        write_inputs(folder / "in", inputs)
        operands = [{**inputs, **weights}[key] for key in "ab"]
        wanted = compute(*map(rounded, operands))
        # What sums of f32 may be off by, some times.
        bound = 1e-6 * compute(*(np.abs(rounded(x)) for x in operands)) + 1e-30
        for cpu in CPUS:
            found = run(folder / "model.onnx", folder / "in", folder / "out", "--quantize=bf16", f"--cpu={cpu}")["y.npy"]
            off = np.abs(found - wanted)
            if not (off <= bound).all():
                yield f"{name} on {cpu}: off by up to {(off / bound).max():.3g} times what is allowed"
        if (np.abs(compute(*(x.astype(np.float64) for x in operands)) - wanted) <= bound).all():
            yield f"{name}: rounding can't be told"
        shutil.rmtree(folder / "in")


def chain(folder):
    """Sums stay f32 between layers: a product's result is rounded only as the next one's operand."""
    inputs, weights = {"a": normal(5, 8, 64)}, {"b": normal(6, 64, 48), "c": normal(7, 48, 32), "d": normal(8, 48)}
    nodes = [helper.make_node("MatMul", ["a", "b"], ["h"]), helper.make_node("Add", ["h", "d"], ["s"]),
             helper.make_node("Relu", ["s"], ["r"]), helper.make_node("MatMul", ["r", "c"], ["p"]),
             helper.make_node("ReduceSum", ["r"], ["t"], keepdims=1), helper.make_node("Add", ["p", "t"], ["y"])]
    save(folder / "model.onnx", nodes, inputs, weights)
    write_inputs(folder / "in", inputs)
    r = np.maximum((rounded(inputs["a"]) @ rounded(weights["b"])).astype(np.float32) + weights["d"], 0)
    wanted = rounded(r) @ rounded(weights["c"]) + r.astype(np.float64).sum()
    for cpu in CPUS:
        found = run(folder / "model.onnx", folder / "in", folder / "out", "--quantize=bf16", f"--cpu={cpu}")["y.npy"]
        # Few of what is between layers lie so near the middle of two bf16 that an f32 unit decides.
        if np.abs(found - wanted).max() > 1e-2 * np.abs(wanted).std():
            yield f"chain on {cpu}: off by {np.abs(found - wanted).max()}"


def refusals(folder):
    nodes, inputs, weights, _, _ = CASES["two k"]
    save(folder / "model.onnx", nodes, inputs, weights)
    said = complain("check", folder / "model.onnx", "--quantize=bf17")
    if "int4-weights, bf16 or a format of blocks, as mxfp8, for --quantize, but got 'bf17'" not in said:
        yield f"--quantize=bf17: {said}"
    lambent("check", folder / "model.onnx", "--quantize=bf16")


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems = []
    for check in (cases, chain, refusals):
        folder = pathlib.Path(scratch, check.__name__)
        folder.mkdir(parents=True)
        problems += filter(None, check(folder))
    print("\n".join(problems) or "all as expected")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
