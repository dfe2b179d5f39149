#!/usr/bin/env python3
"""Attention whose batch, queries, past and keys are open: compiled once, run at several sizes, beside ONNX's own results.

usage: open_attention.py SCRATCH
"""

import numpy as np
import onnx
import onnx.reference
from command import call_main
from in_process import compile_model
from near import difference
from open_layers import Model, Node
from reference import run_onnxruntime

# Batch, queries, past; t keys in all.
SIZES = [dict(b=b, n=n, p=p, t=n + p) for b, n, p in ((1, 1, 7), (2, 5, 0), (1, 6, 33), (3, 1, 1), (1, 40, 100))]
# Few queries of many keys, at the borders of parts of them.
LONG = [dict(b=b, n=n, p=p, t=n + p) for b, n, p in ((1, 1, 126), (1, 1, 127), (2, 4, 300), (1, 5, 700))]
CACHE = dict(pk="b,2,p,8", pv="b,2,p,8")
PACKED = dict(q="b,n,32", k="b,n,16", v="b,n,16")
HEADS = dict(q_num_heads=4, kv_num_heads=2)


def attention(*operands, inputs, outputs="y", sizes=SIZES + LONG, opset=23, domain="", op="Attention", **attributes):
    node = Node(op, *operands, out=outputs, domain=domain, **attributes)
    model = Model(node, outputs=outputs.split(), sizes=sizes, opset=opset, **inputs)
    for output in model.model.graph.output:  # of other domains' ops nothing is inferred
        output.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    return model


def standard():
    cached = dict(inputs=PACKED | CACHE, outputs="y rk rv", **HEADS)
    names = ["q", "k", "v", "", "pk", "pv"]
    yield "past", attention(*names, **cached)
    yield "causal", attention(*names, is_causal=1, **cached)
    yield "capped", attention(*names, is_causal=1, softcap=3.0, **cached)
    yield "causal without past", attention("q", "k", "v", is_causal=1, inputs=PACKED, **HEADS)
    for mask in "n,t", "b,1,n,t", "b,4,n,t", "1,1,n,t", "1,1,1,t":
        cached["inputs"] = PACKED | CACHE | dict(mask=mask)
        yield f"mask {mask}", attention("q", "k", "v", "mask", "pk", "pv", is_causal=1, **cached)
    # Keys behind those of the mask are not seen, of which there may be one.
    shorter = [size | dict(m=max(1, size["t"] - less)) for size, less in zip(SIZES, (0, 2, 1000, 1, 7))]
    for mask in "n,m", "b,1,n,m":
        cached["inputs"] = PACKED | CACHE | dict(mask=mask)
        yield f"mask {mask}", attention("q", "k", "v", "mask", "pk", "pv", sizes=shorter, **cached)
    cached["inputs"] = PACKED | CACHE
    heads = dict(q="b,4,n,8", k="b,2,n,8", v="b,2,n,8")
    yield "heads first", attention(*names, is_causal=1, inputs=heads | CACHE, outputs="y rk rv")
    equal = dict(q="b,2,n,8", k="b,2,n,8", v="b,2,n,8")
    yield "as many heads", attention(*names, is_causal=1, inputs=equal | CACHE, outputs="y rk rv")
    keys = dict(q="b,n,32", k="b,t,16", v="b,t,16", lengths="b/i8")
    yield "lengths", attention("q", "k", "v", "", "", "", "lengths", is_causal=1, inputs=keys, opset=24, **HEADS)


def contrib():
    cached = dict(domain="com.microsoft", op="MultiHeadAttention", num_heads=2, outputs="y rk rv", opset=21)
    packed = dict(q="b,n,16", k="b,n,16", v="b,n,16")
    names = ["q", "k", "v", "", "", "", "pk", "pv"]
    yield "MultiHeadAttention", attention(*names, inputs=packed | CACHE, **cached)
    yield "MultiHeadAttention causal", attention(*names, inputs=packed | CACHE, unidirectional=1, **cached)
    names[4] = "mask"
    yield "MultiHeadAttention masked", attention(*names, inputs=packed | CACHE | dict(mask="b,t/i4"), **cached)


def rotary():
    generator = np.random.default_rng(2)
    tables = generator.standard_normal((2, 160, 4)).astype(np.float32)
    for interleaved in 0, 1:
        node = Node("RotaryEmbedding", "x", *tables, "positions", num_heads=2, interleaved=interleaved)
        yield f"RotaryEmbedding {interleaved}", Model(node, x="b,n,16", positions="b,n/i8", sizes=SIZES, opset=23)
    node = Node("RotaryEmbedding", "x", *tables, "positions")
    yield "RotaryEmbedding of heads", Model(node, x="b,3,n,8", positions="b,n/i8", sizes=SIZES, opset=23)


def grouped():
    """The lengths follow from a mask, as in exported decoders, or the number of all keys is an input."""
    size = [Node("Shape", "attended", out="s"), Node("Gather", "s", np.array(1), out="g"),
            Node("Cast", "g", out="total", to=onnx.TensorProto.INT32)]
    count = [Node("ReduceSum", "attended", np.array([1]), out="c", keepdims=0), Node("Sub", "c", np.array(1), out="d"),
             Node("Cast", "d", out="last", to=onnx.TensorProto.INT32)]
    tables = np.random.default_rng(4).standard_normal((2, 160, 8)).astype(np.float32)
    rows = dict(pk="b,2,p,16", pv="b,2,p,16")
    apart, packed = dict(q="b,n,64", k="b,n,32", v="b,n,32"), dict(q="b,n,128")
    for name, operands, inputs, options, before in [
            ("plain", ["q", "k", "v"], apart, {}, size), ("rotated", ["q", "k", "v"], apart, dict(do_rotary=1), size),
            ("packed", ["q", "", ""], packed, dict(do_rotary=1, rotary_interleaved=1, local_window_size=4), size),
            ("of an input", ["q", "k", "v"], apart | dict(total="1/i4"), dict(softcap=2.0), []),
            ("smooth", ["q", "k", "v"], apart, dict(smooth_softmax=1, local_window_size=4), size),
            ("sinks", ["q", "k", "v"], apart | dict(sinks="4"), {}, size)]:
        caches = list(tables) if "do_rotary" in options else ["", "", "", "", "sinks"] if "sinks" in inputs else []
        node = Node("GroupQueryAttention", *operands, "pk", "pv", "last", "total", *caches, out="y rk rv",
                    domain="com.microsoft", num_heads=4, kv_num_heads=2, **options)
        model = Model(*before, *count, node, outputs=["y", "rk", "rv"], sizes=SIZES, opset=21, attended="b,t/i8",
                      **inputs, **rows)
        for output in model.model.graph.output:
            output.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
        yield f"GroupQueryAttention {name}", model


def fill(inputs, sizes, generator):
    """Numbers that are not as free as others."""
    if "lengths" in inputs:
        inputs["lengths"] = np.minimum(inputs["lengths"] + sizes["n"], sizes["t"])
    if "total" in inputs:
        inputs["total"][:] = sizes["t"]
    if "attended" in inputs:
        least = sizes["n"] if sizes["p"] else sizes["t"]
        counts = generator.integers(least, sizes["t"] + 1, sizes["b"])
        inputs["attended"][:] = np.arange(sizes["t"]) < counts[:, None]


def evaluate(model, inputs):
    """ONNX Runtime, or ONNX's own reference where that has no kernel."""
    try:
        return run_onnxruntime(model, inputs)
    except Exception:  # it has many kinds of them
        if "mask" in inputs and inputs["mask"].shape[-2] == 1:
            # ONNX's reference takes the rows of the mask for the queries, of which the causal mask is made.
            shape = (*inputs["mask"].shape[:-2], inputs["q"].shape[1], inputs["mask"].shape[-1])
            inputs = inputs | {"mask": np.broadcast_to(inputs["mask"], shape)}
        return onnx.reference.ReferenceEvaluator(model).run(None, inputs)


def check(name, model, generator):
    compiled = compile_model(model.model, threads=2)
    for sizes in model.sizes:
        inputs = model.draw(sizes, generator)
        fill(inputs, sizes, generator)
        results = compiled.run(inputs)
        for output, value in zip(model.model.graph.output, evaluate(model.model, inputs)):
            if "attended" in inputs and output.name != "y":  # rows of a cache behind those that are filled may hold anything
                for cache in value, results[output.name]:
                    cache *= inputs["attended"].astype(bool)[:, None, :, None]
            if problem := difference(value, results[output.name], 1e-4, 1e-5):
                return f"{name} at {sizes}: {output.name}: {problem}"
    compiled.close()
    return None


def main():
    generator = np.random.default_rng(1)
    problems = [problem for cases in (standard(), contrib(), rotary(), grouped()) for name, model in cases
                if (problem := check(name, model, generator))]
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
