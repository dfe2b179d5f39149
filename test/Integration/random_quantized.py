"""The ops of random graphs on quantized elements. Scales are powers of 2 where a result is rounded to integers, so that a
quotient in the middle of two steps is the same however it is computed."""
import math

import numpy as np

from random_graph import F32, I8, U8, Rejected

KINDS = (U8, I8)
MICROSOFT = "com.microsoft"


def scale(g, shape=()):
    return g.fixed(np.full(shape, g.choose([0.125, 0.25, 0.5, 1.0]), np.float32))


def zero(g, dtype, shape=()):
    return g.fixed(np.full(shape, g.between(100, 140) if dtype == U8 else g.between(-3, 3), dtype))


def quantized(g, shape, dtype=None, constant=None):
    value = g.new(shape, dtype or g.choose(KINDS), constant)
    low, high = (-128, 127) if value.dtype == I8 else (0, 255)
    value.array = g.rng.integers(low, high + 1, value.shape).astype(value.dtype)
    (g.constants if value.constant else g.inputs)[value.name] = value.array
    return value


def quantize(g):
    x = g.take((F32,), fits=lambda v: v.error == 0)
    dtype = g.choose(KINDS)
    axis = g.axis(x) if x.rank and g.chance(0.4) else None
    shape = [x.shape[axis]] if axis is not None else []
    z = [zero(g, dtype, shape)] if dtype == I8 or g.chance(0.8) else []
    more = {} if axis is None else {"axis": axis}
    s = scale(g, shape)
    q = g.add("QuantizeLinear", [x, s, *z], **more)
    if g.chance(0.6):
        g.add("DequantizeLinear", [q, s, *z], 3, **more)


def dequantize(g):
    x = quantized(g, g.sizes(g.between(0, 4)))
    shape, more = [], {}
    if x.rank and g.chance(0.5):
        axis = g.axis(x)
        shape, more = [x.shape[axis]], {"axis": axis}
    g.add("DequantizeLinear", [x, scale(g, shape)] + ([zero(g, x.dtype, shape)] if g.chance(0.6) else []), 3, **more)


def dynamic(g):
    g.add("DynamicQuantizeLinear", [g.take((F32,), fits=lambda v: v.error == 0 and v.array.size > 0)], outputs=3)


def product(g):
    m, k, n = (g.choose([1, 2, 3, 5, 8, 17, 33]) for _ in range(3))
    batch = g.choose([[], [], [2], [0]])
    a = quantized(g, [*batch, m, k])
    b = quantized(g, [k, n], I8 if a.dtype == I8 else g.choose(KINDS))  # as below
    if g.chance(0.5):
        points = [zero(g, a.dtype), zero(g, b.dtype, [n] if g.chance(0.3) else [])][:g.between(0, 2)]
        g.add("MatMulInteger", [a, b, *points])
    else:
        g.add("QLinearMatMul", [a, scale(g), zero(g, a.dtype), b, scale(g), zero(g, b.dtype), scale(g), zero(g, a.dtype)])


def are_one_convolution(pads, weight):
    """Whether windows fit in the image, and there is a bias for each channel: ONNX's reference takes others, too."""
    def agree(x, *rest):
        w, biases = rest[weight - 1], rest[7:8]
        room = [size + before + after for size, before, after in zip(x.shape[2:], pads, pads[len(pads) // 2:])]
        return (all(size >= kernel for size, kernel in zip(room, w.shape[2:])) and
                all(bias.shape[0] == w.shape[0] for bias in biases))
    return agree


def convolution(g):
    spatial = g.choose([1, 2, 2])
    group, each = g.choose([1, 1, 2, 4]), g.between(1, 3)
    x = quantized(g, [g.between(1, 2), group * each, *(g.between(3, 9) for _ in range(spatial))])
    kernel = [g.between(1, 3) for _ in range(spatial)]
    # Where ONNX Runtime has no kernel, ONNX's reference rounds in another way.
    w = quantized(g, [group * g.between(1, 4), each, *kernel], I8 if x.dtype == I8 else g.choose(KINDS), constant=g.chance(0.8))
    how = dict(group=group, strides=[g.between(1, 2) for _ in kernel], pads=[g.between(0, 1) for _ in range(2 * spatial)])
    if g.chance(0.4):
        g.add("ConvInteger", [x, w, *[zero(g, x.dtype), zero(g, w.dtype)][:g.between(0, 2)]],
              demand=are_one_convolution(how["pads"], 1), **how)
    else:
        bias = [g.fixed(g.rng.integers(-90, 90, w.shape[0]).astype(np.int32))] if g.chance(0.5) else []
        each = [w.shape[0]] if g.chance(0.4) else []
        g.add("QLinearConv", [x, scale(g), zero(g, x.dtype), w, scale(g, each), zero(g, w.dtype), scale(g), zero(g, x.dtype), *bias],
              demand=are_one_convolution(how["pads"], 3), **how)


def surrounded(g):
    """Products of what was quantized, as models have them: they become products of integers."""
    m, k, n = (g.choose([1, 2, 3, 5, 8, 17]) for _ in range(3))
    x = g.take((F32,), [2], fits=lambda v: v.error == 0 and v.shape[1] > 0) if g.chance(0.5) else g.new([m, k])
    s, z, t = scale(g), zero(g, U8), scale(g)
    a = g.add("DequantizeLinear", [g.add("QuantizeLinear", [x, s, z]), s, z], 3)
    b = g.add("DequantizeLinear", [quantized(g, [x.shape[1], n], I8, True), t, g.fixed(np.int8(0))], 3)
    y = g.add("MatMul", [a, b], 6, products=x.shape[1])
    if g.chance(0.5):
        y = g.add("Relu", [y], y.grain)
    if y.error == 0:
        g.add("QuantizeLinear", [y, scale(g), zero(g, U8)])


def elementwise(g):
    """com.microsoft's sums and products. ONNX Runtime adds the zero point before it rounds, so nothing is to be rounded."""
    x = quantized(g, g.sizes(g.between(1, 3)))
    y = quantized(g, [1 if g.chance(0.3) else d for d in x.shape], x.dtype)
    if math.prod(x.shape) == 0:
        raise Rejected
    a, b = scale(g), scale(g)
    op, smallest = g.choose([("QLinearAdd", min(a.array, b.array)), ("QLinearMul", a.array * b.array)])
    g.add(op, [x, a, zero(g, x.dtype), y, b, zero(g, x.dtype), g.fixed(np.float32(smallest)), zero(g, x.dtype)], domain=MICROSOFT)


def to_float(g):
    m, k, n = (g.choose([1, 2, 3, 5, 8, 17]) for _ in range(3))
    if g.chance(0.5):
        g.add("MatMulIntegerToFloat", [quantized(g, [m, k], U8), quantized(g, [k, n]), scale(g), scale(g)], products=k,
              domain=MICROSOFT)
    else:
        b = quantized(g, [k, n], constant=True)
        g.add("DequantizeLinear", [b, scale(g), zero(g, b.dtype)], 3, domain=MICROSOFT)


QUANTIZED_OPS = [(quantize, 3), (dequantize, 2), (dynamic, 1), (product, 3), (convolution, 3), (surrounded, 2), (elementwise, 1),
                 (to_float, 1)]
