"""The ops that random graphs are made of: each a function that takes its operands from the graph, with its weight."""
import math

import numpy as np

from random_graph import BOOL, F32, F64, I8, I32, I64, INTEGERS, NUMBERS, U8, Rejected
from random_indexing import INDEXING_OPS
from random_reductions import arg_reduction, cumsum, reduction

FLOATS = (F32, F64)
ANY = (F32, F64, I32, I64, U8, BOOL)


def exact_unary(g):
    op = g.choose(["Neg", "Abs", "Relu", "Identity", "Sign", "Floor", "Ceil", "Round"])
    x = g.take(FLOATS if op in ("Floor", "Ceil", "Round") else NUMBERS)
    if op == "Relu" and x.dtype == I64:
        raise Rejected
    g.add(op, [x], x.grain)


def smooth_unary(g):
    op = g.choose(["Exp", "Tanh", "Sigmoid", "Erf", "Sin", "Softplus", "HardSwish", "LeakyRelu", "Elu", "Gelu", "Softsign",
                   "HardSigmoid", "Reciprocal", "Sqrt", "Log", "Mish", "Cos", "Atan"])
    x = g.take((F32,), fits=lambda v: v.largest < 64)
    if op in ("Sqrt", "Log", "Reciprocal"):
        x = g.add("Abs", [x], x.grain)
        x = g.add("Add", [x, g.fixed(np.float32(0.5))], max(x.grain, 1))
    # Of 0.5 x (1 + erf(...)) ONNX Runtime rounds the sum, which may cancel.
    g.add(op, [x], around=x.largest / 16 if op == "Gelu" else 0)


def arithmetic(g):
    op = g.choose(["Add", "Add", "Sub", "Mul", "Mul", "Max", "Min"])
    x = g.take(NUMBERS)
    y = g.like(x)
    a, b = (x, y) if g.chance(0.5) else (y, x)
    g.add(op, [a, b], a.grain + b.grain if op == "Mul" else max(a.grain, b.grain))


def division(g):
    op = g.choose(["Div", "Div", "Mod"])
    x = g.take(INTEGERS if op == "Mod" else NUMBERS)
    y = g.new([1 if g.chance(0.5) else size for size in x.shape], x.dtype, constant=True)
    y.array = g.constants[y.name] = np.where(y.array == 0, x.dtype.type(3), y.array).astype(x.dtype)
    g.add(op, [x, y])


def magic(g):
    """(x + c) - c with a large c rounds: strict accuracy keeps it, so here c only has the size of x."""
    x = g.take((F32,))
    c = g.fixed(np.float32(g.between(1, 9)))
    y = g.add("Add", [x, c], x.grain)
    g.add(g.choose(["Sub", "Add"]), [y, c], y.grain)


def variadic(g):
    x = g.take(NUMBERS)
    xs = [x] + [g.like(x) for _ in range(g.between(0, 3))]
    op = g.choose(["Sum", "Max", "Min"] if x.dtype in FLOATS else ["Max", "Min"])
    g.add(op, xs, max(v.grain for v in xs))


def comparison(g):
    x = g.take((F32, I32, I64), fits=lambda v: v.error == 0)
    y = g.like(x)
    if y.error:
        raise Rejected
    g.add(g.choose(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"]), [x, y])


def logic(g):
    x = g.take((BOOL,))
    if g.chance(0.3):
        g.add("Not", [x])
    else:
        g.add(g.choose(["And", "Or", "Xor"]), [x, g.like(x)])


def where(g):
    c, x = g.take((BOOL,)), g.take(NUMBERS)
    try:
        shape = np.broadcast_shapes(c.shape, x.shape)
    except ValueError:
        raise Rejected from None
    y = g.like(x, shape)
    g.add("Where", [c, x, y], max(x.grain, y.grain))


def clip(g):
    x = g.take((F32, I64))
    low, high = (g.fixed(np.array(n, x.dtype)) for n in (-2, 3))
    g.add("Clip", [x, low if g.chance(0.8) else None, high], x.grain)


def cast(g):
    x = g.take(ANY, fits=lambda v: v.error == 0)
    to = g.choose([t for t in (F32, F32, I64, I32, F64, U8, BOOL) if t != x.dtype])
    if to == U8 and x.dtype != BOOL:
        x = g.add("Abs", [x], x.grain)
        if x.largest > 200:
            raise Rejected
    g.add("Cast", [x], x.grain if to in FLOATS else 0, to=int(np_to_onnx(to)))


def np_to_onnx(dtype):
    from onnx import helper
    return helper.np_dtype_to_tensor_dtype(dtype)


def reshape(g):
    x = g.take(ANY)
    size, shape = x.array.size, []
    if size == 0:
        shape = g.choose([[0], list(x.shape)[::-1], [0, 3], [2, 0, 1]])
    else:
        rest = size
        while rest > 1 and len(shape) < 3:
            part = g.choose([d for d in range(1, rest + 1) if rest % d == 0])
            shape.append(part)
            rest //= part
        shape += [rest] if rest > 1 or g.chance(0.3) else []
        if shape and g.chance(0.3):
            shape[g.between(0, len(shape) - 1)] = -1
    g.add("Reshape", [x, g.fixed(np.array(shape, np.int64))], x.grain, allowzero=1 if 0 in shape else 0)


def reshape_by_shape(g):
    """Shape arithmetic: a dim of the input, and the rest."""
    x = g.take(ANY, range(1, 5), fits=lambda v: v.array.size > 0)
    shape = g.add("Shape", [x])
    first = g.add("Slice", [shape, g.fixed(np.array([0])), g.fixed(np.array([1]))])
    target = g.add("Concat", [first, g.fixed(np.array([-1]))], axis=0)
    g.add("Reshape", [x, target], x.grain)


def transpose(g):
    x = g.take(ANY, range(1, 6))
    g.add("Transpose", [x], x.grain, perm=[int(i) for i in g.rng.permutation(x.rank)])


def squeeze(g):
    x = g.take(ANY, fits=lambda v: 1 in v.shape)
    axes = [i for i, d in enumerate(x.shape) if d == 1]
    g.add("Squeeze", [x, g.fixed(np.array([g.choose(axes)]))] if g.chance(0.7) else [x], x.grain)


def unsqueeze(g):
    x = g.take(ANY, range(4))
    g.add("Unsqueeze", [x, g.fixed(np.array([g.between(0, x.rank)]))], x.grain)


def flatten(g):
    x = g.take(ANY)
    g.add("Flatten", [x], x.grain, axis=g.between(0, x.rank))


def concat(g):
    x = g.take(ANY, range(1, 5))
    axis = g.axis(x)
    others = [v for v in g.pool if v.dtype == x.dtype and v.rank == x.rank
              and all(a == b for i, (a, b) in enumerate(zip(v.shape, x.shape)) if i != axis % x.rank)]
    parts = [g.choose(others) for _ in range(g.between(1, 3))]
    if g.chance(0.5):
        shape = list(x.shape)
        shape[axis] = g.between(0, 4)
        parts.append(g.new(shape, x.dtype))
    g.rng.shuffle(parts)
    g.add("Concat", parts, max(v.grain for v in parts), axis=axis)


def split(g):
    x = g.take(ANY, range(1, 5))
    axis, count = g.axis(x), g.between(2, 4)
    cuts = sorted(g.between(0, x.shape[axis]) for _ in range(count - 1))
    sizes = np.diff([0, *cuts, x.shape[axis]])

    def rule(node, values, growth):
        if values[x.name].shape[axis] != sizes.sum():  # ONNX's reference takes what there is
            raise Rejected
        return g.judge(node, [values[name] for name in node.input], x.grain)

    g.put("Split", [x, g.fixed(sizes.astype(np.int64))], rule, outputs=count, axis=axis)


def slice_(g):
    x = g.take(ANY, range(1, 5))
    axes = sorted(int(a) for a in g.rng.permutation(x.rank)[:g.between(1, x.rank)])
    starts, ends, steps = ([g.between(-9, 9) for _ in axes], [g.between(-9, 9) if g.chance(0.6) else 99 for _ in axes],
                           [g.choose([1, 1, 1, 2, 3, -1, -2]) for _ in axes])
    ends = [-99 if s < 0 and e == 99 else e for e, s in zip(ends, steps)]
    g.add("Slice", [x] + [g.fixed(np.array(n, np.int64)) for n in (starts, ends, axes, steps)], x.grain)


def pad(g):
    x = g.take(ANY[:4], range(1, 5))
    mode = g.choose(["constant", "constant", "edge", "reflect", "wrap"])
    pads = [g.between(-1 if mode == "constant" else 0, 2) for _ in range(2 * x.rank)]
    for i, size in enumerate(x.shape):
        if size + pads[i] + pads[i + x.rank] < 0 or size < 3 and (mode != "constant" or size < 2):
            pads[i], pads[i + x.rank] = (0, 0) if mode != "constant" else (abs(pads[i]), abs(pads[i + x.rank]))
    value = [g.fixed(g.numbers([], x.dtype))] if mode == "constant" and g.chance(0.5) else []
    g.add("Pad", [x, g.fixed(np.array(pads, np.int64)), *value], max(x.grain, 2), mode=mode)


def tile(g):
    x = g.take(ANY, range(1, 5))
    g.add("Tile", [x, g.fixed(np.array([g.choose([1, 1, 2, 3, 0]) for _ in x.shape], np.int64))], x.grain)


def expand(g):
    x = g.take(ANY, range(4))
    shape = [g.choose([0, 2, 3, 5]) if d == 1 else d for d in x.shape]
    shape = [g.between(1, 3)] * g.between(0, 1) + shape
    g.add("Expand", [x, g.fixed(np.array(shape, np.int64))], x.grain)


def blocks(g):
    op, n = g.choose(["DepthToSpace", "SpaceToDepth"]), 2
    x = g.take((F32,), [4], fits=lambda v: v.shape[1] % 4 == 0 if op == "DepthToSpace" else v.shape[2] % 2 == v.shape[3] % 2 == 0)
    g.add(op, [x], x.grain, blocksize=n)


def matmul(g):
    x = g.take((F32, F32, I32, I64), range(1, 5))
    k = x.shape[-1]
    n = g.sizes(1)[0]
    if x.rank == 1 or g.chance(0.7):
        y = g.new(g.choose([[k, n], [k, n], [k]]), x.dtype)
    else:
        y = g.new([*(1 if g.chance(0.3) else d for d in x.shape[:-2]), k, n], x.dtype)
    y = g.choose([v for v in g.pool if v.dtype == x.dtype and v.shape == y.shape])
    product = g.add("MatMul", [x, y], x.grain + y.grain, products=max(k, 1))
    if g.chance(0.4) and product.rank and product.dtype == F32:
        bias = g.new([product.shape[-1]])
        g.add("Add", [product, bias], max(product.grain, bias.grain))


def gemm(g):
    a, b = g.between(0, 1), g.between(0, 1)
    x = g.take((F32,), [2])
    m, k = x.shape[::-1] if a else x.shape
    n = g.sizes(1)[0]
    y = g.new([n, k] if b else [k, n])
    c = [g.new(g.choose([[n], [m, n], [1, n], [m, 1], []]))] if g.chance(0.6) else []
    g.add("Gemm", [x, y, *c], x.grain + y.grain + 2, products=max(k, 1) + 1, transA=a, transB=b, alpha=0.5)


def einsum(g):
    equation, ranks = g.choose([("ij,jk->ik", 2), ("bij,bkj->bik", 3), ("ij,j->i", 2), ("bij->bi", 3), ("ij->ji", 2),
                                ("bhid,bhjd->bhij", 4), ("i,j->ij", 1)])
    x = g.take((F32,), [ranks])
    terms = equation.split("->")[0].split(",")
    sizes = dict(zip(terms[0], x.shape))
    others = [g.new([sizes.setdefault(letter, g.sizes(1)[0]) for letter in term]) for term in terms[1:]]
    summed = math.prod(size for letter, size in sizes.items() if letter not in equation.split("->")[1])
    g.add("Einsum", [x, *others], sum(v.grain for v in [x, *others]), products=max(summed, 1), equation=equation)


def conv(g):
    spatial = g.choose([1, 2, 2])
    x = g.take((F32,), [spatial + 2])
    group = g.choose([1, 1, 1, max(x.shape[1], 1), 2])
    if x.shape[1] % group:
        raise Rejected
    outputs = group * g.choose([0, 1, 1, 2, 3, 4, 8])
    kernel = [g.choose([1, 1, 2, 3, 3]) for _ in range(spatial)]
    dilations = [g.choose([1, 1, 1, 2]) for _ in range(spatial)]
    w = g.new([outputs, x.shape[1] // group, *kernel], constant=g.chance(0.8))
    b = [g.new([outputs], constant=g.chance(0.7))] if g.chance(0.6) else []
    y = g.add("Conv", [x, w, *b], products=max(math.prod(w.shape[1:]), 1) + 1, group=group, dilations=dilations,
              strides=[g.choose([1, 1, 2]) for _ in range(spatial)], pads=[g.between(0, 2) for _ in range(2 * spatial)])
    follow(g, y)


def follow(g, y):
    """What fuses into a convolution."""
    kind = g.between(0, 4)
    if kind == 0:
        g.add("Relu", [y])
    elif kind == 1:
        scale, bias, mean, variance = (g.fixed(g.numbers([y.shape[1]], F32)) for _ in range(4))
        variance.array = g.constants[variance.name] = np.abs(variance.array) + np.float32(0.5)
        g.add("BatchNormalization", [y, scale, bias, mean, variance])
    elif kind == 2:
        other = g.like(y)
        g.add(g.choose(["Add", "Mul"]), [y, other])


def conv_transpose(g):
    spatial = g.choose([1, 2])
    x = g.take((F32,), [spatial + 2], fits=lambda v: 0 not in v.shape[2:] and v.array.size < 4000)
    group = g.choose([1, 1, max(x.shape[1], 1)])
    kernel = [g.choose([1, 2, 3]) for _ in range(spatial)]
    w = g.new([x.shape[1], g.choose([0, 1, 2, 3]), *kernel], constant=True)
    b = [g.new([w.shape[1] * group], constant=True if g.ops is not OPS else None)] if g.chance(0.5) else []
    g.add("ConvTranspose", [x, w, *b], products=max(x.shape[1] * math.prod(kernel), 1) + 1, group=group,
          strides=[g.choose([1, 2, 3]) for _ in range(spatial)], pads=[g.between(0, 1) for _ in range(2 * spatial)])


def pool(g):
    op = g.choose(["MaxPool", "MaxPool", "AveragePool", "LpPool"])
    spatial = g.choose([1, 2])
    x = g.take((F32,), [spatial + 2], fits=lambda v: 0 not in v.shape[1:])
    kernel = [g.choose([1, 2, 3]) for _ in range(spatial)]
    more = {"ceil_mode": g.between(0, 1)} if op != "LpPool" else {}
    if op == "AveragePool":
        more = {"count_include_pad": g.between(0, 1)}
    strides = [g.choose([1, 2]) for _ in range(spatial)]
    pads = [g.between(0, k - 1) for _ in (0, 1) for k in kernel]
    for dim, (size, k) in enumerate(zip(x.shape[2:], kernel)):
        pads[dim + spatial] = max(pads[dim + spatial], k - size - pads[dim])
    g.add(op, [x], x.grain if op == "MaxPool" else None, demand=windows_fit(kernel, pads), kernel_shape=kernel,
          strides=strides, pads=pads, **more)


def windows_fit(kernel, pads):
    """Whether windows fit into an image. Of one that fits nowhere, ONNX Runtime makes an empty result or, as it does not
    round down, one of padding; Lambent refuses it."""
    return lambda image: all(size + before + behind >= k for size, before, behind, k in
                             zip(image.shape[2:], pads, pads[len(kernel):], kernel))


def global_pool(g):
    x = g.take((F32,), [3, 4], fits=lambda v: 0 not in v.shape[1:])
    op = g.choose(["GlobalAveragePool", "GlobalMaxPool"])
    g.add(op, [x], x.grain if op == "GlobalMaxPool" else None)


def softmax(g):
    x = g.take((F32,), range(1, 5))
    g.add(g.choose(["Softmax", "LogSoftmax"]), [x], axis=g.axis(x))


def layer_norm(g):
    x = g.take((F32,), range(1, 5), fits=lambda v: v.shape[-1] > 1)
    scale = [g.new([x.shape[-1]], constant=True) for _ in range(g.between(1, 2))]
    g.add("LayerNormalization", [x, *scale], epsilon=0.01)


def instance_norm(g):
    x = g.take((F32,), [3, 4], fits=lambda v: 1 not in v.shape[2:])
    g.add("InstanceNormalization", [x, g.new([x.shape[1]]), g.new([x.shape[1]])], epsilon=0.01)


def attention(g):
    """softmax(q k') v, which becomes one kernel."""
    b, h, s, t, d, e = (g.choose([0, 1, 2, 3, 5, 8]) if g.chance(0.7) else 2 for _ in range(6))
    q, k, v = g.new([b, h, s, d]), g.new([b, h, d, t]), g.new([b, h, t, e])
    x = g.add("MatMul", [q, k], 4, products=max(d, 1))
    x = g.add("Mul", [x, g.fixed(np.float32(0.25))], x.grain + 2)
    x = g.add("Softmax", [x], axis=-1)
    g.add("MatMul", [x, v], products=max(t, 1))


def resize(g):
    x = g.take((F32,), [3, 4], fits=lambda v: v.array.size > 0)
    scales = [1.0, 1.0, *(g.choose([1.0, 2.0, 2.0]) for _ in x.shape[2:])]
    g.add("Resize", [x, None, g.fixed(np.array(scales, np.float32))], x.grain, mode="nearest",
          coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def range_(g):
    n = g.between(0, 9)
    g.add("Range", [g.fixed(np.array(v, np.int64)) for v in (2, 2 + 3 * n, 3)])


OPS = [(exact_unary, 4), (smooth_unary, 6), (arithmetic, 14), (division, 3), (magic, 1), (variadic, 2), (comparison, 2),
       (logic, 2), (where, 3), (clip, 2), (cast, 3), (reshape, 6), (reshape_by_shape, 2), (transpose, 6), (squeeze, 2),
       (unsqueeze, 3), (flatten, 1), (concat, 9), (split, 6), (slice_, 6), (pad, 5), (tile, 2), (expand, 3),
       (blocks, 1), (reduction, 8), (arg_reduction, 2), (cumsum, 2), (matmul, 8), (gemm, 3),
       (einsum, 2), (conv, 7), (conv_transpose, 2), (pool, 3), (global_pool, 1), (softmax, 4), (layer_norm, 2),
       (instance_norm, 1), (attention, 2), (resize, 1), (range_, 1), *INDEXING_OPS]
