#!/usr/bin/env python3
"""Products with constant weights of 2, 4 and 8 bits, in the forms in which models write them, beside ONNX Runtime.

usage: quantized_weights.py SCRATCH
"""
import pathlib
import shutil

import numpy as np
import onnxruntime
from command import call_main, lambent, run
from narrow import save
from onnx import TensorProto, helper

# Each case is compiled in one of these ways.
FLAGS = [], ["--accuracy=strict", "--cpu=x86-64-v3"], ["--cpu=x86-64"], ["--accuracy=strict"]
GENERATOR = np.random.default_rng(5)
FLOAT = TensorProto.FLOAT


def floats(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


def scales(*shape):
    return GENERATOR.uniform(0.05, 0.1, shape).astype(np.float32)


def bytes_of(*shape):
    return GENERATOR.integers(0, 256, shape).astype(np.uint8)


def codes(kind, *shape):
    """Numbers of a type with few bits, as ml_dtypes has it."""
    low, high = {"INT4": (-8, 8), "UINT4": (0, 16), "INT8": (-128, 128), "UINT8": (0, 256)}[kind]
    dtype = helper.tensor_dtype_to_np_dtype(getattr(TensorProto, kind))
    return GENERATOR.integers(low, high, shape).astype(dtype)


class Case:
    """Nodes that make y of x, and how many products keep their weights in few bits."""

    def __init__(self, nodes, x, constants, width, products=1):
        self.nodes, self.x, self.constants, self.width, self.products = nodes, x, constants, width, products


def multiply_bits():
    for bits, k, block, rows in (4, 96, 32, 1), (4, 96, 32, 3), (4, 90, 16, 1), (8, 64, 32, 1), (4, 64, 64, 30), (8, 80, 16, 9):
        blocks = -(-k // block)
        constants = {"b": bytes_of(70, blocks, block * bits // 8), "s": scales(70 * blocks)}
        packed = {"z": bytes_of(70 * -(-blocks * bits // 8))}
        for zeros in {}, packed:
            yield Case([helper.make_node("MatMulNBits", ["x", "b", "s", *zeros], ["y"], domain="com.microsoft", K=k, N=70,
                                         bits=bits, block_size=block)], floats(rows, k), constants | zeros, 70)


def dequantize():
    """DequantizeLinear before MatMul and Gemm: parameters of columns, of blocks, of all."""
    for kind in "INT4", "UINT4", "INT8", "UINT8":
        for axis, gemm in (0, False), (1, True):
            # Of [K, N] k is axis 0, and of Gemm's [N, K] it is 1.
            shape = (70, 64) if gemm else (64, 70)
            product = helper.make_node("Gemm" if gemm else "MatMul", ["x", "w"], ["y"], **({"transB": 1} if gemm else {}))
            table = tuple(size // 32 if i == axis else size for i, size in enumerate(shape))
            for parameters, attributes in (table, {"axis": axis, "block_size": 32}), ((70,), {"axis": 1 - axis}), ((), {}):
                constants = {"q": codes(kind, *shape), "s": scales(*parameters), "z": codes(kind, *parameters)}
                for names in ["q", "s"], ["q", "s", "z"]:
                    yield Case([helper.make_node("DequantizeLinear", names, ["w"], **attributes), product], floats(2, 64),
                               {name: constants[name] for name in names}, 70)


def cast():
    yield Case([helper.make_node("Cast", ["q"], ["f"], to=FLOAT), helper.make_node("Mul", ["f", "s"], ["w"]),
                helper.make_node("MatMul", ["x", "w"], ["y"])], floats(4, 3, 33),
               {"q": codes("INT8", 33, 20), "s": scales(20)}, 20)


def tied():
    """A table that rows are read of and that is multiplied by."""
    for rows in 1, 12:
        yield Case([helper.make_node("DequantizeLinear", ["q", "s"], ["w"], axis=1, block_size=16),
                    helper.make_node("Gather", ["w", "x"], ["e"], axis=0), helper.make_node("Transpose", ["w"], ["t"]),
                    helper.make_node("MatMul", ["e", "t"], ["y"])], GENERATOR.integers(0, 50, (1, rows)),
                   {"q": codes("INT4", 50, 48), "s": scales(50, 3)}, 50)


def check(folder, case, flags):
    shape = [*case.x.shape, case.width] if case.x.dtype == np.int64 else [*case.x.shape[:-1], case.width]
    model = save(folder, case.nodes, {"x": case.x}, {"y": (FLOAT, shape)}, case.constants)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    wanted, = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": case.x})
    name = " ".join(node.op_type for node in case.nodes) + " of " + " ".join(
        f"{v.dtype}{list(v.shape)}" for v in case.constants.values()) + f" at {list(case.x.shape)}"
    text = lambent("compile", folder / "model.onnx", "-o", "-", "--emit=graph")
    problems = []
    if text.count("graph.quantized_matmul") != case.products:
        problems.append(f"{name}: expected {case.products} products with weights of few bits")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *flags)
    found = run(folder / "model.so", folder / "in", folder / "out")["y.npy"]
    error = np.abs(found - wanted).max()
    if not error <= 2e-6 * np.abs(wanted).max():
        problems.append(f"{name} {flags}: off by {error:g} of {np.abs(wanted).max():g}")
    return problems


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems, number = [], 0
    for family in multiply_bits, dequantize, cast, tied:
        for case in family():
            number += 1
            folder = pathlib.Path(scratch, str(number))
            folder.mkdir(parents=True)
            problems += check(folder, case, FLAGS[number % len(FLAGS)])
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
