"""The ops of random graphs that combine elements along dims."""
import math

import numpy as np

from random_graph import F32, F64, I32, I64, INTEGERS, NUMBERS, Rejected

FLOATS = (F32, F64)


def stays_in_range(op, value, axes):
    """Whether integers are combined without an overflow, for which everyone has a result of their own."""
    parts = np.abs(value.array.astype(np.float64))
    total = (np.prod(np.maximum(parts, 1), axes) if op == "ReduceProd" else
             np.sum(parts**2 if op == "ReduceSumSquare" else parts, axes))
    return total.max(initial=0) < np.iinfo(value.dtype).max / 2


def reduction(g):
    op = g.choose(["ReduceSum", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
                   "ReduceSumSquare", "ReduceLogSumExp"])
    integer = op not in ("ReduceL2", "ReduceLogSumExp", "ReduceMean")
    x = g.take(NUMBERS if integer else FLOATS)
    axes = [int(a) - (x.rank if g.chance(0.3) else 0) for a in g.rng.permutation(x.rank)[:g.between(1, max(x.rank, 1))]]
    count = math.prod(x.shape[a] for a in axes) if axes else x.array.size
    grain = {"ReduceSum": x.grain, "ReduceMax": x.grain, "ReduceMin": x.grain, "ReduceL1": x.grain,
             "ReduceSumSquare": 2 * x.grain}.get(op)
    products = max(count, 1) if op in ("ReduceSum", "ReduceL1") else 1

    def rule(node, values, growth):
        value = values[x.name]
        if op == "ReduceMean" and value.array.size == 0:  # undefined
            raise Rejected
        if value.dtype in INTEGERS and not stays_in_range(op, value, tuple(axes) or None):
            raise Rejected
        return g.judge(node, [values[name] for name in node.input], grain, products if products == 1 else math.ceil(products * growth))

    g.put(op, [x, g.fixed(np.array(axes, np.int64))] if axes else [x], rule, keepdims=g.between(0, 1))


def arg_reduction(g):
    x = g.take((F32, I32, I64), range(1, 5), fits=lambda v: v.error == 0)
    g.add(g.choose(["ArgMax", "ArgMin"]), [x], axis=g.axis(x), keepdims=g.between(0, 1), select_last_index=g.between(0, 1))


def cumsum(g):
    x = g.take(NUMBERS, range(1, 4))
    axis = g.axis(x)
    g.add("CumSum", [x, g.fixed(np.array(axis, np.int64))], x.grain, products=max(x.shape[axis], 1),
          exclusive=g.between(0, 1), reverse=g.between(0, 1))
