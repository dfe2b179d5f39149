#!/usr/bin/env python3
"""If, Loop and Scan whose ways only a run knows, against ONNX Runtime.

usage: control_flow.py SCRATCH

Each model is compiled ahead of time once and run on every set of inputs, on one thread and on three.
"""
import pathlib
import shutil

import numpy as np
import onnx.parser
from command import call_main, lambent, run, write_inputs
from near import difference
from reference import run_onnxruntime

GENERATOR = np.random.default_rng(5)


def f(*shape):
    return GENERATOR.standard_normal(shape).astype(np.float32)


def i(value):
    return np.array(value, np.int64)


def b(value):
    return np.array(value, bool)


# name: the graph, and inputs of several runs.
CASES = {
    "if": ("""(bool c, float[3,4] x) => (y) {
        y = If (c) <then_branch = t () => (float[3,4] r) { r = Relu(x) }, else_branch = e () => (float[3,4] r) { r = Exp(x) }>
    }""", [dict(c=b(True), x=f(3, 4)), dict(c=b(False), x=f(3, 4))]),
    "if of open dims": ("""(bool[1] c, float[n,4] x, float[n,4] z) => (y, w) {
        y, w = If (c) <then_branch = t () => (r, q) { r = Add(x, z)  q = Identity(x) },
                       else_branch = e () => (r, q) { r = Mul(x, x)  q = Identity(z) }>
    }""", [dict(c=b([k]), x=f(n, 4), z=f(n, 4)) for n in (2, 5, 0) for k in (True, False)]),
    "if of different shapes": ("""(bool c, float[n,4] x) => (y, w) {
        y = If (c) <then_branch = t () => (r) { r = Concat<axis=0>(x, x) }, else_branch = e () => (r) { r = Transpose(x) }>
        s = ReduceSum(y)
        h = Shape(y)
        k = Cast<to=1>(h)
        w = Add(s, k)
    }""", [dict(c=b(k), x=f(n, 4)) for n in (1, 3) for k in (True, False)]),
    "nested if": ("""(bool c, bool d, float[n] x) => (y) {
        two = Constant<value = float {2.0}>()
        y = If (c) <then_branch = t () => (r) {
                      r = If (d) <then_branch = tt () => (q) { q = Mul(x, two) }, else_branch = te () => (q) { q = Neg(x) }> },
                    else_branch = e () => (r) { m = Sub(x, two)
                      r = If (d) <then_branch = et () => (q) { q = Abs(m) }, else_branch = ee () => (q) { q = Concat<axis=0>(m, x) }> }>
    }""", [dict(c=b(k), d=b(j), x=f(n)) for n in (4, 7) for k in (True, False) for j in (True, False)]),
    "if in a chain": ("""(float[n] x) => (y) {
        s = ReduceSum<keepdims=0>(x)
        zero = Constant<value = float {0.0}>()
        c = Greater(s, zero)
        w = If (c) <then_branch = t () => (r) { r = Sqrt(s) }, else_branch = e () => (r) { r = Neg(s) }>
        y = Add(x, w)
    }""", [dict(x=f(n)) for n in (3, 4, 5, 6)]),
    "loop": ("""(int64 m, float[4] x) => (y, ys) {
        y, ys = Loop (m, "", x) <body = b (int64 i, bool go, float[4] a) => (bool on, float[4] r, float[4] s) {
            on = Identity(go)
            k = Cast<to=1>(i)
            r = Add(a, k)
            s = Mul(a, a) }>
    }""", [dict(m=i(m), x=f(4)) for m in (3, 1, 0, 40, -2)]),
    "loop that ends early": ("""(int64 m, bool c, float[n] x, float limit) => (y, ys, last) {
        zero = Constant<value = int64 {0}>()
        y, last, ys = Loop (m, c, x, zero) <body = b (int64 i, bool go, float[n] a, int64 l) => (bool on, float[n] r, int64 q, float t) {
            r = Add(a, a)
            t = ReduceMax<keepdims=0>(r)
            on = Less(t, limit)
            q = Identity(i) }>
    }""", [dict(m=i(m), c=b(c), x=np.abs(f(n)) + 1, limit=np.array(limit, np.float32))
           for m, c, n, limit in ((100, True, 3, 50), (4, True, 2, 1e9), (100, False, 3, 50), (0, True, 5, 3))]),
    "loop without bounds": ("""(float[n] x) => (y) {
        y = Loop ("", "", x) <body = b (int64 i, bool go, float[n] a) => (bool on, float[n] r) {
            five = Constant<value = int64 {5}>()
            r = Add(a, x)
            on = Less(i, five) }>
    }""", [dict(x=f(3)), dict(x=f(8))]),
    "loop that grows": ("""(int64 m, float[k,2] x) => (y, ys) {
        y, ys = Loop (m, "", x) <body = b (int64 i, bool go, a) => (on, r, s) {
            on = Identity(go)
            r = Concat<axis=0>(a, x)
            s = ReduceSum<keepdims=0>(r) }>
    }""", [dict(m=i(m), x=f(k, 2)) for m, k in ((3, 1), (0, 2), (6, 4), (1, 3))]),
    "loop that grows from nothing": ("""(int64 m, float[4] x) => (y, n) {
        none = Constant<value = float[0] {}>()
        y = Loop (m, "", none) <body = b (int64 i, bool go, a) => (on, r) {
            on = Identity(go)
            r = Concat<axis=0>(a, x) }>
        n = Shape(y)
    }""", [dict(m=i(m), x=f(4)) for m in (3, 0, 9)]),
    "two that grow alike": ("""(int64 m, float[k] x) => (y, z) {
        y, z = Loop (m, "", x, x) <body = b (int64 i, bool go, a, d) => (on, r, s) {
            on = Identity(go)
            t = Add(a, d)
            r = Concat<axis=0>(t, x)
            s = Concat<axis=0>(x, d) }>
    }""", [dict(m=i(m), x=f(k)) for m, k in ((3, 2), (0, 2), (5, 1))]),
    "loop that shrinks": ("""(float[n,3] x) => (y, all) {
        y, all = Loop ("", "", x) <body = b (int64 i, bool go, a) => (on, r, s) {
            one = Constant<value = int64[1] {1}>()
            two = Constant<value = int64 {2}>()
            end = Constant<value = int64[1] {9223372036854775807}>()
            zero = Constant<value = int64[1] {0}>()
            r = Slice(a, one, end, zero)
            h = Shape<start=0, end=1>(r)
            v = Squeeze(h)
            on = Greater(v, two)
            s = ReduceSum<keepdims=0>(a, zero) }>
    }""", [dict(x=f(n, 3)) for n in (4, 9)]),
    "nested loops": ("""(int64 m, int64 k, float[n] x) => (y, ys) {
        y, ys = Loop (m, "", x) <body = b (int64 i, bool go, float[n] a) => (bool on, float[n] r, s) {
            on = Identity(go)
            w = Add(a, x)
            r, s = Loop (k, "", w) <body = c (int64 j, bool going, float[n] d) => (bool further, float[n] q, p) {
                further = Identity(going)
                ij = Add(i, j)
                e = Cast<to=1>(ij)
                q = Add(d, e)
                p = Mul(d, x) }> }>
    }""", [dict(m=i(m), k=i(k), x=f(n)) for m, k, n in ((2, 3, 4), (3, 2, 1), (1, 1, 5))]),
    "if in a loop": ("""(int64 m, float[n] x) => (y, ys) {
        y, ys = Loop (m, "", x) <body = b (int64 i, bool go, float[n] a) => (bool on, float[n] r, float[n] t) {
            on = Identity(go)
            two = Constant<value = int64 {2}>()
            rest = Mod(i, two)
            odd = Cast<to=9>(rest)
            r = If (odd) <then_branch = t () => (q) { q = Add(a, x) }, else_branch = e () => (q) { q = Mul(a, x) }>
            t = Identity(a) }>
    }""", [dict(m=i(m), x=f(n)) for m, n in ((5, 4), (2, 3))]),
    "shapes from outside": ("""(int64 m, float[n,k] x, float[w] z) => (y, ys) {
        one = Constant<value = int64[1] {-1}>()
        first = Shape<start=0, end=1>(x)
        shape = Concat<axis=0>(one, first)
        y, ys = Loop (m, "", z) <body = b (int64 i, bool go, float[w] a) => (bool on, float[w] r, s) {
            on = Identity(go)
            r = Add(a, z)
            s = Reshape(x, shape) }>
    }""", [dict(m=i(3), x=f(2, 3), z=f(4)), dict(m=i(1), x=f(4, 2), z=f(1))]),
    "product whose depth the weights know": ("""(int64 m, float[2,1] x, float[2,3] z) => (y, v) {
        a = Loop (m, "", x) <body = b (int64 i, bool go, p) => (on, r) {
            on = Identity(go)
            r = Identity(z) }>
        w = Constant<value = float[3,2] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}>()
        y = MatMul(a, w)
        u = Constant<value = float[5,2] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 0.5}>()
        v = MatMul(u, a)
    }""", [dict(m=i(m), x=f(2, 1), z=f(2, 3)) for m in (1, 3)]),
    "types": ("""(int64 m, uint8[n] u, float16[n] h, bool[n] g, double[n] d) => (yu, yh, yg, yd) {
        yu, yh, yg, yd = Loop (m, "", u, h, g, d) <body = b (int64 i, bool go, uint8[n] au, float16[n] ah, bool[n] ag, double[n] ad)
                => (bool on, uint8[n] ru, float16[n] rh, bool[n] rg, double[n] rd) {
            on = Identity(go)
            ru = Add(au, u)
            rh = Add(ah, h)
            rg = Xor(ag, g)
            rd = Mul(ad, d) }>
    }""", [dict(m=i(m), u=np.arange(n, dtype=np.uint8) * 40, h=f(n).astype("f2"), g=f(n) > 0, d=f(n).astype("f8"))
           for m, n in ((3, 5), (0, 2))]),
    "scan": ("""(float[2] s, float[n,2] x) => (last, all) {
        last, all = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] e) => (float[2] r, float[2] o) {
            r = Add(a, e)
            o = Mul(r, e) }> (s, x)
    }""", [dict(s=f(2), x=f(n, 2)) for n in (3, 1, 6)]),
    "scan of axes and directions": ("""(float[k] s, float[2,n,k] x, float[k,n] z) => (last, all, other) {
        last, all, other = Scan <num_scan_inputs = 2, scan_input_axes = [1, -1], scan_input_directions = [1, 0],
                                 scan_output_axes = [1, 0], scan_output_directions = [0, 1],
                                 body = b (a, e, h) => (r, o, p) {
            zero = Constant<value = int64[1] {0}>()
            t = ReduceSum<keepdims=0>(e, zero)
            u = Add(a, t)
            r = Sub(u, h)
            o = Mul(e, r)
            p = Neg(r) }> (s, x, z)
    }""", [dict(s=f(k), x=f(2, n, k), z=f(k, n)) for n, k in ((3, 4), (1, 2), (5, 3))]),
    "scan of a captured sum": ("""(float[n,2] x, float[2] w) => (all) {
        t = Neg(w)
        all = Scan <num_scan_inputs = 1, body = b (e) => (o) { o = Mul(t, e) }> (x)
    }""", [dict(x=f(n, 2), w=f(2)) for n in (2, 4)]),
}
SCAN8 = ("""(float[2,3] s, float[2,n,3] x) => (last, all) {
    last, all = Scan <num_scan_inputs = 1, directions = [1], body = b (float[3] a, float[3] e) => (float[3] r, float[3] o) {
        r = Add(a, e)
        o = Mul(r, e) }> ("", s, x)
}""", [dict(s=f(2, 3), x=f(2, n, 3)) for n in (4, 1)])
SCAN8_LENGTHS = ("""(int64[2] lens, float[2,3] s, float[2,n,3] x) => (last, all) {
    last, all = Scan <num_scan_inputs = 1, body = b (float[3] a, float[3] e) => (float[3] r, float[3] o) {
        r = Add(a, e)
        o = Mul(r, e) }> (lens, s, x)
}""", [dict(lens=np.array(lens), s=f(2, 3), x=f(2, n, 3)) for lens, n in (((4, 2), 4), ((1, 3), 5), ((1, 1), 1))])


# Of batches that a run decides, and of more entries than are scanned one by one.
SCAN8_OPEN = ("""(float[b,3] s, float[b,n,3] x, float[b,n] z) => (last, count, all, other) {
    z3 = Unsqueeze<axes = [2]>(z)
    begin = ReduceSum<axes = [1], keepdims = 0>(z3)
    last, count, all, other = Scan <num_scan_inputs = 2, directions = [1, 0],
                                    body = b (float[3] a, float[1] c, float[3] e, float[1] f) => (r, k, o, p) {
        r = Add(a, e)
        k = Sub(f, c)
        o = Mul(r, e)
        p = Mul(f, f) }> ("", s, begin, x, z3)
}""", [dict(s=f(b, 3), x=f(b, n, 3), z=f(b, n)) for b, n in ((2, 4), (1, 3), (70, 2))])
SCAN8_OPEN_LENGTHS = ("""(int64[b] lens, float[b,3] s, float[b,n,3] x) => (last, all) {
    last, all = Scan <num_scan_inputs = 1, body = b (float[3] a, float[3] e) => (float[3] r, float[3] o) {
        r = Add(a, e)
        o = Mul(r, e) }> (lens, s, x)
}""", [dict(lens=np.array(lens), s=f(len(lens), 3), x=f(len(lens), n, 3)) for lens, n in (((4, 2, 1), 4), ((3,), 5))])


def compare(name, text, runs, opset, scratch):
    """Compiles the graph and compares each run; the number of faults."""
    model = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]> g {text}')
    for output in model.graph.output:
        output.ClearField("type")
    folder = scratch / name.replace(" ", "-")
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    wrong = 0
    for number, feeds in enumerate(runs):
        write_inputs(folder / f"in{number}", feeds)
        expected = run_onnxruntime(model, feeds)
        for threads in 1, 3:
            got = run(folder / "model.so", folder / f"in{number}", folder / f"out{number}-{threads}", f"--threads={threads}")
            for output, want in zip(model.graph.output, expected, strict=True):
                reason = difference(want, got[output.name + ".npy"], 1e-5, 1e-6)
                if reason:
                    print(f"{name}, run {number}, {threads} threads: {output.name}: {reason}")
                    wrong += 1
    return wrong


def main(scratch):
    scratch = pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    wrong = sum(compare(name, text, runs, 17, scratch) for name, (text, runs) in CASES.items())
    wrong += compare("scan of a batch", *SCAN8, 8, scratch)
    wrong += compare("scan of sequences of a batch", *SCAN8_LENGTHS, 8, scratch)
    wrong += compare("scan of an open batch", *SCAN8_OPEN, 8, scratch)
    wrong += compare("scan of sequences of an open batch", *SCAN8_OPEN_LENGTHS, 8, scratch)
    return wrong > 0


if __name__ == "__main__":
    call_main(main, __doc__)
