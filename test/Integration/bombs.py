#!/usr/bin/env python3
"""Small models that ask for much once they run: sizes from data, loops, branches, sequences, files with holes.

usage: bombs.py SCRATCH

Each is checked, compiled ahead of time and run, through the artefact and through the JIT, all within limits on time and
memory. Every command must end soon: with what it is asked for done, or with a message and exit status 1 or 3; and it must
not take more memory than it may. What models ask for as constants is tried in test/Tools/limits.test.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

import numpy as np
import onnx.parser
from command import call_main
from onnx import TensorProto, helper

SLOWNESS = float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
LIMITS = ["--max-memory=1G", f"--time-limit={3 * SLOWNESS:.0f}"]
SECONDS = 10 * SLOWNESS
LARGE, HUGE = 2**33, 2**62
STEP = "(int64 i, bool go, float[{dims}] a) => (bool on, {results}) {{ on = Identity(go) {body} }}"
X = np.ones(4, np.float32)


def i64(*values):
    return np.array(values, np.int64)


def number(value, dtype=np.int64):
    return np.array(value, dtype)


def by_sizes():
    """Sizes that are inputs."""
    for name, value in (("large", [LARGE, 4]), ("huge", [HUGE, 4]), ("negative", [-HUGE, 4])):
        yield f"expand-{name}", "(float[4] x, int64[2] s) => (y) { y = Expand(x, s) }", dict(x=X, s=i64(*value))
    yield "expand-and-add-up", "(float[4] x, int64[2] s) => (y) { e = Expand(x, s) y = ReduceSum(e) }", dict(x=X, s=i64(LARGE, 4))
    yield "tile", "(float[4] x, int64[1] n) => (y) { y = Tile(x, n) }", dict(x=X, n=i64(HUGE))
    yield "constant-of-shape", "(int64[3] s) => (y) { y = ConstantOfShape(s) }", dict(s=i64(2**31, 2**31, 2**31))
    yield "reshape", "(float[4] x, int64[2] s) => (y) { y = Reshape(x, s) }", dict(x=X, s=i64(HUGE, HUGE))
    yield ("range-of-small-steps", "(float b, float e, float s) => (y) { y = Range(b, e, s) }",
           dict(b=number(0, "f4"), e=number(3e38, "f4"), s=number(1e-38, "f4")))
    yield "range", "(int64 b, int64 e, int64 s) => (y) { y = Range(b, e, s) }", dict(b=number(-HUGE), e=number(HUGE), s=number(1))
    yield "pad", "(float[4] x, int64[2] p) => (y) { y = Pad(x, p) }", dict(x=X, p=i64(LARGE, HUGE))
    yield "pad-back-and-forth", '(float[4] x, int64[2] p) => (y) { y = Pad<mode = "edge">(x, p) }', dict(x=X, p=i64(HUGE, -HUGE))
    yield ("resize", '(float[1,1,4,4] x, int64[4] s) => (y) { y = Resize<mode = "linear">(x, "", "", s) }',
           dict(x=np.ones((1, 1, 4, 4), np.float32), s=i64(1, 1, 2**20, 2**20)))
    yield ("resize-by-scales", '(float[1,1,4,4] x, float[4] s) => (y) { y = Resize(x, "", s) }',
           dict(x=np.ones((1, 1, 4, 4), np.float32), s=np.array([1, 1, 3e38, 1e9], np.float32)))
    yield ("one-hot", "(int64[4] x, int64 d, float[2] v) => (y) { y = OneHot(x, d, v) }",
           dict(x=i64(0, 1, 2, 3), d=number(2**40), v=np.ones(2, np.float32)))
    yield "top-k", "(float[4] x, int64[1] k) => (y, i) { y, i = TopK(x, k) }", dict(x=X, k=i64(HUGE))
    yield "window", "(int64 n) => (y) { y = HannWindow(n) }", dict(n=number(2**40))
    yield ("split-to-sequence", "(float[n] x, int64 s) => (int64 y) { t = SplitToSequence(x, s) y = SequenceLength(t) }",
           dict(x=np.ones(10**6, np.float32), s=number(1)))


def by_products():
    yield "einsum", '(float[n] x) => (y) { y = Einsum<equation = "a,b,c,d,e->abcde">(x, x, x, x, x) }', dict(x=np.ones(300, np.float32))
    yield "outer", "(float[n,1] x, float[1,n] z) => (y) { p = MatMul(x, z) e = Exp(p) y = MatMul(e, x) }", dict(
        x=np.ones((2**17, 1), np.float32), z=np.ones((1, 2**17), np.float32))
    yield "pairs-of-nonzero", """(float[n] x) => (y) { p = NonZero(x) q = Transpose(p) r = Equal(p, q) f = Cast<to = 1>(r)
        t = Cast<to = 1>(q) y = MatMul(f, t) }""", dict(x=np.ones(2**17, np.float32))
    yield "repeated-concat", "(float[n] x) => (y) { " + " ".join(
        f"v{i + 1} = Concat<axis = 0>({'x' if i == 0 else f'v{i}'}, {'x' if i == 0 else f'v{i}'})" for i in range(40)) + " y = Neg(v40) }", dict(x=X)


def loop(dims, results, body, more=""):
    step = STEP.format(dims=dims, results=results, body=body)
    return f"(int64 m, float[{dims}] x) => (y{more}) {{ y{more} = Loop (m, \"\", x) <body = b {step}> }}"


def by_rounds():
    again = dict(m=number(2**63 - 1), x=X)
    yield "loop", loop("4", "float[4] r", "r = Neg(a)"), again
    yield "loop-that-keeps-all", loop("4", "float[4] r, float[4] s", "r = Neg(a) s = Exp(a)", ", z"), again
    yield "loop-that-doubles", loop("n", "r", "r = Concat<axis = 0>(a, a)"), again
    yield "loop-that-grows", loop("n", "r", "r = Concat<axis = 0>(a, x)"), again
    yield "loop-of-a-condition", """(float[4] x) => (y) { y = Loop ("", "", x) <body = b (int64 i, bool go, float[4] a) => (bool on, float[4] r) {
        on = Identity(go) r = Neg(a) }> }""", dict(x=X)
    yield "nested-loops", nested_loops(5), dict(m=number(10**9), x=X)
    yield "scan", """(float[4] s, float[n,4] x) => (y, all) { y, all = Scan <num_scan_inputs = 1, body = b (float[4] a, float[4] e) =>
        (float[4] r, o) { r = Add(a, e) c = Constant<value_ints = [1000000, 4]>() o = Expand(e, c) }> (s, x) }""", dict(
        s=X, x=np.ones((1000, 4), np.float32))


def nested_loops(depth):
    inner = "Neg(x)"
    for level in range(depth):
        inner = (f"Loop (m, \"\", x) <body = b{level} (int64 i{level}, bool go{level}, float[4] a{level}) => (bool on{level}, "
                 f"float[4] r{level}) {{ on{level} = Identity(go{level}) r{level} = {inner} }}>")
    return f"(int64 m, float[4] x) => (y) {{ y = {inner} }}"


def by_depth():
    inner = "Neg(x)"
    for level in range(12):  # two branches of the same: 2^12 leaves
        inner = (f"If (c) <then_branch = t{level} () => (float[4] p) {{ p = {inner} }}, "
                 f"else_branch = e{level} () => (float[4] p) {{ p = {inner} }}>")
    yield "a-tree-of-ifs", f"(bool c, float[4] x) => (y) {{ y = {inner} }}", dict(c=number(True, bool), x=X)
    yield "many-ifs", "(bool c, float[4] x) => (y) { v0 = Neg(x) " + " ".join(
        f"v{i + 1} = If (c) <then_branch = t () => (float[4] p) {{ p = Add(v{i}, x) }}, else_branch = e () => (float[4] p) {{ p = Neg(v{i}) }}>"
        for i in range(800)) + " y = Neg(v800) }", dict(c=number(True, bool), x=X)


def nested_ifs(depth):
    """Nearly as deep as messages may be nested."""
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "b", [], outputs)
    for _ in range(depth):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=graph, else_branch=helper.make_graph(
            [helper.make_node("Exp", ["x"], ["y"])], "e", [], outputs))], "b", [], outputs)
    graph.input.extend([helper.make_tensor_value_info("x", TensorProto.FLOAT, [4]), helper.make_tensor_value_info("c", TensorProto.BOOL, [])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def functions():
    """Functions that each call the next one twice, within a branch."""
    opsets, made = [helper.make_opsetid("", 21), helper.make_opsetid("local", 1)], []
    for i in range(40):
        call = [helper.make_node(f"f{i + 1}" if i < 39 else "Neg", [a], [b], domain="local" if i < 39 else "") for a, b in ("xa", "ab")]
        branch = helper.make_graph(call, "b", [], [helper.make_tensor_value_info("b", TensorProto.FLOAT, [4])])
        made.append(helper.make_function("local", f"f{i}", ["x", "c"] if i == 0 else ["x"], ["y"], [
            helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)] if i == 0 else
            call + [helper.make_node("Identity", ["b"], ["y"])], opsets))
    graph = helper.make_graph([helper.make_node("f0", ["x", "c"], ["y"], domain="local")], "g", [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [4]), helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])])
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, functions=made)


def sparse_file(folder):
    """Weights in a file of holes."""
    bytes_ = 2**40
    with open(folder / "holes.bin", "wb") as file:
        file.truncate(bytes_)
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[bytes_ // 4], data_location=TensorProto.EXTERNAL)
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "holes.bin"
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]> g (float[4] x) => (y) { s = ReduceSum(w) y = Add(x, s) }')
    model.graph.initializer.append(weight)
    return model


def bombs(folder):
    for family in by_sizes, by_products, by_rounds, by_depth:
        for name, text, feeds in family():
            model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]> g {text}')
            for output in model.graph.output:
                if not output.type.tensor_type.elem_type:
                    output.ClearField("type")
            yield name, model, feeds
    yield "ifs-in-ifs", nested_ifs(30), dict(x=X, c=number(True, bool))
    yield "functions", functions(), dict(x=X, c=number(True, bool))
    yield "a-file-of-holes", sparse_file(folder), dict(x=X)


def attempt(words):
    """What is wrong with how a command ends, or None; and what it says."""
    start = time.monotonic()
    process = subprocess.Popen(["lambent", *map(str, words), *LIMITS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               errors="replace")
    try:
        said = process.communicate(timeout=6 * SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return "does not end", ""
    seconds, first = time.monotonic() - start, said.strip().split("\n")[0]
    if process.returncode not in (0, 1, 3):
        return f"exit status {process.returncode}: {said[-500:]}", first
    if seconds > SECONDS:
        return f"took {seconds:.1f} s", first
    if process.returncode and not first.startswith("lambent: error: "):
        return f"says: {said[-500:]}", first
    return None, f"{seconds:.1f} s, status {process.returncode} {first[:160]}"


def explode(name, model, feeds, folder):
    """The number of commands that end in a wrong way."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "m.onnx")
    for input_, array in feeds.items():
        np.save(folder / "in" / f"{input_}.npy", array)
    data = ["--input-dir", folder / "in", "--output-dir", folder / "out"]
    wrong = 0
    for words in (["check", folder / "m.onnx"], ["compile", folder / "m.onnx", "-o", folder / "m.so"],
                  ["run", folder / "m.so", *data], ["run", folder / "m.onnx", *data]):
        if words[1].exists():
            problem, said = attempt(words)
            wrong += problem is not None
            print(f"{name} {words[0]} {words[1].name}: {f'WRONG: {problem}' if problem else said}".replace(str(folder), ""), flush=True)
        shutil.rmtree(folder / "out", ignore_errors=True)
    return wrong


def main(scratch):
    scratch = pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "a-file-of-holes").mkdir(parents=True)
    wrong = count = 0
    for name, model, feeds in bombs(scratch / "a-file-of-holes"):
        wrong += explode(name, model, feeds, scratch / name)
        count += 1
        (scratch / name / "m.so").unlink(missing_ok=True)
    print(f"{count} bombs, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    call_main(main, __doc__)
