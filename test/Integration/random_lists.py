"""Sequences and optionals of random graphs. What they hold is known, so their ops need no reference."""
import dataclasses

import numpy as np
from onnx import helper

from random_flow import Body
from random_graph import BOOL, NUMBERS, Rejected, Value, grow

ANY = (*NUMBERS, BOOL)


@dataclasses.dataclass
class Sequence:
    """Tensors of one type."""

    name: str
    items: list
    dtype: np.dtype
    constant = False


def position(g, length, past=0):
    """Where in a sequence, or nothing; a constant or an input."""
    if g.chance(0.3):
        return None
    at = np.array(g.between(-length, length - 1 + past))
    if g.chance(0.6):
        return g.fixed(at)
    value = g.new([], at.dtype, constant=False)
    value.array = g.inputs[value.name] = at
    return value


def place(values, at, length, past=0):
    """The position as an index, which at other sizes may be past the end."""
    index = values[at.name].array.item() if at else length - 1 + past
    if not -length <= index < length + past:
        raise Rejected
    return index + length if index < 0 else index


def put_list(g, op, inputs, items, kind, **attributes):
    """Appends a node whose result is a sequence; `items` gives its tensors, of type `kind`, of the values there are."""
    g.lists += g.put(op, inputs, lambda node, values, _: [Sequence(node.output[0], items(values), kind)], **attributes)


def renamed(value, name):
    return dataclasses.replace(value, name=name, constant=False)


def construct(g):
    x = g.take(ANY)
    others = [v for v in g.pool if v.dtype == x.dtype and v.rank == x.rank]
    xs = [x] + [g.choose(others) for _ in range(g.between(0, 2))]
    put_list(g, "SequenceConstruct", xs, lambda values: [values[v.name] for v in xs], x.dtype)


def empty(g):
    dtype = g.choose(ANY)
    put_list(g, "SequenceEmpty", [], lambda values: [], dtype, dtype=helper.np_dtype_to_tensor_dtype(dtype))


def split(g):
    x = g.take(ANY, range(1, 4), fits=lambda v: max(v.shape) <= 8 and 0 not in v.shape)
    axis, keeps, kind = g.axis(x), g.between(0, 1), g.between(0, 2)
    cuts = sorted(g.between(0, x.shape[axis]) for _ in range(g.between(0, 2)))
    sizes = np.diff([0, *cuts, x.shape[axis]]).astype(np.int64)
    by = [None, g.fixed(np.array(g.between(1, 4))), g.fixed(sizes)][kind]

    def items(values):
        value = values[x.name]
        if kind == 2 and value.shape[axis] != sizes.sum():
            raise Rejected
        step = 1 if kind == 0 else by.array.item() if kind == 1 else 0
        ends = np.cumsum(sizes)[:-1] if kind == 2 else range(step, value.shape[axis], step)
        pieces = np.split(value.array, ends, axis) if value.shape[axis] else []
        return [dataclasses.replace(value, array=np.squeeze(piece, axis) if kind == 0 and not keeps else piece) for piece in pieces]

    put_list(g, "SplitToSequence", [x] + ([by] if by else []), items, x.dtype, axis=axis, keepdims=keeps)


def take_list(g, least=0):
    lists = [s for s in g.lists if len(s.items) >= least]
    if not lists:
        raise Rejected
    return g.choose(lists)


def insert(g):
    s = take_list(g)
    ranks = {v.rank for v in s.items} or range(4)
    x, at = g.take((s.dtype,), ranks), position(g, len(s.items), 1)

    def items(values):
        old = list(values[s.name].items)
        old.insert(place(values, at, len(old), 1), values[x.name])
        return old

    put_list(g, "SequenceInsert", [s, x] + ([at] if at else []), items, s.dtype)


def erase(g):
    s = take_list(g, 1)
    at = position(g, len(s.items))

    def items(values):
        old = list(values[s.name].items)
        del old[place(values, at, len(old))]
        return old

    put_list(g, "SequenceErase", [s] + ([at] if at else []), items, s.dtype)


def at_(g):
    s = take_list(g, 1)
    at = position(g, len(s.items)) or g.fixed(np.array(0))

    def rule(node, values, _):
        items = values[s.name].items
        return [renamed(items[place(values, at, len(items))], node.output[0])]

    g.put("SequenceAt", [s, at], rule)


def length(g):
    s = take_list(g)
    g.put("SequenceLength", [s], lambda node, values, _: [Value(node.output[0], np.array(len(values[s.name].items)))])


def glue(g):
    s = take_list(g, 1)
    new = g.between(0, 1)
    rank = s.items[0].rank + new
    if rank == 0 or any(v.rank + new != rank for v in s.items):
        raise Rejected
    axis = g.between(-rank, rank - 1)

    def rule(node, values, _):
        items = values[s.name].items
        try:
            array = (np.stack if new else np.concatenate)([v.array for v in items], axis)
        except ValueError:
            raise Rejected from None
        return [Value(node.output[0], array, max(v.grain for v in items), max(v.error for v in items))]

    g.put("ConcatFromSequence", [s], rule, axis=axis, new_axis=new)


def map_(g):
    s = take_list(g, 1)
    if g.depth == 2:
        raise Rejected
    body = Body(g, "m")
    formal = body.formal(s.items[0])
    grow(body, g.between(1, 3))
    body.result(g.choose(body.made() or [formal]))
    dtype = body.known[body.results[0]].dtype

    def rule(node, values, growth):
        return [Sequence(node.output[0], [body.round(values, [v], growth)[0] for v in values[s.name].items], dtype)]

    g.lists += g.put("SequenceMap", [s], rule, body=body.proto())


def optional(g):
    x = g.take(ANY)
    inner = helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(x.dtype), None)
    known = dict(type=inner) if g.chance(0.5) else {}
    o = g.put("Optional", [x], lambda node, values, _: [Sequence(node.output[0], [values[x.name]], x.dtype)], **known)[0]
    g.put("OptionalHasElement", [o], lambda node, values, _: [Value(node.output[0], np.array(True))])
    g.put("OptionalGetElement", [o], lambda node, values, _: [renamed(values[o.name].items[0], node.output[0])])


LIST_OPS = [(construct, 2), (empty, 1), (split, 2), (insert, 2), (erase, 1), (at_, 3), (length, 1), (glue, 3), (map_, 1),
            (optional, 1)]
