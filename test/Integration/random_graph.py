"""A random graph from a seed: small, of many ops, with zero sizes, vectors, scalars, integers, and constants mixed in.

Every value is computed as the graph grows (reference.py), so that an op is only put where it is defined, and so that
each value knows how far off it may be. Floats begin as small multiples of 1/4, on which sums and products are exact
whatever their order; `grain` counts the binary digits behind the point, and a value of error 0 must come out bit for
bit. Other ops add an error of their own, and an error in an op's inputs counts by what it does there: the op is computed
again on inputs that are off by theirs. An op that makes too much of an error (rounding, cancellation) is not taken.
"""
import dataclasses
import math

import numpy as np
from onnx import defs, helper

from reference import NoReference, evaluate, reads

OPSET = 21
FIRST_OF_ALL = 10000  # graphs from here on are of all ops and opsets; those before, of random_ops.py's alone
SIZES = [0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17]
UNIT = 4e-6  # what an inexact op may be off by, in its largest result; sums of its own count by their length
MOST_ELEMENTS, LARGEST = 20000, 2.0**14
F32, F64, I32, I64, U8, I8, BOOL = (np.dtype(t) for t in ("f4", "f8", "i4", "i8", "u1", "i1", "?"))
NUMBERS, INTEGERS = (F32, F64, I32, I64), (I32, I64)


@dataclasses.dataclass
class Value:
    name: str
    array: np.ndarray
    grain: int = 0
    error: float = 0.0
    constant: bool = False

    rank = property(lambda self: self.array.ndim)
    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    largest = property(lambda self: float(np.abs(self.array.astype(np.float64)).max(initial=0.0)))


class Rejected(Exception):
    """The op does not fit here."""


class Graph:
    """A model's graph as it grows. The body of a branch or a loop (random_flow.py) has nodes and a pool of its own."""

    depth, prefix = 0, ""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.inputs, self.constants, self.pool, self.lists = [], {}, {}, [], []
        # Inputs and constants as values; results, too; how each node's results follow from values.
        self.given, self.known, self.rules = {}, {}, {}
        self.opset, self.ops = OPSET, []

    def chance(self, probability):
        return self.rng.random() < probability

    def choose(self, choices):
        if not len(choices):
            raise Rejected
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, least, most):
        return int(self.rng.integers(least, most + 1))

    def sizes(self, rank):
        shape = [int(self.choose(SIZES)) for _ in range(rank)]
        while math.prod(shape) > MOST_ELEMENTS // 8:
            shape[int(np.argmax(shape))] //= 2
        return shape

    def numbers(self, shape, dtype):
        if dtype == BOOL:
            return self.rng.random(shape) < 0.5
        if dtype in (F32, F64):
            return (self.rng.integers(-12, 13, shape) / 4).astype(dtype)
        return self.rng.integers(0 if dtype.kind == "u" else -5, 6, shape).astype(dtype)

    def new(self, shape, dtype=F32, constant=None):
        """A fresh input or constant."""
        constant = self.chance(0.5) if constant is None else constant
        value = Value(f"v{len(self.inputs) + len(self.constants)}", self.numbers(shape, dtype),
                      2 if dtype in (F32, F64) else 0, constant=constant)
        (self.constants if constant else self.inputs)[value.name] = value.array
        self.given[value.name] = self.known[value.name] = value
        self.pool.append(value)
        return value

    def fixed(self, array):
        """A constant that says how, not what: axes, sizes."""
        name = f"k{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        self.given[name] = self.known[name] = Value(name, self.constants[name], constant=True)
        return self.given[name]

    def make_input(self, value):
        """Makes the constant that was fixed last an input."""
        name = f"v{len(self.inputs) + len(self.constants) - 1}"
        self.inputs[name] = self.constants.pop(value.name)
        self.given[name] = self.known[name] = self.given.pop(value.name)
        del self.known[value.name]
        value.name, value.constant = name, False

    def take(self, dtypes=(F32,), ranks=range(9), fits=lambda value: True):
        """A value of the pool, the later the likelier, or a new one."""
        candidates = [v for v in self.pool if v.dtype in dtypes and v.rank in ranks and fits(v)]
        if candidates and self.chance(0.85):
            return candidates[max(self.between(0, len(candidates) - 1), self.between(0, len(candidates) - 1))]
        for _ in range(20):
            value = self.new(self.sizes(self.choose([r for r in ranks if r <= 4] or list(ranks))), self.choose(dtypes))
            if fits(value):
                return value
        raise Rejected

    def like(self, value, shape=None):
        """A value of the same type that broadcasts with it: of the pool, or a new one."""
        shape = list(value.shape if shape is None else shape)

        def broadcasts(other):
            return all(a == b or 1 in (a, b) for a, b in zip(reversed(other.shape), reversed(shape)))

        candidates = [v for v in self.pool if v.dtype == value.dtype and broadcasts(v)]
        if candidates and self.chance(0.6):
            return self.choose(candidates)
        shape = [1 if self.chance(0.25) else size for size in shape][self.between(0, len(shape)) if self.chance(0.3) else 0:]
        return self.new(shape, value.dtype)

    def axis(self, value):
        if value.rank == 0:
            raise Rejected
        return self.between(-value.rank, value.rank - 1)

    def add(self, op, inputs, grain=None, products=1, outputs=1, loose=1, around=0, demand=None, **attributes):
        """Appends a node. `grain` is the results' when the op is exact, where each sums up `products` terms or one; an
        op of many steps is `loose` times as far off as one of one step, and one whose parts are `around` some number is
        as far off as it is. The op is for operands on which `demand` is true: a reference may take others, too."""
        return self.put(op, inputs, (grain, products, loose, around, demand), outputs, **attributes)[0]

    def put(self, op, inputs, rule, outputs=1, **attributes):
        """Appends a node whose results follow by a rule: what `judge` needs, or a function of the node and all values.
        `outputs` says how many there are, or of each whether it is there."""
        wanted = [True] * outputs if isinstance(outputs, int) else outputs
        names = [f"{self.prefix}n{len(self.nodes)}_{i}" if there else "" for i, there in enumerate(wanted)]
        node = helper.make_node(op, [v.name if v else "" for v in inputs], names,
                                name=f"{self.prefix}{op}_{len(self.nodes)}", **attributes)
        self.rules[node.name] = rule
        values = self.again(node, self.known)
        self.nodes.append(node)
        self.known.update((v.name, v) for v in values)
        self.pool += [v for v in values if isinstance(v, Value)]
        return values

    def again(self, node, values, growth=1.0):
        """The node's results on these values, of inputs that have `growth` times the elements that were drawn."""
        rule = self.rules[node.name]
        if callable(rule):
            return rule(node, values, growth)
        grain, products, loose, around, demand = rule
        products = products if products == 1 else math.ceil(products * growth)
        given = [values[name] for name in node.input if name]
        if demand and not demand(*given):
            raise Rejected
        return self.judge(node, given, grain, products, loose, around)

    def op_types(self):
        """The ops of all nodes, those of bodies as well."""
        return [name.rpartition("_")[0].rpartition("_")[2] for name in self.rules]

    def version(self, node):
        """The opset that the node's op is of."""
        if node.domain or not defs.has(node.op_type):
            return OPSET
        try:
            return max(OPSET, defs.get_schema(node.op_type, self.opset, "").since_version)
        except defs.SchemaError:
            raise Rejected from None

    def judge(self, node, given, grain, products=1, loose=1, around=0):
        """The node's results on these operands, with how far off they may be."""
        results = evaluate(node, {v.name: v.array for v in given}, self.version(node))
        if sum(r.size for r in results) > MOST_ELEMENTS:
            raise Rejected
        error = self.propagate(node, given, results)
        values = []
        for name, array in zip(filter(None, node.output), results):
            value = Value(name, array, constant=all(v.constant for v in given))
            if array.dtype in (F32, F64):
                if not np.isfinite(array).all() or value.largest > LARGEST:
                    raise Rejected
                # Partial sums may be larger than their result.
                bound = max([value.largest] + ([products * math.prod(max(v.largest, 1) for v in given)] if products > 1 else []))
                exact = grain is not None and error == 0 and bound * 2.0**grain < 2**22
                value.grain = grain if exact else 99
                value.error = 0.0 if exact else error + loose * UNIT * (bound if products > 1 else max(value.largest, around))
                if value.error > 2e-3 * max(value.largest, 1e-3):
                    raise Rejected
            elif error > 0:
                raise Rejected
            values.append(value)
        return values

    def propagate(self, node, inputs, results):
        """How far the results are off when the inputs are."""
        if all(v.error == 0 for v in inputs):
            return 0.0
        error = 0.0
        for sign in (1, -1):
            arrays = {v.name: v.array if v.error == 0 else
                      (v.array + v.error * np.where(self.rng.random(v.shape) < 0.5, sign, -sign)).astype(v.dtype)
                      for v in inputs}
            for before, after in zip(results, evaluate(node, arrays, self.version(node))):
                if before.shape != after.shape:
                    raise Rejected
                with np.errstate(invalid="ignore"):
                    error = max(error, float(np.abs(after.astype(np.float64) - before.astype(np.float64)).max(initial=0.0)))
        return 4 * error + max(v.error for v in inputs) * 1e-3


def grow(graph, wanted):
    """Adds ops until there are so many nodes, or too many tries."""
    names, weights = [op for op, _ in graph.ops], np.array([weight for _, weight in graph.ops], float)
    for _ in range(200):
        if len(graph.nodes) >= wanted:
            break
        before = [(table, len(table)) for table in (graph.nodes, graph.pool, graph.lists, graph.inputs, graph.constants,
                                                    graph.given, graph.known, graph.rules)]
        try:
            names[int(graph.rng.choice(len(names), p=weights / weights.sum()))](graph)
        except (Rejected, NoReference):
            for table, size in before:
                if isinstance(table, list):
                    del table[size:]
                else:
                    for name in list(table)[size:]:
                        del table[name]


def build(seed):
    """(graph, outputs): every value that nothing reads, and some that something does."""
    from random_families import ALL_OPS
    from random_ops import OPS

    graph = Graph(seed)
    graph.ops = OPS
    if seed >= FIRST_OF_ALL:
        graph.ops, graph.opset = ALL_OPS, graph.choose([OPSET, 24, 28])
    for _ in range(graph.between(1, 3)):
        graph.new(graph.sizes(graph.choose([0, 1, 1, 1, 2, 2, 3, 4])), graph.choose([F32] * 6 + [I64, I64, I32, F64, U8, BOOL]), constant=False)
    grow(graph, graph.between(3, 12))
    read = {name for node in graph.nodes for name in reads(node)}
    made = {name for node in graph.nodes for name in node.output}
    outputs = [v for v in graph.pool if v.name in made and (v.name not in read or graph.chance(0.15))]
    return graph, outputs
