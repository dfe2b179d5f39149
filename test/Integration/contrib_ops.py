#!/usr/bin/env python3
"""The ops of com.microsoft that ONNX Runtime's exporters and optimizer write, compared with ONNX Runtime.

usage: contrib_ops.py SCRATCH

All cases are nodes of one model, so that it is compiled once. What runs by itself, such as a decoder's cache that is
not full, has cases with other lengths per batch.
"""
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from command import call_main, run, write_inputs
from onnx import helper

RANDOM = np.random.default_rng(11)
F16 = np.float16


def normal(*shape, dtype=np.float32):
    return RANDOM.standard_normal(shape).astype(dtype)


def ints(*values, dtype=np.int32):
    return np.array(values, dtype)


def elementwise():
    for dtype in (np.float32, F16):
        yield "Gelu", [normal(3, 5, dtype=dtype)], {}
        yield "FastGelu", [normal(3, 5, dtype=dtype)], {}
    yield "BiasGelu", [normal(3, 5), normal(5)], {}
    yield "FastGelu", [normal(2, 3, 5), normal(5)], {}
    yield "QuickGelu", [normal(3, 5)], {}
    yield "QuickGelu", [normal(3, 5)], dict(alpha=0.7)


def products():
    yield "FusedMatMul", [normal(3, 4), normal(4, 5)], dict(alpha=0.5)
    yield "FusedMatMul", [normal(2, 4, 3), normal(2, 5, 4)], dict(transA=1, transB=1)
    yield "FusedMatMul", [normal(3, 2, 4), normal(2, 4, 5)], dict(transBatchA=1)
    yield "FusedMatMul", [normal(4, 2, 6, 3), normal(4, 2, 6, 5)], dict(transBatchA=1, transBatchB=1, transA=1)


def norms():
    x, skip, scale, shift = normal(2, 3, 8), normal(2, 3, 8), normal(8), normal(8)
    yield "SkipLayerNormalization", [x, skip, scale], {}
    yield "SkipLayerNormalization", [x, skip[:1], scale, shift, normal(8)], dict(epsilon=1e-3), [0, 3]
    yield "SkipLayerNormalization", [x, skip[0], scale, None, normal(8)], {}, [0, 3]
    yield "SkipSimplifiedLayerNormalization", [x, skip, scale], {}
    yield "SkipSimplifiedLayerNormalization", [x, skip, scale, normal(8)], dict(epsilon=1e-3), [0, 3]
    yield ":SimplifiedLayerNormalization", [x, scale], {}
    yield ":SimplifiedLayerNormalization", [x, normal(3, 8)], dict(axis=1, epsilon=1e-2)
    ids, segments = ints([1, 4, 2], [0, 3, 3]), ints([0, 1, 1], [0, 0, 1])
    tables = [normal(6, 8), normal(5, 8)]
    mask = ints([1, 1, 0], [1, 1, 1])
    yield ("EmbedLayerNormalization", [ids, segments, *tables, normal(2, 8), scale, shift, mask], dict(mask_index_type=1),
           [0, 1, 2])
    yield "EmbedLayerNormalization", [ids, None, *tables, None, scale, shift], {}, [0, 1]
    yield "EmbedLayerNormalization", [ids, None, *tables, None, scale, shift, None, ints([2, 0, 1])], {}, [0, 1]


def quantize(x, dtype, zero):
    """Elements with their scale and zero point."""
    scale = np.float32(np.abs(x).max() / 100)
    limits = np.iinfo(dtype)
    return np.clip(np.round(x / scale) + zero, limits.min, limits.max).astype(dtype), scale, dtype(zero)


def quantized_norms():
    ids, segments = ints([1, 4, 2], [0, 3, 3]), ints([0, 1, 1], [0, 0, 1])
    for dtype, zero in ((np.uint8, 128), (np.int8, 3)):
        tables = [quantize(table, dtype, zero) for table in (normal(6, 8), normal(5, 8), normal(2, 8), normal(8), normal(8))]
        columns = list(zip(*tables))
        yield ("QEmbedLayerNormalization", [ids, segments, *columns[0], ints([1, 1, 0], [1, 1, 1]), *columns[1], *columns[2]],
               {}, [0, 1])


def rotary():
    cos, sin = normal(7, 4), normal(7, 4)
    positions = ints([0, 3, 5], [6, 2, 1], dtype=np.int64)
    for interleaved in (0, 1):
        yield "RotaryEmbedding", [normal(2, 3, 24), positions, cos, sin], dict(interleaved=interleaved)
        yield "RotaryEmbedding", [normal(2, 3, 3, 8), ints(2, dtype=np.int64), cos, sin], dict(interleaved=interleaved)
    yield ("RotaryEmbedding", [normal(2, 3, 24), positions, normal(7, 3), normal(7, 3)],
           dict(num_heads=3, rotary_embedding_dim=6))


def attention():
    weights, bias = normal(6, 24), normal(24)
    x = normal(2, 4, 6)
    ends, both = ints(3, 2), ints(3, 4, 0, 1)
    two, three = ints([1, 1, 0, 0], [1, 1, 1, 0]), (RANDOM.random((2, 4, 4)) < 0.6).astype(np.int32)
    yield "Attention", [x, weights, bias], dict(num_heads=2)
    for mask in (ends, both, two, three):
        yield "Attention", [x, weights, bias, mask], dict(num_heads=2)
    yield "Attention", [x, weights, bias, two], dict(num_heads=2, unidirectional=1, scale=0.3), [0, 1]
    yield "Attention", [x, weights, bias, None, None, normal(1, 2, 4, 4)], dict(num_heads=2)
    yield "Attention", [x, weights, bias], dict(num_heads=2, qkv_hidden_sizes=[6, 6, 12])
    past = normal(2, 2, 2, 3, 4)
    yield "Attention", [x, weights, bias, None, past], dict(num_heads=2, unidirectional=1), [0, 1]
    yield ("Attention", [x, weights, bias, ints([1] * 7, [1, 1, 0, 0, 1, 1, 1]), past], dict(num_heads=2), [0, 1])


def quantized_attention():
    mask = ints([1, 1, 0, 0], [1, 1, 1, 0])
    for kind, zero in ((np.int8, 0), (np.uint8, 130)):
        x, scale_x, zero_x = quantize(normal(2, 4, 6), np.uint8, 120)
        w, scale_w, zero_w = quantize(normal(6, 24), kind, zero)
        bias = normal(24)
        yield "QAttention", [x, w, bias, scale_x, scale_w, None, zero_x, zero_w], dict(num_heads=2)
        yield "QAttention", [x, w, bias, scale_x, scale_w, mask, zero_x, zero_w], dict(num_heads=2, unidirectional=1)
        columns = RANDOM.uniform(0.9, 1.1, 24).astype(np.float32) * scale_w
        yield ("QAttention", [x, w, bias, scale_x, columns, None, zero_x, np.full(24, zero, kind), normal(2, 2, 2, 3, 4)],
               dict(num_heads=2, unidirectional=1), [0, 1])


def heads():
    q, k, v = normal(2, 4, 8), normal(2, 5, 8), normal(2, 5, 12)
    yield "MultiHeadAttention", [q, k, v], dict(num_heads=2)
    yield "MultiHeadAttention", [q, k, v, normal(28)], dict(num_heads=2, scale=0.2)
    yield "MultiHeadAttention", [q, k, v, None, ints([1, 1, 1, 0, 0], [1, 1, 1, 1, 1])], dict(num_heads=2)
    yield "MultiHeadAttention", [q, k, v, None, ints(3, 5)], dict(num_heads=2)
    yield "MultiHeadAttention", [q, k, v, None, None, normal(2, 1, 4, 5)], dict(num_heads=2)
    yield "MultiHeadAttention", [q, q, q], dict(num_heads=2, unidirectional=1)
    yield "MultiHeadAttention", [q, normal(2, 2, 5, 4), normal(2, 2, 5, 4)], dict(num_heads=2)
    new = normal(2, 4, 8)
    yield ("MultiHeadAttention", [q, q, new, None, None, None, normal(2, 2, 3, 4), normal(2, 2, 3, 4)],
           dict(num_heads=2, unidirectional=1), [0, 1, 2])


def grouped():
    def case(tokens, past, lengths, total, options=None, packed=False, rotates=False, extra=()):
        key, value = normal(2, tokens, 32), normal(2, tokens, 32)
        query = normal(2, tokens, 64)
        inputs = [np.concatenate([query, key, value], 2), None, None] if packed else [query, key, value]
        caches = [normal(2, 2, past, 16), normal(2, 2, past, 16)] if past is not None else [None, None]
        inputs += [*caches, ints(*lengths), np.int32(total)]
        if rotates:
            inputs += [normal(9, 8), normal(9, 8)]
        inputs += extra
        return ("GroupQueryAttention", inputs, dict(num_heads=4, kv_num_heads=2, **(options or {})), [0, 1, 2])

    yield case(3, None, [2, 2], 3)
    yield case(3, 0, [2, 2], 3, dict(do_rotary=1), rotates=True)
    yield case(1, 4, [4, 4], 5, dict(scale=0.4, softcap=1.5))
    yield case(1, 4, [4, 2], 5, dict(do_rotary=1, rotary_interleaved=1), rotates=True)
    yield case(1, 7, [4, 2], 5)
    yield case(1, 5, [5, 3], 6, dict(local_window_size=2), packed=True)
    # A share of the probabilities that belongs to no key.
    sinks = [None, None, None, None, normal(4) + 2]
    yield case(3, None, [2, 2], 3, dict(smooth_softmax=1))
    yield case(1, 4, [4, 2], 5, dict(smooth_softmax=1, softcap=1.5))
    yield case(3, None, [2, 2], 3, extra=sinks)
    yield case(1, 7, [4, 2], 5, dict(local_window_size=2), extra=sinks)
    yield case(1, 4, [4, 4], 5, extra=[None, None, None, normal(2, 1, 1, 5), *sinks[4:]])
    yield case(1, 4, [4, 4], 5, dict(do_rotary=1), rotates=True, extra=sinks[2:])


def make_case(number, op, arrays, attributes, outputs=(0,)):
    """A node with the inputs that it has, and the names of the outputs."""
    domain, name = ("", op[1:]) if op.startswith(":") else ("com.microsoft", op)
    prefix = f"{name}{number}"
    inputs = {f"{prefix}_x{i}": array for i, array in enumerate(arrays) if array is not None}
    places = [f"{prefix}_y{i}" if i in outputs else "" for i in range(max(outputs) + 1)]
    node = helper.make_node(name, [f"{prefix}_x{i}" if array is not None else "" for i, array in enumerate(arrays)],
                            places, domain=domain, **attributes)
    return node, inputs, [place for place in places if place]


def infer(nodes, inputs, names):
    """What ONNX Runtime computes for a model without declared output types, and the model with them."""
    def value(name, array):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)

    def model(outputs):
        # Total lengths are known when a decoder's shapes are.
        totals = [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in inputs.items() if array.ndim == 0]
        graph = helper.make_graph(nodes, "g", [value(*item) for item in inputs.items() if item[1].ndim], outputs, totals)
        return helper.make_model(graph, ir_version=9, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])

    untyped = model([onnx.ValueInfoProto(name=name) for name in names])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(untyped.SerializeToString(), options, providers=["CPUExecutionProvider"])
    wanted = dict(zip(names, session.run(names, {name: array for name, array in inputs.items() if array.ndim})))
    return wanted, model([value(name, array) for name, array in wanted.items()])


def clear_unfilled(name, cache, inputs):
    """Rows of a cache behind those that are filled may hold anything."""
    node, place = name.rsplit("_", 1)
    if node.startswith("GroupQueryAttention") and place != "y0":
        for batch, last in enumerate(inputs[f"{node}_x5"]):
            cache[batch, :, last + 1:] = 0


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch = pathlib.Path(scratch)
    problems = []
    for family in (elementwise, products, norms, quantized_norms, rotary, attention, quantized_attention, heads, grouped):
        nodes, inputs, names = [], {}, []
        for number, case in enumerate(family()):
            node, arrays, results = make_case(number, *case)
            nodes.append(node)
            inputs.update(arrays)
            names += results
        wanted, model = infer(nodes, inputs, names)
        folder = scratch / family.__name__
        write_inputs(folder / "in", {name: array for name, array in inputs.items() if array.ndim})
        onnx.save(model, folder / "model.onnx")
        found = run(folder / "model.onnx", folder / "in", folder / "out")
        for name, array in wanted.items():
            got = found[f"{name}.npy"]
            if got.shape == array.shape:
                clear_unfilled(name, array, inputs)
                clear_unfilled(name, got, inputs)
            tolerance = 4e-3 if array.dtype == F16 else 2e-5
            if got.dtype != array.dtype or got.shape != array.shape or not np.allclose(got, array, tolerance, tolerance):
                off = np.abs(got - array).max() if got.shape == array.shape else f"{got.shape}, expected {array.shape}"
                problems.append(f"{name} is off by {off}")
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
