"""Branches and loops of random graphs. Their bodies are random graphs that read values from around them.

What a branch or a loop says follows from its body's nodes, each computed on the values of every round (reference.py).
"""
import dataclasses

import numpy as np
from onnx import ValueInfoProto, helper

from random_graph import BOOL, I64, NUMBERS, Graph, Rejected, Value, grow
from reference import NoReference

ANY = (*NUMBERS, BOOL)
MOST_ROUNDS = 6


class Body(Graph):
    """A graph inside of a node of `outer`."""

    def __init__(self, outer, tag):
        for table in ("rng", "inputs", "constants", "given", "known", "rules", "opset", "ops"):
            setattr(self, table, getattr(outer, table))
        self.nodes, self.pool, self.lists, self.formals, self.results = [], list(outer.pool), [], [], []
        self.around = len(self.pool)
        self.depth, self.prefix = outer.depth + 1, f"{outer.prefix}b{len(outer.nodes)}{tag}_"

    def formal(self, value):
        """A value that each round gives the body; here it is `value`."""
        formal = dataclasses.replace(value, name=f"{self.prefix}f{len(self.formals)}", constant=False)
        self.formals.append(formal)
        self.known[formal.name] = formal
        self.pool.append(formal)
        return formal

    def made(self):
        return [v for v in self.pool if any(v.name in node.output for node in self.nodes)]

    def result(self, value):
        """Makes the value a result of the body, by another name where it is none of its own or is one already."""
        if value.name in self.results or value not in self.made():
            value = self.put("Identity", [value], self.copy(value))[0]
        self.results.append(value.name)
        return value

    def copy(self, value):
        return lambda node, values, _: [dataclasses.replace(values[value.name], name=node.output[0], constant=False)]

    def proto(self):
        """Types are those of elements: shapes may change from round to round."""
        inputs = [helper.make_tensor_value_info(v.name, helper.np_dtype_to_tensor_dtype(v.dtype), None) for v in self.formals]
        return helper.make_graph(self.nodes, self.prefix, inputs, [ValueInfoProto(name=name) for name in self.results])

    def round(self, values, given, growth):
        """The results on these values of the formals."""
        values = dict(values)
        values.update((f.name, dataclasses.replace(v, name=f.name, constant=False)) for f, v in zip(self.formals, given, strict=True))
        for node in self.nodes:
            values.update((v.name, v) for v in self.again(node, values, growth))
        return [values[name] for name in self.results]


def scalar(g, array):
    """A constant or an input of one value, as a vector or not."""
    if g.chance(0.4):
        return g.fixed(array)
    value = g.new([1] if g.chance(0.3) else [], array.dtype, constant=False)
    value.array = g.inputs[value.name] = np.broadcast_to(array, value.shape).copy()
    return value


def only(value):
    """The value's one element, which at other sizes may be several."""
    if value.array.size != 1:
        raise Rejected
    return value.array.item()


def stacked(name, rounds, example, axis=0):
    """The values of a loop's rounds as one. Of none, only the shape of scalars is known."""
    if not rounds and example.rank:
        raise Rejected
    if len({v.shape for v in rounds}) > 1:
        raise Rejected
    array = np.stack([v.array for v in rounds], axis) if rounds else np.zeros([0], example.dtype)
    return Value(name, array, max((v.grain for v in rounds), default=0), max((v.error for v in rounds), default=0.0))


def deep(g):
    if g.depth == 2:
        raise Rejected


def if_(g):
    deep(g)
    condition = scalar(g, np.array(g.chance(0.5)))
    if g.chance(0.4):
        condition = g.take((BOOL,), [0, 1], fits=lambda v: v.array.size == 1)
    then, other = Body(g, "t"), Body(g, "e")
    for body in then, other:
        grow(body, g.between(1, 3))
    results = [g.choose(then.made() or [g.take(ANY)]) for _ in range(g.between(1, 2))]
    for value in results:
        then.result(value)
        likely = [v for v in other.made() if v.dtype == value.dtype and v.rank == value.rank]
        other.result(g.choose(likely) if likely else other.like(value, value.shape))
        if other.known[other.results[-1]].rank != value.rank:
            raise Rejected

    def rule(node, values, growth):
        body = then if only(values[condition.name]) else other
        return [dataclasses.replace(v, name=name) for v, name in zip(body.round(values, [], growth), node.output)]

    g.put("If", [condition], rule, len(results), then_branch=then.proto(), else_branch=other.proto())


def next_value(body, formal):
    """What a carried value becomes: mostly of its shape, but its sizes may change."""
    changes = body.chance(0.2)
    likely = [v for v in body.made() if v.dtype == formal.dtype and v.rank == formal.rank and (changes or v.shape == formal.shape)]
    return body.choose(likely) if likely and body.chance(0.9) else formal


def loop(g):
    deep(g)
    carried = [g.take(ANY, range(4), fits=lambda v: v.array.size <= 500) for _ in range(g.between(0, 2))]
    most = scalar(g, np.array(g.choose([0, 1, 2, 2, 3, 4]))) if g.chance(0.85) else None
    start = scalar(g, np.array(g.chance(0.85))) if g.chance(0.5) else None
    body = Body(g, "l")
    index, going = body.formal(Value("", np.array(0))), body.formal(Value("", np.array(True)))
    formals = [body.formal(v) for v in carried]
    grow(body, g.between(1, 4))
    again = going
    if most is None or g.chance(0.3):
        again = body.add("Less", [index, body.fixed(np.array(g.between(0, 3)))])
    elif g.chance(0.2):
        again = g.choose([v for v in body.made() if v.dtype == BOOL and v.rank == 0] or [going])
    body.result(again)
    for formal in formals:
        body.result(next_value(body, formal))
    for _ in range(g.between(0 if carried else 1, 2)):
        body.result(g.choose(body.made()))

    def rule(node, values, growth):
        limit = only(values[most.name]) if most else MOST_ROUNDS + 1
        goes = only(values[start.name]) if start else True
        state, rows, count = [values[v.name] for v in carried], [], 0
        while goes and count < limit:
            if count == MOST_ROUNDS:
                raise Rejected
            given = [Value("", np.array(count)), Value("", np.array(True)), *state]
            more, *results = body.round(values, given, growth)
            state, goes, count = results[:len(carried)], only(more), count + 1
            rows.append(results[len(carried):])
        examples = [body.known[name] for name in body.results[1 + len(carried):]]
        results = [dataclasses.replace(v, name=name, constant=False) for v, name in zip(state, node.output)]
        return results + [stacked(name, [row[i] for row in rows], example) for i, (name, example) in
                          enumerate(zip(node.output[len(carried):], examples))]

    g.put("Loop", [most, start, *carried], rule, len(body.results) - 1, body=body.proto())


def scan(g):
    deep(g)
    x = g.take(ANY, range(1, 4), fits=lambda v: max(v.shape) <= MOST_ROUNDS and 0 not in v.shape)
    axis = g.axis(x)
    swept, axes = [x], [axis]
    for other in g.pool:
        if other.rank and len(swept) < 2 and other.shape[0] == x.shape[axis] and other.dtype in ANY and g.chance(0.3):
            swept, axes = [x, other], [axis, 0]
    carried = [g.take(ANY, range(3), fits=lambda v: v.array.size <= 200) for _ in range(g.between(0, 2))]
    backward = [g.between(0, 1) for _ in swept]
    body = Body(g, "s")

    def parts(values):
        taken = [np.moveaxis(values[v.name].array, a, 0)[::-1 if b else 1] for v, a, b in zip(swept, axes, backward)]
        if len({len(array) for array in taken}) > 1:
            raise Rejected
        return [[dataclasses.replace(values[v.name], array=np.ascontiguousarray(array[i]).reshape(array.shape[1:]))
                 for v, array in zip(swept, taken)] for i in range(len(taken[0]))]

    formals = [body.formal(v) for v in carried]
    for value in parts(g.known)[0]:
        body.formal(value)
    grow(body, g.between(1, 4))
    for formal in formals:
        body.result(next_value(body, formal))
    for _ in range(g.between(0 if carried else 1, 2)):
        body.result(g.choose(body.made()))
    outputs = [body.known[name] for name in body.results[len(carried):]]
    output_axes = [g.between(-v.rank - 1, v.rank) for v in outputs]
    output_backward = [g.between(0, 1) for _ in outputs]

    def rule(node, values, growth):
        state, rows = [values[v.name] for v in carried], []
        rounds = parts(values)
        if len(rounds) > 4 * MOST_ROUNDS:
            raise Rejected
        for given in rounds:
            results = body.round(values, [*state, *given], growth)
            state = results[:len(carried)]
            rows.append(results[len(carried):])
        results = [dataclasses.replace(v, name=name, constant=False) for v, name in zip(state, node.output)]
        return results + [stacked(name, [row[i] for row in rows][::-1 if output_backward[i] else 1], outputs[i], output_axes[i])
                          for i, name in enumerate(node.output[len(carried):])]

    more = dict(scan_output_axes=output_axes, scan_output_directions=output_backward) if outputs else {}
    g.put("Scan", [*carried, *swept], rule, len(body.results), body=body.proto(), num_scan_inputs=len(swept),
          scan_input_axes=axes, scan_input_directions=backward, **more)


FLOW_OPS = [(if_, 3), (loop, 4), (scan, 3)]
