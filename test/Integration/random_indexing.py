"""The ops of random graphs that read and write by index."""
import math

import numpy as np

from random_graph import BOOL, F32, F64, I32, I64, U8

ANY = (F32, F64, I32, I64, U8, BOOL)


def gather(g):
    x = g.take(ANY, range(1, 5))
    axis = g.axis(x)
    size = x.shape[axis]
    shape = g.sizes(g.choose([0, 1, 1, 2]))
    if size == 0 and math.prod(shape):
        shape = [0]
    indices = g.rng.integers(-size, max(size, 1), shape).astype(np.int64) if math.prod(shape) else np.zeros(shape, np.int64)
    index = g.fixed(indices)
    if g.chance(0.5):
        g.make_input(index)
    g.add("Gather", [x, index], x.grain, axis=axis)


def gather_elements(g):
    x = g.take(ANY, range(1, 4))
    axis = g.axis(x)
    shape = list(x.shape)
    shape[axis] = g.between(0, 5) if shape[axis] else 0
    indices = g.rng.integers(-x.shape[axis], max(x.shape[axis], 1), shape) if x.shape[axis] else np.zeros(shape)
    g.add("GatherElements", [x, g.fixed(indices.astype(np.int64))], x.grain, axis=axis)


def draw_tuples(g, sizes, count):
    """Indices into dims of these sizes, along a new last dim."""
    return np.stack([g.rng.integers(-size, max(size, 1), count) for size in sizes], -1).astype(np.int64)


def gather_nd(g):
    x = g.take(ANY, range(1, 5))
    batch = g.between(0, x.rank - 1)
    depth = g.between(1, x.rank - batch)
    indexed = x.shape[batch:batch + depth]
    count = [*x.shape[:batch], *g.sizes(g.choose([0, 1, 2]))]
    if 0 in indexed:
        count += [0]
    g.add("GatherND", [x, g.fixed(draw_tuples(g, indexed, count))], x.grain, batch_dims=batch,
          demand=lambda x, indices: x.shape[:batch] == indices.shape[:batch])


def scatter_nd(g):
    """Places may repeat where one of the updates is kept; sums of them would be in another order in the reference."""
    x = g.take(ANY, range(1, 5))
    depth = g.between(1, x.rank)
    indexed, count = x.shape[:depth], [0] if 0 in x.shape[:depth] else g.sizes(1)
    updates = g.new([*count, *x.shape[depth:]], x.dtype)
    g.add("ScatterND", [x, g.fixed(draw_tuples(g, indexed, count)), updates], max(x.grain, updates.grain),
          demand=lambda x, indices, updates: updates.shape == (*indices.shape[:-1], *x.shape[depth:]))


def scatter_elements(g):
    x = g.take(ANY, range(1, 4))
    axis = g.axis(x)
    shape = [g.between(0, size) for size in x.shape]
    if x.shape[axis] == 0:
        shape[axis] = 0
    indices = g.rng.integers(-x.shape[axis], max(x.shape[axis], 1), shape).astype(np.int64)
    updates = g.new(shape, x.dtype)
    kind = g.choose(["none", "max", "min"]) if x.dtype != BOOL else "none"
    g.add("ScatterElements", [x, g.fixed(indices), updates], max(x.grain, updates.grain), axis=axis, reduction=kind,
          demand=lambda x, indices, updates: indices.shape == updates.shape)


INDEXING_OPS = [(gather, 4), (gather_elements, 1), (gather_nd, 2), (scatter_nd, 2), (scatter_elements, 2)]
