#!/usr/bin/env python3
"""Models on sequences and optionals against ONNX Runtime.

usage: sequences.py SCRATCH

Each model is compiled ahead of time and run on inputs of several lengths and shapes, and through the JIT on the first.
"""
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from command import Failed, call_main, complain, lambent

RANDOM = np.random.default_rng(5)
HEAD = '<ir_version: 10, opset_import: ["" : 21]>'


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


def i64(value):
    return np.array(value, np.int64)


def lists(*rows, columns=3):
    """One sequence, of tensors of so many rows."""
    return [normal(count, columns) for count in rows]


def inside():
    """All is known when the model is compiled, but for dims."""
    yield """g (float[n, 3] x, float[m, 3] y, float[7, 2] z, int64[3] parts) => (float[k, 3] a, float[2, n, 3] b, int64 c, float[p, 2] d, float[q, 2] e) {
        s = SequenceConstruct(x, y)
        t = SequenceInsert(s, x)
        a = ConcatFromSequence<axis = 0>(t)
        xx = SequenceConstruct(x, x)
        b = ConcatFromSequence<axis = 0, new_axis = 1>(xx)
        u = SplitToSequence<axis = 0>(z, parts)
        c = SequenceLength(u)
        one = Constant<value_int = 1>()
        d = SequenceAt(u, one)
        two = Constant<value_int = -1>()
        e = SequenceAt(u, two)
    }""", [dict(x=normal(2, 3), y=normal(1, 3), z=normal(7, 2), parts=ints(2, 4, 1)),
           dict(x=normal(1, 3), y=normal(4, 3), z=normal(7, 2), parts=ints(0, 3, 4))]
    yield """g (float[n, 3] x, float[n, 3] y, float[3] z) => (float[k, 3] a, int64 c) {
        s = SequenceConstruct(x, y)
        m, l = SequenceMap(s, z)<body = b (float[n, 3] v, float[3] w) => (float[n, 3] r, float[n] q) {
            r = Mul(v, w)
            last = Constant<value_ints = [-1]>()
            q = ReduceSum<keepdims = 0>(r, last) }>
        a = ConcatFromSequence<axis = 0>(m)
        c = SequenceLength(l)
    }""", [dict(x=normal(2, 3), y=normal(2, 3), z=normal(3))]


def positions():
    """Where in a sequence, a run decides."""
    yield """g (seq(float[r, 3]) s, float[2, 3] x, int64 at, int64 to, int64 of) => (int64 n, float[k, 3] a, seq(float[r, 3]) b, seq(float[r, 3]) c, float[l, 3] d, float[m, 3] e) {
        n = SequenceLength(s)
        a = SequenceAt(s, at)
        b = SequenceInsert(s, x, to)
        c = SequenceErase(s, of)
        d = ConcatFromSequence<axis = 0>(b)
        f = Relu(a)
        h = SequenceInsert(c, f)
        e = ConcatFromSequence<axis = -2>(h)
    }""", [dict(s=lists(1, 4, 2), x=normal(2, 3), at=i64(1), to=i64(3), of=i64(-1)),
           dict(s=lists(5), x=normal(2, 3), at=i64(-1), to=i64(0), of=i64(0)),
           dict(s=lists(1, 2, 3, 4), x=normal(2, 3), at=i64(3), to=i64(-4), of=i64(1))]
    yield """g (float[2, 3] x, float[1, 3] y, int64 at) => (float[k, 3] a) {
        s = SequenceConstruct(x, y)
        a = SequenceAt(s, at)
    }""", [dict(x=normal(2, 3), y=normal(1, 3), at=i64(at)) for at in (0, 1, -1)]


def splits():
    yield """g (float[n, 4] x, int64 size) => (seq(float) s, int64 c, seq(float) t, float[n, 4] back) {
        s = SplitToSequence<axis = 0>(x, size)
        c = SequenceLength(s)
        t = SplitToSequence<axis = 1, keepdims = 0>(x)
        u = SplitToSequence<axis = 0, keepdims = 0>(x)
        back = ConcatFromSequence<axis = 0, new_axis = 1>(u)
    }""", [dict(x=normal(5, 4), size=i64(2)), dict(x=normal(6, 4), size=i64(3)), dict(x=normal(1, 4), size=i64(9))]


    yield """g (float[n, 4] x, int64[k] sizes, int64 at) => (seq(float) s, int64 c, float[a, 4] part) {
        s = SplitToSequence<axis = 0>(x, sizes)
        c = SequenceLength(s)
        part = SequenceAt(s, at)
    }""", [dict(x=normal(sum(sizes), 4), sizes=ints(*sizes), at=i64(len(sizes) - 1)) for sizes in ((2, 3), (4,), (0, 1, 5, 0))]
    yield """g (float[2, m] x, int64[?] sizes) => (seq(float) s) {
        s = SplitToSequence<axis = -1, keepdims = 0>(x, sizes)
    }""", [dict(x=normal(2, sum(sizes)), sizes=ints(*sizes)) for sizes in ((2, 3), (1,), (0, 1, 5, 0))]


def types():
    """Element types, empty sequences and scalars."""
    yield """g (seq(int64[]) s, seq(bool[2]) t, seq(float16[]) u) => (seq(int64[]) a, seq(bool[2]) b, seq(float16[]) c, int64 n) {
        a = Identity(s)
        b = Identity(t)
        c = Identity(u)
        n = SequenceLength(s)
    }""", [dict(s=[ints(1, 2), i64(5)], t=[np.array([True, False])], u=[normal(2, 2).astype(np.float16)]),
           dict(s=[i64(3)] * 20, t=[np.array([True, True])] * 3, u=[normal(0, 2).astype(np.float16)])]


def optionals():
    yield """g (optional(float[4]) o, optional(seq(float[n])) p) => (bool a, bool b, optional(seq(float[n])) q) {
        a = OptionalHasElement(o)
        b = OptionalHasElement(p)
        q = Identity(p)
    }""", [dict(o=normal(4), p=[normal(2), normal(3)])]
    yield """g (optional(float[n]) o, optional(seq(float[n])) p) => (float[n] a, int64 c) {
        x = OptionalGetElement(o)
        a = Neg(x)
        s = OptionalGetElement(p)
        c = SequenceLength(s)
    }""", [dict(o=normal(4), p=[normal(2), normal(3)]), dict(o=normal(1), p=[normal(5)])]


def write(folder, feeds):
    folder.mkdir(parents=True)
    for name, value in feeds.items():
        if isinstance(value, list):
            (folder / name).mkdir()
            for i, tensor in enumerate(value):
                np.save(folder / name / f"{i}.npy", tensor)
        else:
            np.save(folder / f"{name}.npy", value)


def read(folder, name):
    if (folder / f"{name}.npy").exists():
        return np.load(folder / f"{name}.npy")
    files = sorted((folder / name).glob("*.npy"), key=lambda file: int(file.stem))
    return [np.load(file) for file in files]


def compare(what, name, wanted, found):
    if isinstance(wanted, list) != isinstance(found, list) or isinstance(wanted, list) and len(wanted) != len(found):
        raise Failed(f"{what}: {name} has another length")
    pairs = zip(wanted, found) if isinstance(wanted, list) else [(wanted, found)]
    for w, f in pairs:
        w = np.asarray(w)
        if w.shape != f.shape or w.dtype != f.dtype or not np.allclose(w, f, rtol=1e-5, atol=1e-6):
            raise Failed(f"{what}: {name} is {f.dtype}{f.shape} and not {w.dtype}{w.shape}, or differs")


def check(text, data, scratch, change=lambda model: None):
    """Compares with ONNX Runtime, which does not see what `change` does to the model."""
    scratch.mkdir()
    model = onnx.parser.parse_model(HEAD + text)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    change(model)
    path = scratch / "model.onnx"
    onnx.save(model, path)
    lambent("compile", path, "-o", scratch / "model.so")
    for i, feeds in enumerate(data):
        write(scratch / f"in{i}", feeds)
        wanted = session.run(None, feeds)
        for way in ["model.so", "model.onnx"] if i == 0 else ["model.so"]:
            out = scratch / f"out{i}-{way}"
            lambent("run", scratch / way, "--input-dir", scratch / f"in{i}", "--output-dir", out)
            for info, value in zip(model.graph.output, wanted):
                compare(f"{text}: {way}, data {i}", info.name, value, read(out, info.name))


def wrongs():
    """What a run refuses, and what it says."""
    text = """g (seq(float[r, 3]) s, int64 at, optional(float[4]) o) => (float[k, 3] a, float[m, 3] b, float[4] c) {
        [take] a = SequenceAt(s, at)
        [glue] b = ConcatFromSequence<axis = 0>(s)
        [open] c = OptionalGetElement(o)
    }"""
    good = dict(s=lists(1, 4), at=i64(1), o=normal(4))
    yield text, [
        (good | dict(at=i64(2)), "layer 'take': position 2 is out of range for a sequence of 2 tensors"),
        (good | dict(s=[], at=i64(0)), "layer 'take': position 0 is out of range for a sequence of 0 tensors"),
        (good | dict(s=[normal(2, 4)]), "input 's': expected a sequence of f32[?x3], but got f32[2x4]"),
        (good | dict(s=[np.zeros((2, 3), np.int32)]), "input 's': expected a sequence of f32[?x3], but got i32[2x3]"),
        (good | dict(o=normal(3)), "input 'o': expected an optional of f32[4], but got f32[3]"),
        (dict(at=i64(1), o=normal(4)), "expected a folder with the tensors of a sequence, 0.npy, 1.npy ..."),
        (dict(s=lists(1, 4), at=i64(1)), "layer 'open': the optional has no value"),
    ]
    yield """g (float[4] x, int64[k] sizes) => (seq(float) s) { [cut] s = SplitToSequence(x, sizes) }""", [
        (dict(x=normal(4), sizes=ints(2, -1, 3)), "layer 'cut': expected parts of at least 0, but got -1"),
        (dict(x=normal(4), sizes=ints(2, 1)), "layer 'cut': expected parts that make up dim 0 of size 4"),
        (dict(x=normal(4), sizes=ints(2, 3)), "layer 'cut': expected parts that make up dim 0 of size 4"),
        (dict(x=normal(4), sizes=ints(4, 1 << 60)), "layer 'cut': expected parts that make up dim 0 of size 4"),
    ]
    yield """g (seq(float[n, m]) s, float[4] x, int64 size) => (float[k, l] a, seq(float) b) {
        [glue] a = ConcatFromSequence<axis = 0>(s)
        [cut] b = SplitToSequence(x, size)
    }""", [
        (dict(s=[], x=normal(4), size=i64(1)), "layer 'glue': the sequence is empty"),
        (dict(s=[normal(2, 3), normal(2, 4)], x=normal(4), size=i64(1)),
         "layer 'glue': the sequence's tensors do not fit each other: f32[2x3] and f32[2x4]"),
        (dict(s=[normal(2, 3)], x=normal(4), size=i64(0)), "layer 'cut': expected parts of at least 1, but got 0"),
    ]


def refuse(text, data, scratch):
    scratch.mkdir()
    onnx.save(onnx.parser.parse_model(HEAD + text), scratch / "model.onnx")
    lambent("compile", scratch / "model.onnx", "-o", scratch / "model.so")
    for i, (feeds, message) in enumerate(data):
        write(scratch / f"in{i}", feeds)
        said = complain("run", scratch / "model.so", "--input-dir", scratch / f"in{i}", "--output-dir", scratch / "out")
        if message not in said:
            raise Failed(f"expected a message with {message!r}, but got {said!r}")


def main(scratch):
    scratch = pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    models = [model for family in (inside, positions, splits, types, optionals) for model in family()]
    for i, (text, data) in enumerate(models):
        check(text, data, scratch / str(i))
    for i, (text, data) in enumerate(wrongs()):
        refuse(text, data, scratch / f"wrong{i}")


if __name__ == "__main__":
    call_main(main, __doc__)
