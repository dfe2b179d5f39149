#!/usr/bin/env python3
"""Caches that runs update in place (--donate): the same bits as without, at several sizes.

usage: donation.py SCRATCH
"""
import pathlib
import shutil
import subprocess

import numpy as np
import onnx
from command import call_main, complain, lambent, run, write_inputs
from near import same_bits
from open_layers import Model, Node, ints

# Batch, new and past rows.
SIZES = [dict(b=b, n=n, p=p) for b, n, p in ((1, 1, 7), (2, 5, 0), (1, 6, 33), (3, 1, 1), (1, 1, 100), (1, 1, 300))]
GROWN = "--donate", "pk=rk", "--donate", "pv=rv"


def attention(**attributes):
    node = Node("Attention", "q", "k", "v", "", "pk", "pv", out="y rk rv", q_num_heads=4, kv_num_heads=2, is_causal=1,
                **attributes)
    return Model(node, q="b,n,32", k="b,n,16", v="b,n,16", pk="b,2,p,8", pv="b,2,p,8", outputs=["y", "rk", "rv"], sizes=SIZES,
                 opset=23)


def cases():
    """(name, model, donations)"""
    yield "attention", attention(), GROWN
    yield "capped attention", attention(softcap=2.0), GROWN
    yield "attention, by a pattern", attention(), ("--donate", "p*=r*")
    yield "concatenation", Model(Node("Concat", "x", "z", out="y", axis=1), x="b,p,3", z="b,n,3", sizes=SIZES), (
        "--donate", "x=y")
    yield "along the first dim", Model(Node("Concat", "x", "z", out="y", axis=0), x="p,3", z="n,3", sizes=SIZES), (
        "--donate", "x=y")
    rows = Model(Node("ScatterND", "x", "at", "z", out="y"), x="p,4", at="n,1/i8", z="n,4",
                 sizes=[dict(p=9, n=2), dict(p=5, n=5), dict(p=4, n=0)], opset=18)
    yield "scattered rows", rows, ("--donate", "x=y")
    yield "element-wise", Model(Node("Sigmoid", "x"), x="b,n", sizes=SIZES), ("--donate", "x=y")
    # CumSum takes no part of memory.
    yield "read whole", Model(Node("Concat", "x", "z", out="y", axis=1), Node("CumSum", "y", np.int64(1), out="c"), x="b,p,3",
                              z="b,n,3", outputs=["y", "c"], sizes=SIZES), ("--donate", "x=y")
    # What needs old elements afterwards reads a copy.
    yield "turned", Model(Node("Transpose", "x", perm=[0, 2, 1]), x="b,n,n", sizes=SIZES), ("--donate", "x=y")
    yield "recurrent", Model(Node("GRU", "x", "w", "r", "", "", "h", out="all y", hidden_size=6), x="n,b,5", w="1,18,5",
                             r="1,18,6", h="1,b,6", sizes=SIZES), ("--donate", "h=y")
    yield "read later", Model(Node("Sigmoid", "x"), Node("Mul", "y", "y", out="yy"), Node("Concat", "yy", "x", out="z", axis=0),
                              x="b,n", outputs=["y", "z"], sizes=SIZES), ("--donate", "x=y")
    scatter = Node("TensorScatter", "x", "z", "at", out="y", axis=1)
    yield "static cache", Model(scatter, x="b,p,4", z="b,n,4", at="b/i8", opset=24,
                                sizes=[dict(b=2, n=3, p=9), dict(b=1, n=1, p=5)]), ("--donate", "x=y")


def check(name, model, options, scratch, generator):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    onnx.save(model.model, scratch / "m.onnx")
    lambent("compile", scratch / "m.onnx", "-o", scratch / "plain.so")
    lambent("compile", scratch / "m.onnx", "-o", scratch / "donated.so", *options)
    listed = lambent("inspect", scratch / "donated.so")
    if "in the memory of output" not in listed:
        return f"{name}: nothing is donated"
    for sizes in model.sizes:
        inputs = model.draw(sizes, generator)
        if "at" in inputs:
            inputs["at"] = np.arange(inputs["at"].size, dtype=np.int64).reshape(inputs["at"].shape)
        write_inputs(scratch / "in", inputs)
        # The JIT compiles for the sizes of the inputs, which may round otherwise.
        for plain, donated, more in (("plain.so", "donated.so", ()), ("m.onnx", "m.onnx", options)):
            expected = run(scratch / plain, scratch / "in", scratch / "plain")
            for threads in "--threads=1", "--threads=2":
                found = run(scratch / donated, scratch / "in", scratch / "out", threads, *more)
                for file in expected:
                    if not same_bits(expected[file], found[file]):
                        return f"{name} at {sizes}: {file} differs where it is donated"
    return None


# (model, options, what it says)
def wrong():
    yield "m", ("--donate", "pk"), "expected INPUT=OUTPUT for --donate, but got"
    yield "m", ("--donate", "nothing=rk"), "input 'nothing' can't be donated: the model has no input of that name"
    yield "m", ("--donate", "pk=nothing"), "input 'pk' can't be donated: the model has no output 'nothing'"
    yield "m", ("--donate", "pk=rk", "--donate", "pv=rk"), "output 'rk' takes another input's memory"
    yield "m", ("--donate", "pk=rk", "--donate", "pk=rv"), "input 'pk' can't be donated: it is donated twice"
    yield "m", ("--donate", "pk=y"), "expected a tensor of the element type and rank of output 'y'"
    yield "m", ("--donate", "q=y"), None
    yield "front", ("--donate", "x=y"), "its old elements are still needed after they are overwritten"
    yield "found", ("--donate", "x=y"), "data decide how large that is"
    yield "shorter", ("--donate", "x=y"), "expected sizes that are the same, or larger along one dim"


def check_messages(scratch):
    models = dict(m=attention(),
                  front=Model(Node("Concat", "z", "x", out="y", axis=1), x="b,p,3", z="b,n,3", sizes=[]),
                  found=Model(Node("NonZero", "z", out="at"), Node("Concat", "x", "at", out="y", axis=1), x="1,p/i8", z="n", sizes=[]),
                  shorter=Model(Node("Slice", "x", ints(0), ints(2), ints(0)), x="4,4", sizes=[]))
    for name, model in models.items():
        onnx.save(model.model, scratch / f"{name}.onnx")
    for name, options, expected in wrong():
        words = "compile", scratch / f"{name}.onnx", "-o", scratch / "wrong.so", *options
        if expected is None:
            lambent(*words)
        elif expected not in (said := complain(*words)):
            return f"{name} {' '.join(options)}: expected '{expected}', but it says: {said}"
    return None


def check_linked(scratch):
    """An object, and a program that holds the model."""
    sizes, model = dict(b=1, n=2, p=150), attention()
    onnx.save(model.model, scratch / "m.onnx")
    write_inputs(scratch / "in", model.draw(sizes, np.random.default_rng(2)))
    lambent("compile", scratch / "m.onnx", "-o", scratch / "plain.so")
    expected = run(scratch / "plain.so", scratch / "in", scratch / "plain")
    lambent("compile", scratch / "m.onnx", "-o", scratch / "m.o", "--emit=object", *GROWN)
    found = {"object": run(scratch / "m.o", scratch / "in", scratch / "out")}
    lambent("compile", scratch / "m.onnx", "-o", scratch / "program", "--emit=executable", *GROWN)
    shutil.rmtree(scratch / "out")
    subprocess.run([scratch / "program", "--input-dir", scratch / "in", "--output-dir", scratch / "out"], check=True)
    found["program"] = {file.name: np.load(file) for file in (scratch / "out").glob("*.npy")}
    for form, results in found.items():
        for file in expected:
            if file not in results or not same_bits(expected[file], results[file]):
                return f"{form}: {file} differs where it is donated"
    return None


def check_bench(scratch):
    """Layers are timed in runs of their own, on the same inputs."""
    sizes = dict(b=1, n=1, p=2000)
    model = attention()
    onnx.save(model.model, scratch / "m.onnx")
    write_inputs(scratch / "in", model.draw(sizes, np.random.default_rng(1)))
    lambent("bench", scratch / "m.onnx", "--input-dir", scratch / "in", "--layers", "--seconds=0.1", *GROWN)


def main(scratch):
    scratch, generator = pathlib.Path(scratch), np.random.default_rng(1)
    problems = [check(name, model, options, scratch, generator) for name, model, options in cases()]
    check_bench(scratch)
    problems = [problem for problem in (*problems, check_linked(scratch), check_messages(scratch)) if problem]
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    call_main(main, __doc__)
