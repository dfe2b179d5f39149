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
from onnx import helper

from reference import NoReference, evaluate

OPSET = 21
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
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.inputs, self.constants, self.pool = [], {}, {}, []
        self.given, self.rules = {}, {}  # inputs and constants as values; what `judge` needs to know of each node

    def chance(self, probability):
        return self.rng.random() < probability

    def choose(self, choices):
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
        return self.rng.integers(0 if dtype == U8 else -5, 6, shape).astype(dtype)

    def new(self, shape, dtype=F32, constant=None):
        """A fresh input or constant."""
        constant = self.chance(0.5) if constant is None else constant
        value = Value(f"v{len(self.inputs) + len(self.constants)}", self.numbers(shape, dtype),
                      2 if dtype in (F32, F64) else 0, constant=constant)
        (self.constants if constant else self.inputs)[value.name] = value.array
        self.given[value.name] = value
        self.pool.append(value)
        return value

    def fixed(self, array):
        """A constant that says how, not what: axes, sizes."""
        name = f"k{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        self.given[name] = Value(name, self.constants[name], constant=True)
        return self.given[name]

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

    def add(self, op, inputs, grain=None, products=1, outputs=1, **attributes):
        """Appends a node. `grain` is the results' when the op is exact, where each sums up `products` terms or one."""
        names = [f"n{len(self.nodes)}_{i}" for i in range(outputs)]
        node = helper.make_node(op, [v.name if v else "" for v in inputs], names, name=f"{op}_{len(self.nodes)}",
                                **attributes)
        values = self.judge(node, [v for v in inputs if v], grain, products)
        self.nodes.append(node)
        self.rules[node.name] = (grain, products)
        self.pool += values
        return values[0]

    def judge(self, node, given, grain, products):
        """The node's results on these operands, with how far off they may be."""
        results = evaluate(node, {v.name: v.array for v in given}, OPSET)
        if sum(r.size for r in results) > MOST_ELEMENTS:
            raise Rejected
        error = self.propagate(node, given, results)
        values = []
        for name, array in zip(node.output, results):
            value = Value(name, array, constant=all(v.constant for v in given))
            if array.dtype in (F32, F64):
                if not np.isfinite(array).all() or value.largest > LARGEST:
                    raise Rejected
                # Partial sums may be larger than their result.
                bound = max([value.largest] + ([products * math.prod(max(v.largest, 1) for v in given)] if products > 1 else []))
                exact = grain is not None and error == 0 and bound * 2.0**grain < 2**22
                value.grain = grain if exact else 99
                value.error = 0.0 if exact else error + UNIT * (bound if products > 1 else value.largest)
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
            for before, after in zip(results, evaluate(node, arrays, OPSET)):
                with np.errstate(invalid="ignore"):
                    error = max(error, float(np.abs(after.astype(np.float64) - before.astype(np.float64)).max(initial=0.0)))
        return 4 * error + max(v.error for v in inputs) * 1e-3


def build(seed):
    """(graph, outputs): every value that nothing reads, and some that something does."""
    from random_ops import OPS

    graph = Graph(seed)
    for _ in range(graph.between(1, 3)):
        graph.new(graph.sizes(graph.choose([0, 1, 1, 1, 2, 2, 3, 4])), graph.choose([F32] * 6 + [I64, I64, I32, F64, U8, BOOL]), constant=False)
    wanted, names, weights = graph.between(3, 12), [op for op, _ in OPS], np.array([weight for _, weight in OPS], float)
    for _ in range(200):
        if len(graph.nodes) >= wanted:
            break
        before = [(table, len(table)) for table in (graph.nodes, graph.pool, graph.inputs, graph.constants,
                                                         graph.given, graph.rules)]
        try:
            names[int(graph.rng.choice(len(names), p=weights / weights.sum()))](graph)
        except (Rejected, NoReference):
            for table, size in before:
                if isinstance(table, list):
                    del table[size:]
                else:
                    for name in list(table)[size:]:
                        del table[name]
    read = {name for node in graph.nodes for name in node.input}
    made = {name for node in graph.nodes for name in node.output}
    outputs = [v for v in graph.pool if v.name in made and (v.name not in read or graph.chance(0.15))]
    return graph, outputs
