#!/usr/bin/env python3
"""GatherND, ScatterND, ScatterElements and TensorScatter of every kind of element against plain loops in order.

usage: scatter.py SCRATCH

All nodes are in one model, which is run with data as inputs and as constants, on one and on three threads, bit for bit.
Indices repeat, so that the order of updates counts.
"""
import pathlib
import shutil

import ml_dtypes
import numpy as np
from command import call_main, file_name, lambent, run
from narrow import save
from onnx import helper

GENERATOR = np.random.default_rng(7)
COMBINE = {"none": lambda a, b: b, "add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
OF_BOOL = {"none": lambda a, b: b, "add": np.logical_or, "mul": np.logical_and, "max": np.logical_or,
           "min": np.logical_and}
TYPES = [np.dtype(t) for t in ("f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ml_dtypes.bfloat16)]


def random(shape, dtype):
    if dtype == np.bool_:
        return GENERATOR.random(shape) < 0.5
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return GENERATOR.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return GENERATOR.standard_normal(shape).astype(dtype)


def draw_tuples(sizes, shape):
    return np.stack([GENERATOR.integers(-size, size, shape) for size in sizes], -1).astype(np.int64)


def combine(kind, old, new):
    with np.errstate(over="ignore"):
        return (OF_BOOL if old.dtype == np.bool_ else COMBINE)[kind](old, new).astype(old.dtype)


def gather_nd(data, indices, batch_dims=0):
    shape = indices.shape[:-1]
    result = [data[tuple(at[:batch_dims]) + tuple(indices[at])] for at in np.ndindex(shape)]
    return np.array(result, data.dtype).reshape(shape + data.shape[batch_dims + indices.shape[-1]:])


def scatter_nd(data, indices, updates, reduction="none"):
    result = data.copy()
    for at in np.ndindex(indices.shape[:-1]):
        place = tuple(indices[at])
        result[place] = combine(reduction, result[place], updates[at])
    return result


def scatter_elements(data, indices, updates, axis=0, reduction="none"):
    result = data.copy()
    for at in np.ndindex(indices.shape):
        place = list(at)
        place[axis] = indices[at]
        result[tuple(place)] = combine(reduction, result[tuple(place)], updates[at])
    return result


def tensor_scatter(cache, update, first=None, axis=-2, mode="linear"):
    result, axis = cache.copy(), axis % cache.ndim
    for at in np.ndindex(update.shape):
        place = list(at)
        place[axis] += 0 if first is None else first[at[0]]
        if mode == "circular":
            place[axis] %= cache.shape[axis]
        result[tuple(place)] = update[at]
    return result


RULES = {"GatherND": gather_nd, "ScatterND": scatter_nd, "ScatterElements": scatter_elements,
         "TensorScatter": tensor_scatter}


def cases_of_nd(dtype):
    shape = (3, 4, 5, 6)
    yield "GatherND", [random(shape, dtype), draw_tuples(shape[:2], (7,))], {}
    yield "GatherND", [random(shape, dtype), draw_tuples(shape, (2, 3))], {}
    yield "GatherND", [random(shape, dtype), draw_tuples(shape[1:3], (3, 4))], dict(batch_dims=1)
    yield "GatherND", [random(shape, dtype), draw_tuples(shape[2:3], (3, 4))], dict(batch_dims=2)
    for reduction in COMBINE:
        yield "ScatterND", [random((4, 5), dtype), draw_tuples((4, 5), (11,)), random((11,), dtype)], dict(reduction=reduction)
        yield ("ScatterND", [random((3, 2, 37), dtype), draw_tuples((3, 2), (3, 4)), random((3, 4, 37), dtype)],
               dict(reduction=reduction))


def cases_of_elements(dtype):
    for axis, shape, updated in (0, (6,), (15,)), (1, (3, 5, 4), (3, 9, 4)), (-1, (3, 5, 4), (2, 4, 6)), (0, (3, 5, 4), (8, 5, 3)):
        indices = GENERATOR.integers(-shape[axis], shape[axis], updated)
        for reduction in COMBINE:
            yield ("ScatterElements", [random(shape, dtype), indices.astype(np.int32 if axis else np.int64),
                                       random(updated, dtype)], dict(axis=axis, reduction=reduction))


def cases_of_caches(dtype):
    for mode, first in ("linear", [2, 0]), ("linear", None), ("circular", [3, 4]):
        first = [] if first is None else [np.array(first, np.int64)]
        yield "TensorScatter", [random((2, 3, 5, 4), dtype), random((2, 3, 3, 4), dtype), *first], dict(mode=mode)
        yield "TensorScatter", [random((2, 5, 4), dtype), random((2, 3, 4), dtype), *first], dict(mode=mode, axis=1)


def large_cases():
    """What is cut into chunks: long runs, many lines, and data that takes several to copy."""
    f4 = np.dtype("f4")
    for reduction in "none", "add":
        yield "ScatterND", [random((9, 5000), f4), draw_tuples((9,), (50,)), random((50, 5000), f4)], dict(reduction=reduction)
        yield "ScatterND", [random((100, 999), f4), draw_tuples((100, 999), (7,)), random((7,), f4)], dict(reduction=reduction)
        yield ("ScatterElements", [random((70, 9, 130), f4), GENERATOR.integers(0, 9, (70, 20, 130)),
                                   random((70, 20, 130), f4)], dict(axis=1, reduction=reduction))


def all_cases():
    for dtype in TYPES:
        for family in cases_of_nd, cases_of_elements, cases_of_caches:
            yield from family(dtype)
    yield from large_cases()


def bits(array):
    return np.ascontiguousarray(array).view(np.dtype(f"u{array.dtype.itemsize}"))


def examine(folder, cases, as_inputs):
    tensors, nodes, expected = {}, [], {}
    for number, (op, operands, attributes) in enumerate(cases):
        names = [f"c{number}_{i}" for i in range(len(operands))]
        tensors |= zip(names, operands)
        nodes.append(helper.make_node(op, names, [f"y{number}"], **attributes))
        expected[f"y{number}"] = RULES[op](*operands, **attributes)
    unused = {"unused": np.zeros(1, np.float32)}
    save(folder, nodes, unused | tensors if as_inputs else unused,
         {name: (helper.np_dtype_to_tensor_dtype(y.dtype), y.shape) for name, y in expected.items()},
         {} if as_inputs else tensors)
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    for threads in (1, 3):
        found = run(folder / "model.so", folder / "in", folder / f"out{threads}", f"--threads={threads}")
        for (name, y), (op, operands, attributes) in zip(expected.items(), cases):
            got = found[file_name(name)]
            if got.shape != y.shape or not np.array_equal(bits(got), bits(y)):
                shapes = [list(operand.shape) for operand in operands]
                yield f"{op} of {operands[0].dtype} {shapes} {attributes}, {threads} threads: {got} expected {y}"


def main(scratch):
    folder = pathlib.Path(scratch)
    shutil.rmtree(folder, ignore_errors=True)
    cases = list(all_cases())
    problems = [*examine(folder / "inputs", cases, True), *examine(folder / "constants", cases, False)]
    print("\n".join(problems))
    print(f"{len(cases)} cases, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
