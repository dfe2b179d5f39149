"""The ops of random graphs that choose, order, count and mask elements, or look at their bits."""
import numpy as np

from random_graph import BOOL, F32, F64, I32, I64, NUMBERS, U8, Rejected
from random_ops import np_to_onnx

ANY = (F32, F64, I32, I64, U8, BOOL)
NARROW = [np.dtype(t) for t in ("u1", "i1", "u2", "i2", "u4", "u8")]


def exact(v):
    return v.error == 0


def nonzero(g):
    g.add("NonZero", [g.take((F32, I32, I64, U8, BOOL), fits=exact)])


def compress(g):
    x = g.take(ANY)
    axis = g.axis(x) if x.rank and g.chance(0.7) else None
    most = x.shape[axis] if axis is not None else x.array.size
    condition = g.new([g.between(0, most)], BOOL)
    g.add("Compress", [x, condition], x.grain, **({} if axis is None else {"axis": axis}))


def unique(g):
    x = g.take((F32, F64, I64), fits=lambda v: exact(v) and v.array.size > 0)
    axis = {"axis": g.axis(x)} if x.rank and g.chance(0.5) else {}
    wanted = [True] + [g.chance(0.6) for _ in range(3)]
    while not wanted[-1]:
        wanted.pop()

    def rule(node, values, growth):
        if values[x.name].array.size == 0:  # ONNX's reference keeps the shape of nothing
            raise Rejected
        return g.judge(node, [values[x.name]], x.grain)

    g.put("Unique", [x], rule, wanted, sorted=g.between(0, 1), **axis)


def top_k(g):
    x = g.take((F32, F64, I64, I32), range(1, 5), fits=exact)
    axis = g.axis(x)
    k = np.array([g.between(0, x.shape[axis])])
    count = g.fixed(k) if g.chance(0.6) else g.new([1], I64, constant=False)
    if not count.constant:
        count.array = g.inputs[count.name] = k
    g.add("TopK", [x, count], x.grain, outputs=2, demand=lambda x, k: k.array.size == 1, axis=axis, largest=g.between(0, 1), sorted=1)


def non_max_suppression(g):
    batch, boxes, classes = g.between(1, 2), g.between(0, 12), g.between(1, 3)
    b, s = g.new([batch, boxes, 4]), g.new([batch, classes, boxes])
    extra = [g.fixed(np.array(g.between(0, 4))), g.fixed(np.float32(g.choose([0.0, 0.3, 0.55]))),
             g.fixed(np.float32(g.choose([-9.0, 0.1, 1.1])))][:g.between(1, 3)]
    g.add("NonMaxSuppression", [b, s, *extra], center_point_box=g.between(0, 1))


def one_hot(g):
    x = g.take((I64, I32, F32), range(4), fits=lambda v: exact(v) and (v.array == np.floor(v.array)).all())
    values = g.fixed(g.numbers([2], g.choose([F32, I64, I32])))
    g.add("OneHot", [x, g.fixed(np.array(g.between(1, 7))), values], 2, axis=g.between(-x.rank - 1, x.rank),
          demand=lambda x, *_: (x.array == np.floor(x.array)).all())


def trilu(g):
    x = g.take(NUMBERS, range(2, 5))
    g.add("Trilu", [x] + ([g.fixed(np.array(g.between(-4, 4)))] if g.chance(0.7) else []), x.grain, upper=g.between(0, 1))


def eye_like(g):
    g.add("EyeLike", [g.take((F32, I64), [2])], 0, k=g.between(-3, 3), dtype=np_to_onnx(g.choose([F32, I64, I32])))


def sizes(g):
    x = g.take(ANY)
    if g.chance(0.4):
        g.add("Size", [x])
    else:
        g.add("Shape", [x], start=g.between(-5, 3), end=g.between(-3, 5))


def reverse_sequence(g):
    x = g.take(ANY[:4], range(2, 5), fits=lambda v: 0 not in v.shape[:2])
    batch = g.between(0, 1)
    lengths = g.rng.integers(1, x.shape[1 - batch] + 1, x.shape[batch])
    g.add("ReverseSequence", [x, g.fixed(lengths)], x.grain, batch_axis=batch, time_axis=1 - batch, demand=lambda x, lengths:
          x.shape[batch] == lengths.array.size and x.shape[1 - batch] >= lengths.array.max(initial=0))


def hardmax(g):
    g.add("Hardmax", [g.take((F32,), range(1, 5), fits=exact)], 0, axis=g.between(-1, 0))


def tests_of_floats(g):
    x = g.take((F32, F64), fits=exact)
    g.add(g.choose(["IsNaN", "IsInf"]), [x])


def bits(g):
    op = g.choose(["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift"])
    dtype = g.choose([U8, NARROW[2], NARROW[4], NARROW[5]] if op == "BitShift" else [I32, I64, *NARROW])
    x = g.take((dtype,)) if g.chance(0.4) else g.new(g.sizes(g.between(0, 3)), dtype)
    if op == "BitwiseNot":
        g.add(op, [x])
    else:
        g.add(op, [x, g.like(x)], **(dict(direction=g.choose(["LEFT", "RIGHT"])) if op == "BitShift" else {}))


def narrow(g):
    """Arithmetic that wraps around."""
    dtype = g.choose(NARROW)
    x = g.take((dtype,)) if g.chance(0.6) else g.new(g.sizes(g.between(0, 3)), dtype)
    op = g.choose(["Add", "Sub", "Mul", "Max", "Min", "Equal", "Less", "Where", "Concat", "Transpose", "Cast", "ReduceMax"])
    if op == "Where":
        g.add(op, [g.new(x.shape, BOOL), x, g.like(x, x.shape)])
    elif op == "Concat":
        g.add(op, [x, x], axis=g.axis(x))
    elif op == "Cast":
        g.add(op, [x], 0, to=np_to_onnx(g.choose([F32, I64, I32, *NARROW])))
    elif op in ("Transpose", "ReduceMax"):
        g.add(op, [x])
    else:
        g.add(op, [x, g.like(x)])


def bit_cast(g):
    x = g.take((F32, I32, I64), fits=exact)
    g.add("BitCast", [x], 0, to=np_to_onnx({F32: I32, I32: g.choose([NARROW[4], I32]), I64: NARROW[5]}[x.dtype]))


def cast_like(g):
    x = g.take(ANY, fits=lambda v: exact(v) and v.largest < 100)
    g.add("CastLike", [x, g.take((F32, F64, I32, I64))], x.grain)


def cum_prod(g):
    x = g.take((F32, I32, I64), range(1, 4), fits=lambda v: v.largest < 8)
    g.add("CumProd", [x, g.fixed(np.array(g.axis(x)))], loose=4, exclusive=g.between(0, 1), reverse=g.between(0, 1))


def crop(g):
    x = g.take(ANY[:4], range(1, 5))
    axes = sorted(int(a) for a in g.rng.permutation(x.rank)[:g.between(1, x.rank)])
    g.add("CenterCropPad", [x, g.fixed(np.array([g.between(0, 9) for _ in axes]))], x.grain, axes=axes)


def tensor_scatter(g):
    b, most, count, d = g.between(1, 3), g.between(2, 6), g.between(1, 2), g.choose([0, 1, 3])
    past, new = g.new([b, most, d]), g.new([b, count, d])
    g.add("TensorScatter", [past, new, g.fixed(g.rng.integers(0, most - count + 1, b))], 2, axis=1,
          mode=g.choose(["linear", "circular"]))


def constant(g):
    from onnx import numpy_helper
    array = g.numbers(g.sizes(g.between(0, 3)), g.choose([F32, I64]))
    if g.chance(0.5):
        g.add("Constant", [], 2, value=numpy_helper.from_array(array))
    else:
        shape = g.fixed(np.array(g.sizes(g.between(0, 3)), np.int64))
        g.add("ConstantOfShape", [shape], 2, value=numpy_helper.from_array(g.numbers([1], g.choose([F32, I64, BOOL, I32]))))


SELECTION_OPS = [(nonzero, 2), (compress, 2), (unique, 2), (top_k, 3), (non_max_suppression, 2), (one_hot, 2), (trilu, 2),
                 (eye_like, 1), (sizes, 1), (reverse_sequence, 1), (hardmax, 1), (tests_of_floats, 1), (bits, 3), (narrow, 4),
                 (bit_cast, 1), (cast_like, 1), (cum_prod, 1), (crop, 2), (tensor_scatter, 1), (constant, 1)]
