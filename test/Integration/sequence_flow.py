#!/usr/bin/env python3
"""Sequences and optionals into, through and out of If, Loop and SequenceMap, against ONNX Runtime.

usage: sequence_flow.py SCRATCH
"""
import os
import pathlib
import shutil
import subprocess

import numpy as np
import onnx.parser
from command import Failed, call_main, lambent
from sequences import HEAD, check, i64, lists, normal, read, refuse, write


def b(value):
    return np.array(value, bool)


def branches():
    yield """g (bool c, seq(float[r, 3]) s, float[2, 3] x, int64 at) => (seq(float[k, 3]) y, float[m, 3] z, int64 n) {
        y, z = If (c) <then_branch = t () => (seq(float[k, 3]) p, float[m, 3] q) {
                         p = SequenceInsert(s, x)
                         q = SequenceAt(s, at) },
                       else_branch = e () => (seq(float[k, 3]) p, float[m, 3] q) {
                         p = SequenceConstruct(x, x, x)
                         q = Neg(x) }>
        n = SequenceLength(y)
    }""", [dict(c=b(c), s=lists(*rows), x=normal(2, 3), at=i64(-1)) for c in (True, False) for rows in ((1, 4), (2,))]
    # One is empty, and of the other's tensors the ranks differ.
    yield """g (bool c, bool d, float[2, 3] x, float[4] z) => (seq(float) y, float[2, 3] w, int64 n, float[k] v) {
        both = SequenceConstruct(x, z)
        y, w = If (c) <then_branch = t () => (seq(float) p, float[2, 3] q) {
                         p = SequenceEmpty()
                         q = Relu(x) },
                       else_branch = e () => (seq(float) p, float[2, 3] q) {
                         first = Constant<value_int = 0>()
                         q = SequenceAt(both, first)
                         p = SequenceInsert(both, q, first) }>
        n = SequenceLength(y)
        u = If (d) <then_branch = dt () => (seq(float) h) { h = SequenceEmpty() },
                    else_branch = de () => (seq(float) h) { h = SequenceConstruct(z, z) }>
        uu = SequenceInsert(u, z)
        v = ConcatFromSequence<axis = 0>(uu)
    }""", [dict(c=b(c), d=b(not c), x=normal(2, 3), z=normal(4)) for c in (True, False)]
    # Two levels up, and an optional that is made outside.
    yield """g (bool c, bool d, seq(float[r, 3]) s, float[2, 3] x, optional(float[n]) o) => (float[k, 3] y, bool has) {
        some = Optional(x)
        y, has = If (c) <then_branch = t () => (float[k, 3] p, bool h) {
                  p, h = If (d) <then_branch = tt () => (float[k, 3] q, bool g) {
                            q = ConcatFromSequence<axis = 0>(s)
                            g = OptionalHasElement(o) },
                          else_branch = te () => (float[k, 3] q, bool g) {
                            q = OptionalGetElement(some)
                            g = OptionalHasElement(some) }> },
                  else_branch = e () => (float[k, 3] p, bool h) { p = Exp(x)  h = Identity(d) }>
    }""", [dict(c=b(c), d=b(d), s=lists(1, 3), x=normal(2, 3), o=normal(5)) for c, d in ((1, 1), (1, 0), (0, 1))]
    yield """g (bool c, float[n] x, seq(float[n]) s) => (optional(float[k]) y, optional(seq(float[k])) z) {
        y, z = If (c) <then_branch = t () => (optional(float[k]) p, optional(seq(float[k])) q) {
                         p = Optional(x)
                         q = Optional<type = seq(float[k])>() },
                       else_branch = e () => (optional(float[k]) p, optional(seq(float[k])) q) {
                         xx = Concat<axis = 0>(x, x)
                         p = Optional(xx)
                         q = Optional(s) }>
    }""", [dict(c=b(c), x=normal(3), s=[normal(3), normal(3)]) for c in (False,)]


def loops():
    # From nothing: what is known of the tensors, the body says, and not what it declares (scalars).
    yield """g (int64 m, float[n, 3] x) => (float[k, 3] y, float[j, n, 3] z, int64 c) {
        none = SequenceEmpty()
        all = Loop (m, "", none) <body = b (int64 i, bool go, seq(float) a) => (bool on, seq(float) r) {
            on = Identity(go)
            f = Cast<to = 1>(i)
            w = Mul(x, f)
            r = SequenceInsert(a, w) }>
        y = ConcatFromSequence<axis = 0>(all)
        z = ConcatFromSequence<axis = 0, new_axis = 1>(all)
        c = SequenceLength(all)
    }""", [dict(m=i64(m), x=normal(n, 3)) for m, n in ((3, 2), (1, 4), (7, 1))]
    # No iteration at all, a body that reads what it carries, and a tensor carried beside it.
    yield """g (int64 m, seq(float[r, 3]) s, float[2, 3] x) => (seq(float[k, 3]) t, float[2, 3] sum, float[l, 3] sizes) {
        t, sum, sizes = Loop (m, "", s, x) <body = b (int64 i, bool go, seq(float[]) a, float[2, 3] v) => (bool on, seq(float[]) q, float[2, 3] w, float[3] size) {
            on = Identity(go)
            last = Constant<value_int = -1>()
            e = SequenceAt(a, last)
            zero = Constant<value_ints = [0]>()
            size = ReduceSum<keepdims = 0>(e, zero)
            w = Add(v, size)
            ee = Concat<axis = 0>(e, w)
            p = SequenceInsert(a, ee)
            first = Constant<value_int = 0>()
            q = SequenceErase(p, first) }>
    }""", [dict(m=i64(m), s=lists(*rows), x=normal(2, 3)) for m, rows in ((2, (1, 4, 2)), (0, (3, 1)), (5, (2,)))]
    # A loop in a loop: both carry, the inner one reads what the outer one has and what is outside of both.
    yield """g (int64 m, int64 k, seq(float[r]) s, float[3] x) => (seq(float[q]) y, int64 n) {
        none = SequenceEmpty()
        y = Loop (m, "", none) <body = b (int64 i, bool go, seq(float[]) a) => (bool on, seq(float[]) r) {
            on = Identity(go)
            mine = SequenceInsert(a, x)
            r = Loop (k, "", mine) <body = c (int64 j, bool going, seq(float[]) d) => (bool further, seq(float[]) t) {
                at = SequenceAt(s, j)
                zero = Constant<value_int = 0>()
                first = SequenceAt(mine, zero)
                both = Concat<axis = 0>(at, first)
                t = SequenceInsert(d, both, zero)
                l = SequenceLength(t)
                most = Constant<value_int = 6>()
                further = Less(l, most) }> }>
        n = SequenceLength(y)
    }""", [dict(m=i64(m), k=i64(k), s=[normal(c) for c in (1, 2, 5)], x=normal(3)) for m, k in ((2, 3), (3, 2), (0, 1), (4, 0))]
    # An optional at first, then what the body makes of it.
    yield """g (int64 m, optional(seq(float[r])) o, float[2] x) => (seq(float[]) y) {
        y = Loop (m, "", o) <body = b (int64 i, bool go, optional(seq(float[])) a) => (bool on, seq(float[]) r) {
            on = Identity(go)
            has = OptionalHasElement(a)
            s = If (has) <then_branch = t () => (seq(float[]) p) { p = OptionalGetElement(a) },
                          else_branch = e () => (seq(float[]) p) { p = SequenceConstruct(x) }>
            r = SequenceInsert(s, x) }>
    }""", [dict(m=i64(m), o=[normal(3), normal(1)], x=normal(2)) for m in (3, 1)]
    # A loop within a branch, and a branch that hands on what the loop carries.
    yield """g (bool c, int64 m, seq(float[r]) s) => (seq(float[k]) y) {
        y = If (c) <then_branch = t () => (seq(float[k]) p) {
                none = SequenceEmpty()
                p = Loop (m, "", none) <body = b (int64 i, bool go, seq(float[]) a) => (bool on, seq(float[]) r) {
                    on = Identity(go)
                    two = Constant<value_int = 2>()
                    rest = Mod(i, two)
                    odd = Cast<to = 9>(rest)
                    r = If (odd) <then_branch = bt () => (seq(float[]) q) { q = Identity(a) },
                                  else_branch = be () => (seq(float[]) q) { v = SequenceAt(s, i)  q = SequenceInsert(a, v) }> }> },
                  else_branch = e () => (seq(float[k]) p) { p = Identity(s) }>
    }""", [dict(c=b(c), m=i64(3), s=[normal(k) for k in (1, 4, 2)]) for c in (True, False)]


def maps():
    yield """g (seq(float[r, 3]) s, seq(float[3]) t, float[3] x) => (seq(float[r, 3]) y, seq(float[r]) z) {
        y, z = SequenceMap(s, t, x)<body = b (float[r, 3] a, float[3] d, float[3] e) => (float[r, 3] p, float[r] q) {
            v = Mul(a, d)
            p = Add(v, e)
            last = Constant<value_ints = [-1]>()
            q = ReduceMax<keepdims = 0>(a, last) }>
    }""", [dict(s=lists(*rows), t=[normal(3) for _ in rows], x=normal(3)) for rows in ((1, 4), (2,), (3, 3, 1, 2))]
    # A branch and a loop for each.
    yield """g (seq(float[r, 3]) s, float[3] x, bool b) => (seq(float[r, 3]) y, seq(int64) z) {
        y, z = SequenceMap(s, x)<body = m (float[r, 3] a, float[3] e) => (float[r, 3] p, int64 q) {
            three = Constant<value_int = 3>()
            v = If(b)<then_branch = t () => (float[r, 3] u) { u = Add(a, e) }, else_branch = f () => (float[r, 3] u) { u = Neg(a) }>
            p = Loop(three, "", v)<body = l (int64 i, bool go, float[r, 3] c) => (bool on, float[r, 3] d) {
                on = Identity(go)
                d = Mul(c, c) }>
            q = Size(a) }>
    }""", [dict(s=lists(*rows), x=normal(3), b=np.array(b)) for rows, b in (((1, 4), True), ((3, 0, 1), False))]
    # As many as a run says, of tensors of a known sequence and of one that is made inside.
    yield """g (float[n, 4] x, float[4] z) => (float[n, 4] y, int64 c) {
        s = SplitToSequence<axis = 0>(x)
        t = SequenceMap(s)<body = b (float[1, 4] a) => (float[1, 4] p) { p = Sub(a, z) }>
        y = ConcatFromSequence<axis = 0>(t)
        c = SequenceLength(t)
    }""", [dict(x=normal(n, 4), z=normal(4)) for n in (3, 1)]


def forget_types(model):
    """Leaves open what the bodies of maps give, which ONNX Runtime asks to be told."""
    for node in model.graph.node:
        for attribute in node.attribute:
            for value in attribute.g.output if node.op_type == "SequenceMap" else ():
                value.ClearField("type")


def wrongs():
    """What a run refuses, and what it says."""
    yield """g (seq(float[3]) s, seq(float[3]) t) => (seq(float[3]) y) {
        [both] y = SequenceMap(s, t)<body = b (float[3] a, float[3] d) => (float[3] r) { r = Add(a, d) }>
    }""", [(dict(s=[normal(3)] * 3, t=[normal(3)] * 2),
            "layer 'both': position 2 is out of range for a sequence of 2 tensors")]
    yield """g (int64 m, optional(float[n]) o) => (float[k] y) {
        [carry] y = Loop (m, "", o) <body = b (int64 i, bool go, optional(float[n]) a) => (bool on, float[k] r) {
            on = Identity(go)
            [open] r = OptionalGetElement(a) }>
    }""", [(dict(m=i64(0)), "layer 'carry': the optional has no value"),
           (dict(m=i64(1)), "layer 'open': the optional has no value")]


LONG = """g (int64 m, float[64] x) => (int64 n, float[64] y) {
    none = SequenceConstruct(x)
    all = Loop (m, "", none) <body = b (int64 i, bool go, seq(float[64]) a) => (bool on, seq(float[64]) r) {
        on = Identity(go)
        %s }>
    n = SequenceLength(all)
    last = Constant<value_int = -1>()
    y = SequenceAt(all, last)
}"""


def measure(scratch, body, iterations):
    """The length at the end and the most memory that a run took, in MiB."""
    scratch.mkdir()
    onnx.save(onnx.parser.parse_model(HEAD + LONG % body), scratch / "model.onnx")
    lambent("compile", scratch / "model.onnx", "-o", scratch / "model.so")
    x = normal(64)
    write(scratch / "in", dict(m=i64(iterations), x=x))
    command = ["lambent", "run", scratch / "model.so", "--input-dir", scratch / "in", "--output-dir", scratch / "out"]
    # AddressSanitizer keeps what was freed, which would count as if it were in use.
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    with subprocess.Popen(command, env=dict(os.environ, ASAN_OPTIONS=options)) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"exit status {process.returncode} of a loop over {body}")
    if not np.array_equal(read(scratch / "out", "y"), x):
        raise Failed(f"another last tensor of a loop over {body}")
    return int(read(scratch / "out", "n")), usage.ru_maxrss / 1024


def check_long(scratch):
    """A long loop takes memory for what it carries, and time for what it does."""
    length, grown = measure(scratch / "grow", "r = SequenceInsert(a, x)", 100_000)
    if length != 100_001:
        raise Failed(f"expected 100001 tensors, but got {length}")
    length, kept = measure(scratch / "keep", "p = SequenceInsert(a, x)  r = SequenceErase(p)", 100_000)
    _, least = measure(scratch / "one", "p = SequenceInsert(a, x)  r = SequenceErase(p)", 1)
    if length != 1 or kept > least + 10 or grown < least + 25:
        raise Failed(f"{length} tensors and {kept:.0f} MiB, {least:.0f} MiB of one iteration, {grown:.0f} MiB of all")


def main(scratch):
    scratch = pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for family in (branches, loops, maps):
        for i, (text, data) in enumerate(family()):
            check(text, data, scratch / f"{family.__name__}{i}")
    for i, (text, data) in enumerate(maps()):
        check(text, data, scratch / f"untyped{i}", forget_types)
    for i, (text, data) in enumerate(wrongs()):
        refuse(text, data, scratch / f"wrong{i}")
    check_long(scratch)


if __name__ == "__main__":
    call_main(main, __doc__)
