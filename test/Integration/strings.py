#!/usr/bin/env python3
"""Models on tensors of strings, compiled ahead of time once and through the JIT, against ONNX Runtime.

usage: strings.py SCRATCH

Nothing is known of inputs but their types and the dims written here, and each model runs on inputs of several sizes: words of
which some are equal, empty, long, or of many letters.
"""
import pathlib
import shutil
import subprocess

import numpy as np
import onnx.numpy_helper
import onnx.parser
from command import call_main, lambent, write_inputs
from reference import run_onnxruntime

WORDS = ["", "a", "b", "aa", "the", "The", "Größe", "日本語", "😀", "x" * 300, "zero\0inside", " "]

MODELS = {
    "moved": """g (string[N, M] x, int64[K] i) => (string[a, b] t, string[c] f, string[d, e, f1] u, string[N, K] picked, string[k, l] part,
              string[m, n] tiled, int64[2] shape, int64 size, string[N, M] same, string[q, r] expanded)
        <int64[1] one = {1}, int64[1] zero = {0}, int64[1] minus = {-1}, int64[2] tiles = {2, 1},
         int64[1] back = {-9223372036854775807}>
        { t = Transpose(x)  f = Reshape(x, minus)  u = Unsqueeze(x, one)  picked = Gather<axis = 1>(x, i)  part = Slice(x, minus, back, zero, minus)
          tiled = Tile(x, tiles)  shape = Shape(x)  size = Size(x)  same = Identity(x)
          expanded = Expand(x, ones1)  ones1 = Constant<value_ints = [1, 1]>() }""",
    "compared": """g (string[N] x, string[N] y, string one) => (bool[N] same, bool[N] known, string[N] chosen, bool[N, N] all, string[a] kept, int64 n)
        <string[1] the = {"the"}, string[1] none = {""}, int64[2] column = {-1, 1}>
        { same = Equal(x, y)  known = Equal(x, the)  isOne = Equal(y, one)  chosen = Where(isOne, none, x)  tall = Reshape(x, column)
          all = Equal(tall, y)  kept = Compress<axis = 0>(x, same)  counted = Cast<to = 7>(same)  n = ReduceSum<keepdims = 0>(counted) }""",
    "joined": """g (string[N] x, string[M] y) => (string[a] all, string[b] first, string[b] second, string[c, d] stacked, string[e] constants)
        <string[3] words = {"the", "a", "Größe"}, int64[1] two = {2}, int64[2] parts = {1, 2}, int64[2] places = {2, 0}>
        { all = Concat<axis = 0>(x, words, y, x)  tail = Slice(words, two, three)  three = Constant<value_ints = [3]>()
          first, second = Split(words, parts)  r0 = Unsqueeze(x, zero)  zero = Constant<value_ints = [0]>()  r1 = Unsqueeze(x, zero)
          stacked = Concat<axis = 0>(r0, r1)  turned = Gather(words, places)  constants = Concat<axis = 0>(turned, tail) }""",
    "indexed": """g (string[N, 3] x, string[2, 3] u, int64[K, 1] j, int64[2, 3] e) => (string[K, 3] nd, string[2, 3] elements, string[N, 3] scattered, string[N, 3] rows)
        <int64[2, 1] first = {0, 1}>
        { nd = GatherND(x, j)  elements = GatherElements<axis = 0>(x, e)  scattered = ScatterElements<axis = 0>(x, e1, u)
          e1 = Constant<value = int64[2, 3] {0, 1, 0, 1, 0, 1}>()  rows = ScatterND(x, first, u) }""",
    "chosen": """g (string[N] x, bool c, string w) => (string[a] r, string[b] known)
        <string[1] yes = {"yes"}, string key = {"the"}>
        { r = If(c)<then_branch = t () => (string[a] p) { p = Concat<axis = 0>(x, yes) },
                    else_branch = e () => (string[b] q) { no = Constant<value_strings = ["no", "a"]>()  q = Concat<axis = 0>(no, yes, x) }>
          is = Equal(w, key)
          known = If(is)<then_branch = t1 () => (string[a1] p1) { p1 = Identity(x) },
                         else_branch = e1 () => (string[b1] q1) { q1 = Constant<value_strings = ["other"]>() }> }""",
    "looped": """g (string[N] x, int64 count) => (string[a] grown, string[b, 1] each)
        <bool yes = {1}, string[1] more = {"more"}, int64[1] last = {-1}>
        { grown, each = Loop(count, yes, more)<body = b (int64 i, bool go, string[k] s) => (bool on, string[l] longer, string[1] row)
            { on = Identity(go)  longer = Concat<axis = 0>(x, s, x)  row = Gather(longer, last) }> }""",
    "listed": """g (string[N] x, string[M] y, int64 place) => (string[a] all, string[b] one, int64 n, bool same)
        <int64 zero = {0}, string[1] key = {"a"}, bool yes = {1}, int64 three = {3}, string[1] first = {"first"}>
        { s = SequenceConstruct(x, y)  t = SequenceInsert(s, first, place)  all = ConcatFromSequence<axis = 0>(t)  one = SequenceAt(t, place)
          n = SequenceLength(t)  e = SequenceEmpty<dtype = 8>()
          l = Loop(three, yes, e)<body = b (int64 i, bool go, seq(string[k]) q) => (bool on, seq(string[k1]) r)
            { on = Identity(go)  r = SequenceInsert(q, key) }>
          k = SequenceAt(l, zero)  eq = Equal(k, key)  at = Constant<value_ints = [0]>()  same = Squeeze(eq, at) }""",
    # Another version of the model runs where one of the dims is 1.
    "broadcast": """g (string[N] x, string[M] y) => (bool[a] same, string[b] chosen)
        <string[1] other = {"other"}> { same = Equal(x, y)  either = Where(same, x, other)  chosen = Where(same, y, either) }""",
    "marked": """g (int64[N] i, string[2] v) => (string[N, 3] marks, string[N, 3] lower)
        <int64 depth = {3}> { marks = OneHot(i, depth, v)  lower = Identity(marks) }""",
}


def make(text, opset=21):
    return onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : {opset}]>\n{text}')


def words(generator, *shape):
    return np.array([WORDS[i] for i in generator.integers(0, len(WORDS), int(np.prod(shape)))], object).reshape(shape)


def runs(name, generator):
    """The inputs of each run of a model."""
    sizes = [(3, 4), (1, 1), (7, 2), (0, 3), (40, 30)]
    for n, m in sizes:
        if name == "moved":
            yield dict(x=words(generator, n, m), i=generator.integers(0, m, 5))
        elif name == "compared":
            yield dict(x=words(generator, n), y=words(generator, n), one=words(generator))
        elif name == "joined":
            yield dict(x=words(generator, n), y=words(generator, m))
        elif name == "indexed":
            n = max(n, 2)
            yield dict(x=words(generator, n, 3), u=words(generator, 2, 3), j=generator.integers(-n, n, (m, 1)),
                       e=generator.integers(0, n, (2, 3)))
        elif name == "chosen":
            yield dict(x=words(generator, n), c=np.array(bool(m % 2)), w=np.array("the" if m > 2 else "", object))
        elif name == "looped":
            yield dict(x=words(generator, n), count=np.array(m % 4, np.int64))
        elif name == "listed":
            yield dict(x=words(generator, n), y=words(generator, m), place=np.array(m % 3, np.int64))
        elif name == "broadcast":
            yield dict(x=words(generator, n), y=words(generator, 1 if m % 2 else n))
        elif name == "marked":
            yield dict(i=generator.integers(-3, 5, n), v=words(generator, 2))


def read_outputs(folder):
    """As ONNX Runtime gives them: strings are objects."""
    return {file.stem: value.astype(object) if value.dtype.kind == "U" else value
            for file in pathlib.Path(folder).glob("*.npy") for value in [np.load(file)]}


def check(name, model, folder, generator):
    path, artefact = folder / f"{name}.onnx", folder / f"{name}.so"
    onnx.save(model, path)
    lambent("compile", path, "-o", artefact)
    for number, arrays in enumerate(runs(name, generator)):
        wanted = dict(zip([output.name for output in model.graph.output], run_onnxruntime(model, arrays)))
        inputs = folder / f"{name}-{number}"
        write_inputs(inputs, {key: value.astype("U") if value.dtype == object else value for key, value in arrays.items()})
        for way, tool in ("ahead", artefact), ("run", path):
            found = folder / f"{name}-{number}-{way}"
            lambent("run", tool, "--input-dir", inputs, "--output-dir", found)
            outputs = read_outputs(found)
            for key, want in wanted.items():
                got = outputs[key]
                if got.shape != want.shape or got.dtype != want.dtype or not (got == want).all():
                    yield f"{name}, run {number}, {way}, {key}: {str(got)[:300]}, expected {str(want)[:300]}"


def check_known(folder):
    """ONNX Runtime does not pad strings, and of rows of several strings it copies the first in Gather and Loop."""
    model = make("""g (string[3, 4] x, int64[2] i, int64 count) =>
          (string[a, b] empty, string[a, b] filled, string[c, d] edge, string[2, 4] rows, string[e, 3, 4] each)
        <int64[4] pads = {1, 0, 0, 2}, string filler = {"?"}, bool yes = {1}>
        { empty = Pad(x, pads)  filled = Pad(x, pads, filler)  edge = Pad<mode = "edge">(x, pads)  rows = Gather(x, i)
          each = Loop(count, yes)<body = b (int64 n, bool go) => (bool on, string[3, 4] row) { on = Identity(go)  row = Identity(x) }> }""")
    onnx.save(model, folder / "known.onnx")
    x, i = words(np.random.default_rng(1), 3, 4), np.array([2, 0])
    write_inputs(folder / "known", dict(x=x.astype("U"), i=i, count=np.array(2)))
    lambent("run", folder / "known.onnx", "--input-dir", folder / "known", "--output-dir", folder / "known-out")
    outputs, around = read_outputs(folder / "known-out"), ((1, 0), (0, 2))
    wanted = dict(empty=np.pad(x, around, constant_values=""), filled=np.pad(x, around, constant_values="?"),
                  edge=np.pad(x, around, mode="edge"), rows=x[i], each=np.stack([x, x]))
    for key, want in wanted.items():
        if outputs[key].shape != want.shape or not (outputs[key] == want).all():
            yield f"known, {key}: {outputs[key]!r}, expected {want!r}"


def check_table(folder):
    """A constant that is too large to be looked into when the model is compiled."""
    table = np.array([f"word {i // 2}" for i in range(12000)], object).reshape(3000, 4)
    model = make("""g (int64[K] i) => (string[4, K] y, bool[4, 3000] same)
        { turned = Transpose(w)  y = Gather<axis = 1>(turned, i)  twice = Concat<axis = 0>(w, w)  again = Slice(twice, start, end)
          start = Constant<value_ints = [3000]>()  end = Constant<value_ints = [6000]>()  other = Transpose(again)
          same = Equal(turned, other) }""")
    model.graph.initializer.append(onnx.numpy_helper.from_array(table, "w"))
    onnx.save(model, folder / "table.onnx")
    i = np.array([0, 2999, 1500, 0])
    write_inputs(folder / "table", dict(i=i))
    lambent("run", folder / "table.onnx", "--input-dir", folder / "table", "--output-dir", folder / "table-out")
    outputs = read_outputs(folder / "table-out")
    if not (outputs["y"] == table.T[:, i]).all() or not outputs["same"].all():
        yield f"table: {outputs}"


def check_bytes(folder):
    """Bytes that are no text go through .npy as bytes; zeros at the end through .pb only."""
    model, path = make("g (string[N] x) => (string[N] y) { y = Identity(x) }"), folder / "bytes.onnx"
    onnx.save(model, path)
    lambent("compile", path, "-o", folder / "bytes", "--emit=executable")
    raw = np.array([b"\xff\xfe", b"plain", b"", b"in\0side"])
    write_inputs(folder / "raw", dict(x=raw))
    for number, command in enumerate([["lambent", "run", path], [folder / "bytes"]]):
        subprocess.run([*command, "--input-dir", folder / "raw", "--output-dir", folder / "raw-out"], check=True)
        found = np.load(folder / "raw-out" / "y.npy")
        if found.dtype != raw.dtype or found.tobytes() != raw.tobytes():
            yield f"bytes, way {number}: {found!r}, expected {raw!r}"
    tensor = onnx.TensorProto(data_type=onnx.TensorProto.STRING, dims=[2], string_data=[b"end\0", b"\xff"])
    (folder / "pb").mkdir()
    (folder / "pb" / "input_0.pb").write_bytes(tensor.SerializeToString())
    lambent("run", path, "--input-dir", folder / "pb", "--output-dir", folder / "pb-out")
    back = onnx.TensorProto.FromString((folder / "pb-out" / "output_0.pb").read_bytes())
    if list(back.string_data) != list(tensor.string_data):
        yield f"bytes of .pb: {back.string_data}"


def main(scratch):
    folder = pathlib.Path(scratch)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    problems = [problem for name, text in MODELS.items()
                for problem in check(name, make(text), folder, np.random.default_rng(1))]
    problems += [*check_known(folder), *check_table(folder), *check_bytes(folder)]
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
