"""The ops of random graphs that are layers: recurrent ones, norms, attention, images, signals and losses."""
import dataclasses
import math

import numpy as np

from random_graph import BOOL, F32, F64, I32, I64, Rejected
from random_ops import windows_fit

MICROSOFT = "com.microsoft"


def smooth(g):
    """Functions whose arguments have to lie within bounds."""
    op, low, high = g.choose([("Tan", -1.2, 1.2), ("Sinh", -4, 4), ("Cosh", -4, 4), ("Asin", -0.9, 0.9), ("Acos", -0.9, 0.9),
                              ("Asinh", -9, 9), ("Acosh", 1.5, 9), ("Atanh", -0.9, 0.9), ("Celu", -9, 9), ("Selu", -9, 9),
                              ("ThresholdedRelu", -9, 9), ("Shrink", -9, 9), ("Swish", -9, 9)])
    x = g.take((F32,), fits=lambda v: v.error == 0 or op not in ("ThresholdedRelu", "Shrink"))
    x = g.add("Clip", [x, g.fixed(np.float32(low)), g.fixed(np.float32(high))])
    more = dict(alpha=1.25) if op == "ThresholdedRelu" else dict(lambd=0.75, bias=0.5) if op == "Shrink" else {}
    g.add(op, [x], **more)


def power(g):
    x = g.take((F32, I64, I32), fits=lambda v: v.largest <= 8)
    if x.dtype == F32 and g.chance(0.5):
        x = g.add("Abs", [x], x.grain)
    g.add("Pow", [x, g.fixed(np.array(g.choose([0, 1, 2, 3]), x.dtype))])


def prelu(g):
    x = g.take((F32,), range(1, 5))
    g.add("PRelu", [x, g.new([x.shape[-1]])], x.grain + 2)


def mean(g):
    x = g.take((F32, F64))
    g.add("Mean", [x, g.like(x), x])


def recurrent(g):
    op, dirs = g.choose(["LSTM", "GRU", "RNN"]), g.between(1, 2)
    steps, batch, size, hidden = g.between(1, 4), g.between(1, 3), g.between(1, 5), g.choose([1, 2, 3, 4, 8, 16])
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    x = g.new([steps, batch, size])
    w, r = (g.new([dirs, gates * hidden, n], constant=True) for n in (size, hidden))
    optional = [g.new([dirs, 2 * gates * hidden], constant=True) if g.chance(0.6) else None,
                g.fixed(g.rng.integers(1, steps + 1, batch).astype(np.int32)) if g.chance(0.3) else None,
                g.new([dirs, batch, hidden]) if g.chance(0.5) else None]
    if op == "LSTM":
        optional.append(g.new([dirs, batch, hidden]) if g.chance(0.4) else None)
        optional.append(g.new([dirs, 3 * hidden], constant=True) if g.chance(0.3) else None)
    while optional and optional[-1] is None:
        optional.pop()
    more = dict(linear_before_reset=g.between(0, 1)) if op == "GRU" else {}
    direction = "bidirectional" if dirs == 2 else g.choose(["forward", "reverse"])

    def rule(node, values, growth):
        first, *others = [values[name] for name in node.input if name]
        states = [v for v in others[2:] if v.rank == 3]
        batches = [v.shape[1] for v in states] + [v.shape[0] for v in others if v.dtype == I32]
        longest = max([v.array.max(initial=0) for v in others if v.dtype == I32], default=0)
        if set(batches) - {first.shape[1]} or {v.shape[0] for v in states} - {dirs} or longest > first.shape[0]:
            raise Rejected
        # Step by step, what is rounded may grow.
        first = dataclasses.replace(first, error=max(first.error, 1e-6))
        return g.judge(node, [first, *others], None, 1, 4 * first.shape[0], 1)

    g.put(op, [x, w, r, *optional], rule, 3 if op == "LSTM" else 2, hidden_size=hidden, direction=direction, **more)


def one_of_each_channel(x, *scales):
    return all(v.shape == x.shape[1:2] for v in scales)


def norm(g):
    kind = g.choose(["GroupNormalization", "RMSNormalization", "LRN", "LpNormalization", "MeanVarianceNormalization",
                     "SimplifiedLayerNormalization", "LayerNormalization", "BatchNormalization"])
    spread = lambda v: v.array.size > 0 and v.array.std() > 0.3  # noqa: E731
    if kind in ("RMSNormalization", "SimplifiedLayerNormalization", "LayerNormalization"):
        x = g.take((F32,), range(2, 5), fits=lambda v: spread(v) and v.shape[-1] > 2)
        axis = g.choose([-1, -1, x.rank - 2])
        scale = g.new(x.shape[axis:], constant=g.chance(0.7))
        if kind == "RMSNormalization" and g.opset < 23:
            raise Rejected
        g.add(kind, [x, scale], axis=axis, epsilon=0.01, loose=4)
        return
    x = g.take((F32,), [3, 4], fits=lambda v: spread(v) and v.shape[1] < 9)
    channels = x.shape[1]
    if kind == "GroupNormalization":
        groups = g.choose([n for n in range(1, channels + 1) if channels % n == 0])
        g.add(kind, [x, g.new([channels]), g.new([channels])], num_groups=groups, epsilon=0.01, loose=4,
              demand=one_of_each_channel)
    elif kind == "LRN":
        g.add(kind, [x], size=g.choose([1, 3, 5]), alpha=0.5, loose=4)
    elif kind == "LpNormalization":
        x = g.add("Add", [g.add("Abs", [x], x.grain), g.fixed(np.float32(0.5))], x.grain)
        g.add(kind, [x], axis=g.axis(x), p=g.between(1, 2), loose=4)
    elif kind == "MeanVarianceNormalization":
        g.add(kind, [x], axes=[0, 2] if x.rank == 3 else [0, 2, 3], loose=9)
    else:
        scale, bias, middle = (g.new([channels], constant=g.chance(0.5)) for _ in range(3))
        g.add(kind, [x, scale, bias, middle, g.fixed(np.full([channels], 1.5, np.float32))], loose=4,
              demand=one_of_each_channel)


def are_one_attention(heads, shared):
    """Whether batches, heads and lengths agree: references broadcast."""
    def agree(q, k, v, *rest):
        for mask in rest[:1]:
            if mask.shape[-2:] != (q.shape[-2], k.shape[-2]) or set(mask.shape[:-2]) - {1, q.shape[0]}:
                return False
        if q.rank == 4 and (k.shape[1] != v.shape[1] or q.shape[1] % max(k.shape[1], 1)):
            return False
        return (q.shape[0] == k.shape[0] == v.shape[0] and k.shape[-2] == v.shape[-2] and
                (q.shape[-1] == k.shape[-1] if q.rank == 4 else q.shape[-1] * shared == k.shape[-1] * heads))
    return agree


def attention(g):
    if g.opset < 23:
        raise Rejected
    b, h, s, t, d, e = (g.choose([1, 2, 3, 4, 8]) for _ in range(6))
    kv = g.choose([n for n in range(1, h + 1) if h % n == 0])
    flat = g.chance(0.4)
    shapes = [(h, s, d), (kv, t, d), (kv, t, e)]
    q, k, v = (g.new([b, length, heads * size] if flat else [b, heads, length, size]) for heads, length, size in shapes)
    mask = [g.new(g.choose([[s, t], [1, 1, s, t], [b, 1, s, t]]), F32)] if g.chance(0.4) else []
    how = dict(q_num_heads=h, kv_num_heads=kv) if flat else {}
    if g.chance(0.3):
        how["is_causal"] = 1
    if g.chance(0.3):
        how["softcap"] = 2.0
    g.add("Attention", [q, k, v, *mask], scale=0.25, loose=6, demand=are_one_attention(h, kv), **how)


def rotary(g):
    if g.opset < 23:
        raise Rejected
    b, h, s, d = g.between(1, 2), g.between(1, 3), g.between(1, 5), 2 * g.between(1, 4)
    x = g.new([b, h, s, d])
    if g.chance(0.5):
        extra = [g.new([7, d // 2]), g.new([7, d // 2]), g.fixed(g.rng.integers(0, 7, [b, s]))]
    else:
        extra = [g.new([b, s, d // 2]), g.new([b, s, d // 2])]
    g.add("RotaryEmbedding", [x, *extra], 4, products=2, interleaved=g.between(0, 1),
          demand=lambda x, cosines, sines, *_: 2 * cosines.shape[-1] == 2 * sines.shape[-1] == x.shape[-1])


def microsoft(g):
    op = g.choose(["Gelu", "FastGelu", "QuickGelu", "BiasGelu", "FusedMatMul", "SkipLayerNormalization",
                   "SkipSimplifiedLayerNormalization", "MultiHeadAttention"])
    if op in ("Gelu", "FastGelu", "QuickGelu"):
        g.add(op, [g.take((F32,), range(1, 5), fits=lambda v: v.array.size > 0)], domain=MICROSOFT, loose=2)
    elif op == "BiasGelu":
        x = g.take((F32,), range(1, 4), fits=lambda v: v.array.size > 0)
        g.add(op, [x, g.new([x.shape[-1]])], domain=MICROSOFT, loose=2)
    elif op == "FusedMatMul":
        x = g.take((F32,), [2, 3], fits=lambda v: v.array.size > 0)
        g.add(op, [x, g.new([*x.shape[:-2], x.shape[-1], g.between(1, 9)])], x.grain + 3, products=x.shape[-1], alpha=0.5,
              domain=MICROSOFT)
    elif op == "MultiHeadAttention":
        b, s, t = (g.between(1, 4) for _ in range(3))
        g.add(op, [g.new([b, s, 8]), g.new([b, t, 8]), g.new([b, t, 4])], num_heads=2, loose=6, domain=MICROSOFT)
    else:
        x = g.new([g.between(1, 3), g.between(1, 4), g.between(3, 9)])
        scale = [g.new([x.shape[-1]], constant=True) for _ in range(1 if "Simplified" in op else 2)]
        g.add(op, [x, g.new(x.shape), *scale], epsilon=0.01, loose=4, domain=MICROSOFT,
              demand=lambda x, skip, *_: x.shape == skip.shape)


def images(g):
    x = g.take((F32,), [4], fits=lambda v: v.array.size > 0)
    n, _, h, w = x.shape
    kind = g.choose(["GridSample", "AffineGrid", "RoiAlign", "MaxRoiPool", "Col2Im", "MaxUnpool", "GlobalLpPool", "Det"])
    if kind == "GridSample":
        # ONNX Runtime clamps the place of a cubic sample before it looks around; ONNX's reference, each pixel.
        mode, padding = g.choose([("linear", "zeros"), ("linear", "border"), ("linear", "reflection"), ("nearest", "zeros"),
                                  ("nearest", "border"), ("cubic", "zeros")])
        grid = g.fixed(g.rng.uniform(-1.3, 1.3, [n, g.between(1, 4), g.between(1, 4), 2]).astype(np.float32))
        g.add(kind, [x, grid], mode=mode, align_corners=g.between(0, 1), loose=8, padding_mode=padding)
    elif kind == "AffineGrid":
        g.add(kind, [g.new([n, 2, 3]), g.fixed(np.array([n, 1, h, w]))], loose=4,
              align_corners=g.between(0, 1) if min(h, w) > 1 else 0)  # of one place, everyone says something else
    elif kind == "RoiAlign":
        boxes = g.rng.uniform(0, 1, [3, 4]).astype(np.float32) * np.array([w, h, w, h], np.float32)
        g.add(kind, [x, g.fixed(np.sort(boxes.reshape(3, 2, 2), 1).reshape(3, 4)), g.fixed(g.rng.integers(0, n, 3))],
              output_height=g.between(1, 3), output_width=g.between(1, 3), sampling_ratio=g.between(1, 2), loose=8,
              mode=g.choose(["avg", "max"]))
    elif kind == "MaxRoiPool":
        boxes = np.sort(g.rng.integers(0, max(h, w), [3, 2, 2]), 1).reshape(3, 4)
        g.add(kind, [x, g.fixed(np.concatenate([g.rng.integers(0, n, [3, 1]), boxes], 1).astype(np.float32))], x.grain,
              pooled_shape=[g.between(1, 3), g.between(1, 3)])
    elif kind == "Col2Im":
        kernel = [g.between(1, min(h, 2)), g.between(1, min(w, 2))]
        columns = g.new([n, 2 * math.prod(kernel), (h - kernel[0] + 1) * (w - kernel[1] + 1)])
        g.add(kind, [columns, g.fixed(np.array([h, w])), g.fixed(np.array(kernel))], 2, products=4)
    elif kind == "MaxUnpool":
        if h % 2 or w % 2:
            raise Rejected
        most = g.add("MaxPool", [x], x.grain, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
        g.add(kind, [most, g.pool[-1]], x.grain, kernel_shape=[2, 2], strides=[2, 2])
    elif kind == "GlobalLpPool":
        g.add(kind, [x], p=g.between(1, 2), loose=4)
    else:
        size = g.between(1, 4)
        g.add("Det", [g.new([*g.sizes(g.between(0, 2)), size, size])], products=2, loose=4)


def resize(g):
    x = g.take((F32,), [3, 4], fits=lambda v: v.array.size > 0)
    mode = g.choose(["nearest", "linear", "linear", "cubic"])
    how = dict(mode=mode, coordinate_transformation_mode=g.choose(["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"]))
    if mode == "cubic" and x.rank != 4:
        raise Rejected
    if mode == "nearest":
        how["nearest_mode"] = g.choose(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
    elif how["coordinate_transformation_mode"] != "align_corners" and g.chance(0.3):
        how["antialias"] = 1  # with aligned corners, ONNX Runtime is not what ONNX's reference is
    # Of aligned corners, ONNX Runtime rounds the length before it divides by it; ONNX's reference does not.
    # Of pytorch_half_pixel, it rounds the length before it asks whether that is above 1.
    if how["coordinate_transformation_mode"] in ("half_pixel", "asymmetric") and g.chance(0.5):
        scales = [1.0, 1.0, *(g.choose([0.5, 1.0, 1.5, 2.0, 3.0]) for _ in x.shape[2:])]
        g.add("Resize", [x, None, g.fixed(np.array(scales, np.float32))], loose=8, **how)
    else:
        sizes = [*x.shape[:2], *(g.between(1, 9) for _ in x.shape[2:])]
        g.add("Resize", [x, None, None, g.fixed(np.array(sizes))], loose=8, **how)


def equations(g):
    equation, *terms = g.choose([("abc,cd->abd", 3, 2), ("ii->i", 2), ("ij->", 2), ("...ij,...jk->...ik", 3, 3), ("i,i->", 1, 1),
                                 ("ij,kl->ijkl", 2, 2), ("bij,bj->bi", 3, 2), ("ijk,jil,kj->il", 3, 3, 2), ("ijj->j", 3)])
    sizes, xs = {}, []
    for term, rank in zip(equation.split("->")[0].split(","), terms):
        letters = term.replace("...", "." * (rank - len(term.replace(".", ""))))
        xs.append(g.new([sizes.setdefault(letter, g.between(1, 5)) for letter in letters]))
    count = math.prod(size for letter, size in sizes.items() if letter not in equation.split("->")[1])
    g.add("Einsum", xs, sum(v.grain for v in xs), products=max(count, 1), equation=equation)


def losses(g):
    n, c = g.between(1, 4), g.between(1, 5)
    more = g.sizes(1) if g.chance(0.4) else []
    if 0 in more:
        raise Rejected
    x, labels = g.new([n, c, *more]), g.fixed(g.rng.integers(0, c, [n, *more]))
    weight = [g.fixed(g.rng.integers(1, 5, c).astype(np.float32))] if g.chance(0.4) else []
    g.add(g.choose(["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]), [x, labels, *weight], loose=6,
          reduction=g.choose(["none", "sum", "mean"]))


def signals(g):
    kind = g.choose(["DFT", "HannWindow", "HammingWindow", "BlackmanWindow", "STFT", "MelWeightMatrix"])
    if kind == "DFT":
        x = g.new([g.between(1, 2), g.between(1, 9), g.between(1, 2)])
        g.add(kind, [x, None, g.fixed(np.array(1))], loose=16, around=1, inverse=g.between(0, 1))
    elif kind == "STFT":
        frame = g.choose([4, 6, 8])
        x = g.new([1, g.between(frame, 20), 1])
        g.add(kind, [x, g.fixed(np.array(g.between(1, 4))), None, g.fixed(np.array(frame))], loose=16)
    elif kind == "MelWeightMatrix":
        g.add(kind, [g.fixed(np.array(v)) for v in (g.between(2, 5), 16, 8000)] + [g.fixed(np.float32(v)) for v in (0, 4000)], loose=8)
    else:
        g.add(kind, [g.fixed(np.array(g.between(1, 9)))], periodic=g.between(0, 1), loose=4, around=1)


def pooling(g):
    """What random_ops.py's pool leaves out: indices, dilations, kinds of pads, integers."""
    x = g.take((F32,), [3, 4, 5], fits=lambda v: 0 not in v.shape and min(v.shape[2:]) >= 3)
    spatial = x.rank - 2
    op = g.choose(["MaxPool", "MaxPool", "AveragePool"])
    how = dict(kernel_shape=[g.between(1, 2) for _ in range(spatial)], strides=[g.between(1, 3) for _ in range(spatial)])
    if g.chance(0.4):
        how["auto_pad"] = g.choose(["SAME_UPPER", "SAME_LOWER", "VALID"])
        if how["auto_pad"] != "VALID":  # ONNX Runtime refuses the pads below 0 of longer strides
            how["strides"] = [min(pair) for pair in zip(how["strides"], how["kernel_shape"])]
    else:
        how["dilations"] = [g.between(1, 2) for _ in range(spatial)]
    both = op == "MaxPool" and x.error == 0 and g.chance(0.5)
    grain, pads = x.grain if op == "MaxPool" else None, [0] * 2 * spatial
    reach = [1 if "SAME" in how.get("auto_pad", "") else d * (k - 1) + 1
             for k, d in zip(how["kernel_shape"], how.get("dilations", [1] * spatial))]
    g.add(op, [x], grain, outputs=2 if both else 1, demand=windows_fit(reach, pads), **how)


def legacy_reduce(g):
    x = g.take((F32, I32, I64, BOOL), range(1, 4), fits=lambda v: v.array.size > 0)
    if x.dtype == BOOL:
        g.add(g.choose(["ReduceMax", "ReduceMin"]), [x, g.fixed(np.array([g.axis(x)]))])
    else:
        x = g.add("Abs", [x], x.grain) if x.dtype == F32 else x
        op = g.choose(["ReduceLogSum", "ReduceSum"]) if x.dtype == F32 else "ReduceSum"
        y = x if op == "ReduceSum" else g.add("Add", [x, g.fixed(np.float32(0.5))], max(x.grain, 1))
        g.add(op, [y], noop_with_empty_axes=g.between(0, 1) if op == "ReduceSum" else 0, loose=4)


def swiglu(g):
    if g.opset < 28:
        raise Rejected
    x = g.take((F32,))
    g.add("SwiGLU", [x, g.new(x.shape)], loose=4, alpha=g.choose([1.0, 0.5]))


def causal_conv(g):
    if g.opset < 27:
        raise Rejected
    b, c, n, k = g.between(1, 3), g.choose([1, 2, 3, 8, 17]), g.between(1, 6), g.between(1, 4)
    x, w = g.new([b, c, n]), g.new([c, 1, k], constant=g.chance(0.7))
    extra = [g.new([c]) if g.chance(0.5) else None, g.new([b, c, k - 1]) if g.chance(0.5) else None]
    while extra and extra[-1] is None:
        extra.pop()
    activation = dict(activation=g.choose(["silu", "swish"])) if g.chance(0.5) else {}
    g.add("CausalConvWithState", [x, w, *extra], None if activation else 4, products=k + 1, outputs=g.between(1, 2), loose=4,
          **activation)


def linear_attention(g):
    if g.opset < 27:
        raise Rejected
    b, n, heads, shared, d, e = g.between(1, 2), g.between(1, 5), g.choose([1, 2, 4]), g.between(1, 2), g.between(1, 4), g.between(1, 5)
    rule = g.choose(["linear", "gated", "delta", "gated_delta"])
    q, k, v = g.new([b, n, heads * shared * d]), g.new([b, n, heads * d]), g.new([b, n, heads * e])
    extra = [g.new([b, heads, d, e]) if g.chance(0.5) else None,
             g.new([b, n, heads * (d if g.chance(0.5) else 1)]) if "gated" in rule else None,
             g.new([b, n, heads]) if "delta" in rule else None]
    while extra and extra[-1] is None:
        extra.pop()
    g.add("LinearAttention", [q, k, v, *extra], outputs=2, loose=16, update_rule=rule, q_num_heads=heads * shared,
          kv_num_heads=heads, scale=g.choose([0.0, 0.25]))


def deform_conv(g):
    n, group, each, taps = g.between(1, 2), g.choose([1, 1, 2]), g.between(1, 3), [g.between(1, 3), g.between(1, 3)]
    offsets = g.choose([1, group])
    x = g.new([n, group * each, g.between(3, 7), g.between(3, 7)])
    w = g.new([group * g.between(1, 4), each, *taps], constant=g.chance(0.8))
    strides, pads, dilations = [g.between(1, 2) for _ in taps], [g.between(0, 1) for _ in range(4)], [g.between(1, 2) for _ in taps]

    def find_places(image):
        return [(size + pads[i] + pads[i + 2] - dilations[i] * (taps[i] - 1) - 1) // strides[i] + 1
                for i, size in enumerate(image.shape[2:])]

    def are_at_places(image, filter, *others):
        found = find_places(image)
        return min(found) >= 1 and all([v.shape[0], *v.shape[2:]] == [image.shape[0], *found] for v in others if v.rank == 4)

    places = find_places(x)
    if min(places) < 1:
        raise Rejected
    moves = g.new([n, offsets * 2 * math.prod(taps), *places])
    extra = [g.new([w.shape[0]]) if g.chance(0.5) else None,
             g.new([n, offsets * math.prod(taps), *places]) if g.chance(0.5) else None]
    while extra and extra[-1] is None:
        extra.pop()
    g.add("DeformConv", [x, w, moves, *extra], loose=8, products=each * math.prod(taps) + 1, group=group, offset_group=offsets,
          kernel_shape=taps, strides=strides, pads=pads, dilations=dilations, demand=are_at_places)


def dropout(g):
    x = g.take((F32,))
    g.add("Dropout", [x], x.grain)


LAYER_OPS = [(smooth, 5), (power, 2), (prelu, 1), (mean, 1), (recurrent, 4), (norm, 4), (attention, 3), (rotary, 2),
             (microsoft, 3), (images, 6), (resize, 4), (equations, 2), (losses, 2), (signals, 2), (pooling, 3),
             (legacy_reduce, 1), (swiglu, 2), (dropout, 1), (causal_conv, 3), (linear_attention, 3), (deform_conv, 2)]
