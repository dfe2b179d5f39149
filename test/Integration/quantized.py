#!/usr/bin/env python3
"""Products, convolutions and com.microsoft's ops on quantized elements, compared with ONNX Runtime.

usage: quantized.py SCRATCH

Sums of integers are exact. What ONNX Runtime computes by other means than the formula (tables, reciprocals) may be one
step away where a quotient lies in the middle.
"""
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from command import call_main
from narrow import execute, save
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

GENERATOR = np.random.default_rng(11)
UINT8, INT8, INT32, FLOAT = TensorProto.UINT8, TensorProto.INT8, TensorProto.INT32, TensorProto.FLOAT


def random(dtype, *shape):
    limits = np.iinfo(dtype)
    return GENERATOR.integers(limits.min, limits.max + 1, shape).astype(dtype)


def floats(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


def scale(value, *shape):
    return np.full(shape, value, np.float32) * GENERATOR.uniform(0.9, 1.1, shape).astype(np.float32)


def zero(value, dtype):
    return np.array(value, dtype)


class Case:
    """One node: its inputs in order (None is left out), its output's type and shape."""

    def __init__(self, op, inputs, output, domain="", steps=0, **attributes):
        self.op, self.inputs, self.output = op, inputs, output
        self.domain, self.steps, self.attributes = domain, steps, attributes
        self.wanted = None  # what ONNX Runtime says


def microsoft(op, inputs, output, steps=0, **attributes):
    return Case(op, inputs, output, "com.microsoft", steps, **attributes)


def products():
    u, s, o = random(np.uint8, 5, 9), random(np.int8, 9, 6), zero(131, np.uint8)
    rows, columns = random(np.uint8, 5), random(np.int8, 6)
    yield Case("MatMulInteger", [u, s, o, zero(-3, np.int8)], (INT32, [5, 6]))
    yield Case("MatMulInteger", [random(np.uint8, 2, 5, 9), random(np.uint8, 2, 9, 6)], (INT32, [2, 5, 6]))
    yield Case("MatMulInteger", [u, s, o, columns], (INT32, [5, 6]))
    yield Case("QLinearMatMul", [u, scale(.01), o, s, scale(.02), zero(4, np.int8), scale(.04), zero(100, np.uint8)],
               (UINT8, [5, 6]))
    yield Case("QLinearMatMul", [u, scale(.01), o, s, scale(.02, 6), columns, scale(.04), zero(100, np.uint8)],
               (UINT8, [5, 6]))
    bias = random(np.int32, 6) // 1000000
    for b, attributes in ((s, {}), (s.T.copy(), {"transB": 1})):
        quantized = [u, scale(.01), o, b, scale(.02, 6), columns, bias]
        yield microsoft("QGemm", [*quantized, scale(.04), zero(100, np.uint8)], (UINT8, [5, 6]), alpha=1.5,
                        **attributes)
        yield microsoft("QGemm", quantized, (FLOAT, [5, 6]), **attributes)
    yield microsoft("MatMulIntegerToFloat", [u, s, scale(.01), scale(.02, 6), o, columns, floats(6)], (FLOAT, [5, 6]))
    yield microsoft("DynamicQuantizeMatMul", [floats(5, 9), s, scale(.02), zero(3, np.int8), floats(6)],
                    (FLOAT, [5, 6]))


def convolutions():
    x, w = random(np.uint8, 2, 4, 7, 8), random(np.int8, 6, 4, 3, 3)
    window = {"pads": [1, 2, 0, 1], "strides": [2, 1], "dilations": [1, 2]}
    yield Case("ConvInteger", [x, random(np.uint8, 6, 4, 3, 3), zero(120, np.uint8)], (INT32, [2, 6, 3, 7]), **window)
    parameters = [scale(.01), zero(130, np.uint8)]
    out = [scale(.05), zero(110, np.uint8)]
    bias = random(np.int32, 6) // 1000000
    yield Case("QLinearConv", [x, *parameters, w, scale(.01), zero(0, np.int8), *out, bias], (UINT8, [2, 6, 3, 7]),
               **window)
    yield Case("QLinearConv", [x, *parameters, w, scale(.01, 6), np.zeros(6, np.int8), *out], (UINT8, [2, 6, 7, 8]),
               auto_pad="SAME_UPPER")
    yield Case("QLinearConv", [x, *parameters, random(np.int8, 4, 1, 3, 3), scale(.01, 4), np.zeros(4, np.int8), *out],
               (UINT8, [2, 4, 5, 6]), group=4)
    yield Case("QLinearConv", [random(np.uint8, 1, 3, 9), *parameters, random(np.uint8, 2, 3, 4), scale(.01),
                               zero(7, np.uint8), *out], (UINT8, [1, 2, 6]))


    # Filters whose zero point is neither 0 nor, of bytes without a sign, 128: in one group, in several, each channel by itself.
    for channels, filters, group in ((8, 6, 1), (8, 6, 2), (6, 6, 6), (3, 5, 1)):
        x = random(np.uint8, 2, channels, 7, 8)
        for dtype, middle in ((np.uint8, 121), (np.int8, -9), (np.uint8, 0)):
            shape = (filters, channels // group, 3, 3)
            yield Case("QLinearConv", [x, *parameters, random(dtype, *shape), scale(.01, filters), np.full(filters, middle, dtype), *out,
                                       random(np.int32, filters) // 1000000], (UINT8, [2, filters, 3, 7]), group=group, **window)
            if group == 1 and dtype == np.uint8:
                yield Case("ConvInteger", [x, random(dtype, *shape), zero(120, np.uint8), zero(middle, dtype)], (INT32, [2, filters, 3, 7]),
                           **window)


def element_wise():
    a, b = random(np.uint8, 3, 1, 5), random(np.uint8, 4, 5)
    both = [a, scale(.1), zero(120, np.uint8), b, scale(.2), zero(99, np.uint8), scale(.3), zero(128, np.uint8)]
    yield microsoft("QLinearAdd", both, (UINT8, [3, 4, 5]), steps=1)
    yield microsoft("QLinearMul", [*both[:6], scale(2), zero(128, np.uint8)], (UINT8, [3, 4, 5]), steps=1)
    for dtype, kind, middle in ((np.uint8, UINT8, 128), (np.int8, INT8, 3)):
        x = [random(dtype, 4, 6), scale(.05), zero(middle, dtype)]
        yield microsoft("QLinearSigmoid", [*x, scale(1 / 256), zero(0, dtype)], (kind, [4, 6]), steps=1)
        yield microsoft("QLinearLeakyRelu", [*x, scale(.04), zero(middle, dtype)], (kind, [4, 6]), steps=1, alpha=.2)
        yield microsoft("QLinearSoftmax", [*x, scale(1 / 256), zero(0, dtype)], (kind, [4, 6]), steps=1, axis=-1,
                        opset=13)
        yield microsoft("QLinearConcat", [scale(.06), zero(middle, dtype), *x, random(dtype, 4, 2), scale(.03),
                                          zero(1, dtype)], (kind, [4, 8]), steps=1, axis=1)


def choices():
    for dtype, kind, middle in ((np.uint8, UINT8, 128), (np.int8, INT8, 3)):
        x, y = random(dtype, 3, 1, 5), random(dtype, 4, 5)
        yield microsoft("QLinearWhere", [GENERATOR.random((3, 4, 1)) < .5, x, scale(.1), zero(middle, dtype), y, scale(.07),
                                         zero(1, dtype), scale(.08), zero(middle + 2, dtype)], (kind, [3, 4, 5]), steps=1)


def pools():
    parameters = [scale(.1), zero(120, np.uint8), scale(.07), zero(99, np.uint8)]
    x = random(np.uint8, 1, 3, 6, 7)
    yield microsoft("QLinearAveragePool", [x, *parameters], (UINT8, [1, 3, 5, 4]), steps=1, kernel_shape=[2, 2],
                    strides=[1, 2], pads=[0, 0, 0, 1])
    yield microsoft("QLinearAveragePool", [x, *parameters], (UINT8, [1, 3, 6, 7]), steps=1, kernel_shape=[3, 3],
                    pads=[1, 1, 1, 1], count_include_pad=1)
    yield microsoft("QLinearGlobalAveragePool", [x, *parameters], (UINT8, [1, 3, 1, 1]), steps=1, channels_last=0)
    yield microsoft("QLinearGlobalAveragePool", [random(np.uint8, 1, 6, 7, 3), *parameters], (UINT8, [1, 1, 1, 3]),
                    steps=1, channels_last=1)


def multiply_blocks(a, b, scales, zeros, order, bias, K, N, bits, block_size):
    """MatMulNBits in plain steps."""
    def unpack(data, columns):
        elements = (data.reshape(N, -1, 1) >> np.arange(0, 8, bits, dtype=np.uint8)) & (2 ** bits - 1)
        return elements.reshape(N, -1)[:, :columns].astype(np.float64)
    q, scales = unpack(b, K), scales.reshape(N, -1)
    if zeros is None:
        zeros = np.full_like(scales, 2 ** (bits - 1))
    else:
        zeros = unpack(zeros, scales.shape[1]) if zeros.dtype == np.uint8 else zeros.reshape(N, -1)
    groups = np.arange(K) // block_size if order is None else order
    product = a @ ((q - zeros[:, groups]) * scales[:, groups]).T
    return (product if bias is None else product + bias).astype(np.float32)


def weights():
    for k, block in ((64, 32), (40, 16)):
        blocks = -(-k // block)
        a, b = floats(3, k), random(np.uint8, 6, blocks, block // 2)
        sizes = {"K": k, "N": 6, "bits": 4, "block_size": block}
        scales = scale(.1, 6 * blocks)
        yield microsoft("MatMulNBits", [a, b, scales], (FLOAT, [3, 6]), **sizes)
        yield microsoft("MatMulNBits", [a, b, scales, random(np.uint8, 6 * -(-blocks // 2))], (FLOAT, [3, 6]), **sizes)
    # Columns in groups of any order, weights of all widths, zero points of both kinds, a bias.
    k, block, blocks = 40, 16, 3
    for bits in (2, 4, 8):
        a, b = floats(3, k), random(np.uint8, 6, blocks, block * bits // 8)
        scales, packed = scale(.1, 6 * blocks), random(np.uint8, 6 * -(-blocks * bits // 8))
        sizes = {"K": k, "N": 6, "bits": bits, "block_size": block}
        for zeros in (None, packed, floats(6 * blocks) + np.float32(7)):
            for order in (None, GENERATOR.integers(0, blocks, k).astype(np.int32)):
                for bias in (None, floats(6)):
                    case = microsoft("MatMulNBits", [a, b, scales, zeros, order, bias], (FLOAT, [3, 6]), **sizes)
                    # Of these ONNX Runtime has no kernel, or one that is off even where g_idx says what blocks say.
                    if order is not None and (bits != 4 or zeros is packed) or bits == 8 and zeros is not None and zeros is not packed:
                        case.wanted = multiply_blocks(*case.inputs, **sizes)
                    yield case
    table, indices = random(np.uint8, 9, 16), np.array([[3, 0], [8, 5]])
    yield microsoft("GatherBlockQuantized", [table, indices, scale(.1, 9, 2)], (FLOAT, [2, 2, 32]), gather_axis=0,
                    quantize_axis=1, block_size=16, bits=4)
    yield microsoft("GatherBlockQuantized", [table, indices, scale(.1, 9, 2), random(np.uint8, 9, 1)],
                    (FLOAT, [2, 2, 32]), gather_axis=0, quantize_axis=1, block_size=16, bits=4)


def sequences():
    for dtype, direction, columns in (np.int8, "forward", False), (np.uint8, "bidirectional", True), (np.int8, "reverse", True):
        dirs, middle = 2 if direction == "bidirectional" else 1, 0 if dtype == np.int8 else 128
        shape = (dirs, 20) if columns else (dirs,)
        x, lengths = floats(4, 2, 6), np.array([4, 2], np.int32)
        yield microsoft("DynamicQuantizeLSTM", [x, random(dtype, dirs, 6, 20), random(dtype, dirs, 5, 20), floats(dirs, 40),
                                                lengths, floats(dirs, 2, 5), floats(dirs, 2, 5), None, scale(.01, *shape),
                                                np.full(shape, middle, dtype), scale(.005, *shape),
                                                np.full(shape, middle, dtype)],
                        (FLOAT, [4, dirs, 2, 5]), steps=4, hidden_size=5, direction=direction)


def check(folder, case):
    names = ["" if value is None else f"i{i}" for i, value in enumerate(case.inputs)]
    while not names[-1]:
        names.pop()
    given = {name: value for name, value in zip(names, case.inputs) if name}
    # The data is an input, all else a weight, as quantizers write it.
    inputs = {"i0": given.pop("i0")} if "i0" in given and np.ndim(given["i0"]) else {"i2": given.pop("i2")}
    node = helper.make_node(case.op, names, ["y"], domain=case.domain, **case.attributes)
    model = save(folder, [node], inputs, {"y": case.output}, given, opset=21)
    model.ir_version = 10
    wanted = case.wanted
    if wanted is None:
        options = onnxruntime.SessionOptions()
        # Without it sums of pairs saturate on CPUs that lack VNNI.
        options.add_session_config_entry("session.x64quantprecision", "1")
        options.log_severity_level = 3
        # Of this one they saturate even so.
        session = (ReferenceEvaluator(model) if case.op == "QLinearMatMul" else
                   onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]))
        wanted, = session.run(None, inputs)
    found = execute(folder, ahead=False)["y.npy"]
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return f"{case.op} {case.attributes}: {found.dtype} {found.shape}, expected {wanted.dtype} {wanted.shape}"
    error = np.abs(found.astype(np.float64) - wanted.astype(np.float64)).max()
    # What is computed from floats that were quantized on the way may be off by some steps of 1/255.
    limit = case.steps if wanted.dtype.kind != "f" else max(1e-4, case.steps / 255) * np.abs(wanted).max()
    return None if error <= limit else f"{case.op} {case.attributes}: off by {error:g}, expected at most {limit:g}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems, number = [], 0
    for family in (products, convolutions, element_wise, choices, pools, weights, sequences):
        for case in family():
            number += 1
            folder = pathlib.Path(scratch, f"{number}-{case.op}")
            folder.mkdir(parents=True)
            problems.append(check(folder, case))
    return "\n".join(filter(None, problems)) or None


if __name__ == "__main__":
    call_main(main, __doc__)
