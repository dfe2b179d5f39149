#!/usr/bin/env python3
"""Dims that meet, of which an open one may be 1, and branches of other ranks that input sizes choose, against ONNX Runtime.

usage: broadcast_open.py SCRATCH

Each model is compiled once and run at sizes that are equal, that broadcast in either direction, and of 0 elements. Sizes
that do not fit are refused by both.
"""
import itertools
import pathlib
import shutil

import numpy as np
import onnx
import onnx.parser
from command import Failed, call_main, complain, file_name, lambent, run, write_inputs
from near import difference
from reference import run_onnxruntime

PAIRS = [dict(a=a, b=b) for a, b in ((3, 3), (1, 4), (5, 1), (1, 1), (0, 1), (1, 0), (0, 0), (2, 3), (0, 2), (40, 1))]
TRIPLES = [dict(a=a, b=b, c=c) for a, b, c in itertools.product((1, 4), repeat=3)] + [
    dict(a=1, b=0, c=1), dict(a=3, b=1, c=2), dict(a=1, b=2, c=3)]
# What each input's dims are beside them.
REST = dict(n=5, m=4)


def text(inputs, nodes, outputs="float[] y"):
    return f'<ir_version: 10, opset_import: ["" : 21]> g ({inputs}) => ({outputs}) {{ {nodes} }}'


def squeezed(inputs, rest, more=""):
    """x.squeeze(1) as torch writes it."""
    return text(inputs, f"""
        {more}
        one = Constant <value_ints = [1]> () at = Constant <value_int = 1> () s = Shape (x) d = Gather (s, at) isOne = Equal (d, at)
        q = If (isOne) <then_branch = t () => (float[] t0) {{ t0 = Squeeze (x, one) }},
                        else_branch = e () => (float[] e0) {{ e0 = Identity (x) }}>
        {rest}""")


def cases():
    """(name, model, sizes)"""
    for op in "Add", "Sub", "Pow", "Max":
        yield op, text("float[a, 3] x, float[b, 3] z", f"y = {op} (x, z)"), PAIRS
    yield "inner dim", text("float[n, a] x, float[b] z", "y = Mul (x, z)"), PAIRS
    yield "both dims", text("float[a, b] x, float[c, m] z", "y = Div (x, z)"), [
        dict(a=a, b=b, c=c) for a, b, c in ((2, 4, 2), (1, 4, 6), (6, 1, 1), (1, 1, 3), (2, 4, 1), (3, 1, 3))]
    yield "crossed", text("float[a, b] x, float[b, a] z", "y = Add (x, z)"), PAIRS
    yield "three", text("float[a, 2] x, float[b, 2] z, float[c, 2] w", "y = Sum (x, z, w)"), TRIPLES
    yield "chain", text("float[a] x, float[b] z, float[c] w", "p = Add (x, z) q = Mul (p, w) r = Sub (q, x) y = Add (z, r)"), TRIPLES
    yield "Where", text("float[a, 1] x, float[b, 3] z, bool[c, 3] w", "y = Where (w, x, z)"), TRIPLES
    yield "reduced after", text("float[a, n] x, float[b, n] z", "p = Add (x, z) e = Exp (p) y = Softmax <axis = 0> (e)"), PAIRS[:4]
    yield "MatMul batch", text("float[a, n, m] x, float[b, m, 2] z", "y = MatMul (x, z)"), PAIRS
    yield "MatMul batches", text("float[a, c, n, m] x, float[b, m, 2] z", "y = MatMul (x, z)"), [
        dict(a=2, b=3, c=3), dict(a=2, b=1, c=3), dict(a=2, b=4, c=1), dict(a=1, b=1, c=1)]
    yield "Expand", text("float[a, 3] x, float[b, 3] z", "s = Shape (z) y = Expand (x, s)"), PAIRS
    yield "weights after", text("float[a, m] x, float[b, m] z", """p = Add (x, z)
        w = Constant <value = float[4, 2] {1, 2, 3, 4, 5, 6, 7, 8}> () y = MatMul (p, w)"""), PAIRS
    yield "convolution", text("float[a, 1, n, 7] x, float[b, 1, n, 7] z", """p = Add (x, z)
        w = Constant <value = float[1, 1, 2, 2] {1, -2, 3, -4}> () y = Conv (p, w)"""), PAIRS[:4]
    yield "its sizes", text("float[a, 3] x, float[b, 3] z", "p = Add (x, z) y = Shape (p)", "int64[2] y"), PAIRS[:6]
    yield "concatenated", text("float[a, 3] x, float[b, 3] z", "p = Add (x, z) y = Concat <axis = 0> (p, x, z)"), PAIRS[:6]
    yield "in a branch", text("float[a] x, float[b] z", """zero = Constant <value_float = 0.0> () t = ReduceSum <keepdims = 0> (x)
        more = Less (zero, t)
        y = If (more) <then_branch = t1 () => (float[] t0) { t0 = Add (x, z) },
                       else_branch = e1 () => (float[] e0) { e0 = Sub (x, z) }>"""), PAIRS
    yield "in a loop", text("float[a] x, float[b] z", """count = Constant <value_int = 3> () yes = Constant <value = bool {1}> ()
        y = Loop (count, yes, z) <body = l (int64 i, bool on, float[b1] v) => (bool on1, float[] v1) {
          on1 = Identity (on) p = Mul (x, z) one = Constant <value_ints = [1]> () q = ReduceSum (p, one0) v1 = Add (v, q) }>
        """.replace("one = Constant <value_ints = [1]> () ", "one0 = Constant <value_ints = [0]> () ")), PAIRS[:4]
    number = [dict(a=a) for a in (4, 1, 3, 0)]
    yield "a number", text("float[a, 3] x, float[4, 3] z", "y = Add (x, z)"), number
    yield "a number inside", text("float[n, a, 1] x, float[4, 3] z", "y = Mul (x, z)"), number
    yield "a number of batches", text("float[a, n, m] x, float[4, m, 2] z", "y = MatMul (x, z)"), number
    yield "to a number", text("float[a, 3] x", "s = Constant <value_ints = [4, 3]> () y = Expand (x, s)"), number
    yield "two and a number", text("float[a, 2] x, float[b, 2] z, float[4, 2] w", "y = Sum (x, z, w)"), [
        dict(a=a, b=b) for a, b in ((4, 4), (1, 4), (4, 1), (1, 1), (3, 4), (3, 1))]
    found = "i = NonZero ({}) {} = Cast <to = 1> (i)"
    yield "found by data", text("float[a] x, float[b] z", f"{found.format('x', 'f')} y = Add (f, z)"), PAIRS
    yield "found in both", text("float[a] x, float[b] z", f"""{found.format('x', 'f')} {found.format('z', 'g').replace('i', 'j', 1)
        .replace('(i)', '(j)')} y = Mul (f, g)"""), PAIRS
    yield "found and a number", text("float[a] x, float[4] z", f"{found.format('x', 'f')} y = Sub (f, z)"), number
    ranks = [dict(a=3), dict(a=1), dict(a=7)]
    yield "Squeeze in a branch", squeezed("float[n, a, 6] x", "m = ReduceMean <keepdims = 0> (q) y = Add (m, m)"), ranks
    yield "flat after it", squeezed("float[n, a, 6] x", "minus = Constant <value_ints = [-1]> () y = Reshape (q, minus)"), ranks
    yield "both kinds", squeezed("float[n, a, 6] x, float[b] z, float[c] v", """minus = Constant <value_ints = [-1]> ()
        f = Reshape (q, minus) l = ReduceMean <keepdims = 0> (f) k = Add (z, v) y = Add (k, l)"""), [
        dict(a=a, b=b, c=c) for a, b, c in ((3, 4, 4), (1, 4, 4), (3, 1, 4), (1, 4, 1), (1, 1, 1))]
    yield "an output of two ranks", squeezed("float[n, a, 6] x", "y = Relu (q)"), ranks
    pairs = [dict(a=a, b=b) for a, b in ((3, 4), (1, 4), (3, 1), (1, 1), (0, 1))]
    yield "two outputs of two ranks", squeezed("float[n, a, 6] x, float[b] z", "y = Relu (q) w = Squeeze (z)").replace(
        "float[] y", "float[] y, float[] w"), pairs
    yield "all dims of 1", text("float[a, b, 6] x", "s = Squeeze (x) y = Exp (s)"), pairs
    choose = """q = If (on) <then_branch = t () => (float[] t0) { t0 = ReduceMax <axes = [1], keepdims = 0> (x) },
                             else_branch = e () => (float[] e0) { e0 = Identity (x) }>"""
    on = "zero = Constant <value_float = 0.0> () least = ReduceMin <keepdims = 0> (x) t = Sub (least, c) on = Less (zero, t)"
    yield "data choose", text("float[n, a, 6] x, float c", f"{on} {choose} m = Constant <value_ints = [-1]> () y = Reshape (q, m)").replace(
        ": 21]", ": 17]"), ranks * 2
    yield "data choose within a loop", text("float[n, a, 6] x", f"""four = Constant <value_int = 4> () yes = Constant <value = bool {{1}}> ()
        nothing = Constant <value_float = 0.0> ()
        y = Loop (four, yes, nothing) <body = b (int64 i, bool go, float sum) => (bool go1, float sum1) {{
          go1 = Identity (go) two = Constant <value_int = 2> () on = Less (i, two) {choose}
          s = ReduceSum <keepdims = 0> (q) sum1 = Add (sum, s) }}>""").replace(': 21]', ': 17]'), ranks
    yield "found and squeezed", text("float[a] x, float c", """d = Sub (x, c) p = Relu (d) i = NonZero (p) s = Squeeze (i)
        f = Cast <to = 1> (s) y = ReduceSum <keepdims = 0> (f)"""), [dict(a=a) for a in (1, 2, 3, 8, 1, 2, 3)]
    # Only what is of rank 2 can be transposed so.
    yield "one branch only", squeezed("float[n, a, 6] x", "y = Transpose <perm = [1, 0]> (q)"), ranks


def draw(model, sizes, generator):
    arrays = {}
    for value in model.graph.input:
        shape = [dim.dim_value if dim.HasField("dim_value") else {**REST, **sizes}[dim.dim_param]
                 for dim in value.type.tensor_type.shape.dim]
        isBool = value.type.tensor_type.elem_type == onnx.TensorProto.BOOL
        arrays[value.name] = generator.integers(0, 2, shape).astype(bool) if isBool else generator.uniform(
            0.5, 2, shape).astype("f4")
    return arrays


def expect(model, inputs):
    """What ONNX Runtime gives, or None where it refuses the sizes."""
    try:
        return run_onnxruntime(model, inputs)
    except Exception:  # it has many kinds of them
        return None


def check(name, model, sizes, scratch, generator):
    inputs = draw(model, sizes, generator)
    expected = expect(model, inputs)
    shutil.rmtree(scratch / "in", ignore_errors=True)
    write_inputs(scratch / "in", inputs)
    if expected is None:
        said = complain("run", scratch / "m.so", "--input-dir", scratch / "in", "--output-dir", scratch / "out")
        return None if "expected" in said else f"{name} at {sizes}: {said}"
    for options in ["--threads=2"], ["--threads=1"]:
        found = run(scratch / "m.so", scratch / "in", scratch / "out", *options)
        for output, value in zip(model.graph.output, expected):
            if problem := difference(value, found[file_name(output.name)], 1e-5, 1e-5):
                return f"{name} at {sizes}: {problem}"
    return None


def main(scratch):
    scratch, generator, problems = pathlib.Path(scratch), np.random.default_rng(1), []
    scratch.mkdir(parents=True, exist_ok=True)
    for name, source, runs in cases():
        model = onnx.parser.parse_model(source)
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")
        onnx.save(model, scratch / "m.onnx")
        try:
            lambent("compile", scratch / "m.onnx", "-o", scratch / "m.so")
            problems += filter(None, [check(name, model, sizes, scratch, generator) for sizes in runs])
        except Failed as failed:
            problems.append(f"{name}: {failed}")
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
