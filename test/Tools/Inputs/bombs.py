"""Small models that ask for much time or memory: bombs.py FOLDER writes them, bombs.py FOLDER LAMBENT tries them all.

Each is checked, compiled, run and measured within limits, and must end soon: with what it asks for done, or with one
message and exit status 1 or 3. Nothing may be left behind.
"""
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import onnx
from onnx import TensorProto, helper

LIMITS = ["--max-memory=1G", "--time-limit=5"]
SLOWNESS = float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
MOST_SECONDS = 10 * SLOWNESS


def ints(name, values):
    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)


def scalar(name, value, kind=TensorProto.INT64):
    return helper.make_tensor(name, kind, [], [value])


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def model(nodes, initializers=(), functions=(), output=TensorProto.FLOAT, size=(4,)):
    graph = helper.make_graph(nodes, "bomb", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(size))],
                              [helper.make_tensor_value_info("y", output, None)], list(initializers))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=list(functions))


def doubled(op, times):
    """x joined with itself, again and again."""
    nodes = [node(op, f"v{i} v{i}", f"v{i + 1}", **({"axis": 0} if op == "Concat" else {})) for i in range(times)]
    return [node("Relu", "x", "v0")] + nodes + [node("ReduceSum", f"v{times}", "y")]


def nested(depth):
    """Functions that each call the next one twice."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    functions = []
    for i in range(depth):
        inner = "Neg" if i + 1 == depth else f"f{i + 1}"
        domain = "" if i + 1 == depth else "local"
        nodes = [helper.make_node(inner, ["a"], ["b"], domain=domain), helper.make_node(inner, ["b"], ["c"], domain=domain)]
        functions.append(helper.make_function("local", f"f{i}", ["a"], ["c"], nodes, opsets))
    return model([helper.make_node("f0", ["x"], ["y"], domain="local")], functions=functions)


def constant_of_shape(*dims):
    return [node("ConstantOfShape", "dims", "big"), node("Exp", "big", "e"), node("ReduceSum", "e", "s"),
            node("Add", "x s", "y")], [ints("dims", dims)]


def bombs():
    yield "constant_of_shape", model(*constant_of_shape(1 << 20, 1 << 12))
    yield "constant_of_shape_62", model(*constant_of_shape(1 << 31, 1 << 31))
    yield "constant_of_shape_max", model(*constant_of_shape(2**63 - 1, 2**63 - 1))
    yield "expand", model([node("Expand", "x dims", "e"), node("Exp", "e", "f"), node("Softmax", "f", "y", axis=0)],
                          [ints("dims", [1 << 30, 4])])
    yield "expand_output", model([node("Expand", "x dims", "y")], [ints("dims", [1 << 40, 4])])
    tiles = [node("Tile", f"t{i} times", f"t{i + 1}") for i in range(9)]
    yield "tiles", model([node("Relu", "x", "t0")] + tiles + [node("ReduceSum", "t9", "y")], [ints("times", [16])])
    yield "constant_tiles", model([node("Tile", "c times", "t0")] + [node("Tile", f"t{i} times", f"t{i + 1}") for i in range(8)] +
                                  [node("ReduceSum", "t8", "s"), node("Add", "x s", "y")],
                                  [ints("times", [16]), helper.make_tensor("c", TensorProto.FLOAT, [4], [1, 2, 3, 4])])
    yield "concat", model(doubled("Concat", 34))
    yield "range_62", model([node("Range", "zero most one", "r"), node("Cast", "r", "f", to=TensorProto.FLOAT),
                             node("ReduceSum", "f", "s"), node("Add", "x s", "y")],
                            [scalar("zero", 0), scalar("most", 1 << 62), scalar("one", 1)])
    yield "range_32", model([node("Range", "zero most one", "r"), node("Cast", "r", "f", to=TensorProto.FLOAT),
                             node("ReduceSum", "f", "s"), node("Add", "x s", "y")],
                            [scalar("zero", 0), scalar("most", 1 << 32), scalar("one", 1)])
    yield "functions", nested(40)
    yield "pad", model([node("Pad", "x pads", "p"), node("ReduceSum", "p", "y")], [ints("pads", [1 << 33, 1 << 33])])
    yield "pad_reflect", model([node("Pad", "x pads", "y", mode="wrap")], [ints("pads", [0, 1 << 40])])
    yield "resize", model(
        [helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="linear")], [ints("sizes", [1, 1, 1 << 20, 1 << 20])],
        size=(1, 1, 4, 4))
    yield "one_hot", model([node("Cast", "x", "i", to=TensorProto.INT64), node("OneHot", "i depth values", "y")],
                           [scalar("depth", 1 << 36), helper.make_tensor("values", TensorProto.FLOAT, [2], [0, 1])])
    yield "outer_product", model(
        [node("Expand", "x wide", "a"), node("Reshape", "a column", "t"), node("Reshape", "a row", "r"), node("MatMul", "t r", "y")],
        [ints("wide", [1 << 18, 4]), ints("column", [1 << 20, 1]), ints("row", [1, 1 << 20])])
    yield "constant_product", model(
        [node("ConstantOfShape", "square", "a"), node("Exp", "a", "b"), node("MatMul", "b b", "c"), node("MatMul", "c b", "d"),
         node("ReduceSum", "d", "s"), node("Add", "x s", "y")], [ints("square", [20000, 20000])])
    yield "long_product", model(
        [node("ConstantOfShape", "square", "a"), node("Expand", "x many", "e"), node("Reshape", "e square", "f"),
         node("MatMul", "f f", "c"), node("MatMul", "c f", "d"), node("ReduceSum", "d", "y")],
        [ints("square", [8192, 8192]), ints("many", [1 << 24, 4])])
    yield "chain", model([node("Relu", "x", "v0")] +
                         [node("MatMul" if i % 2 else "Softmax", f"v{i} w" if i % 2 else f"v{i}", f"v{i + 1}") for i in range(6000)] +
                         [node("Neg", "v6000", "y")], [helper.make_tensor("w", TensorProto.FLOAT, [4, 4], range(16))])
    yield "split", model([helper.make_node("Split", ["x"], [f"s{i}" for i in range(2000)]),
                          helper.make_node("Sum", [f"s{i}" for i in range(2000)], ["y"])], size=(2000,))
    yield "loop", model([helper.make_node("Loop", ["most", "", "x"], ["y"], body=helper.make_graph(
        [node("Identity", "go", "again"), node("Neg", "a", "b")], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("a", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("again", TensorProto.BOOL, []), helper.make_tensor_value_info("b", TensorProto.FLOAT, [4])]))],
        [scalar("most", 1 << 62)])


def attempt(folder, lambent, name, command):
    """What is wrong with one command, or None."""
    start = time.monotonic()
    try:
        done = subprocess.run([lambent, *command, *LIMITS], capture_output=True, text=True, timeout=6 * MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return "does not end"
    seconds = time.monotonic() - start
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode not in (0, 1, 3):
        return f"exit status {done.returncode}: {done.stderr[-500:]}"
    if seconds > MOST_SECONDS:
        return f"took {seconds:.1f} s"
    if done.returncode and (not lines or not all(line.startswith("lambent: error: ") for line in lines) or len(lines) > 3):
        return f"says: {done.stderr[-800:]}"
    left = [entry for entry in os.listdir(folder / name) if entry.startswith(".lambent")]
    if left or (done.returncode and (folder / name / "m.so").exists()):
        return f"leaves {os.listdir(folder / name)}"
    message = lines[0].replace(str(folder / name) + "/", "") if lines else ""
    print(f"{name} {command[0]}: {seconds:.1f} s, status {done.returncode} {message}", flush=True)
    return None


def main():
    folder = pathlib.Path(sys.argv[1])
    wrong = 0
    wanted = sys.argv[3:]
    for name, bomb in bombs():
        if wanted and name not in wanted:
            continue
        place = folder / name
        (place / "in").mkdir(parents=True, exist_ok=True)
        (place / "m.onnx").write_bytes(bomb.SerializeToString())
        shape = [dim.dim_value for dim in bomb.graph.input[0].type.tensor_type.shape.dim]
        np.save(place / "in" / "x.npy", np.ones(shape, np.float32))
        if len(sys.argv) < 3:
            continue
        path = str(place / "m.onnx")
        for command in (["check", path], ["compile", path, "-o", str(place / "m.so")],
                        ["run", path, "--input-dir", str(place / "in"), "--output-dir", str(place / "out")],
                        ["bench", path, "--seconds=0"]):
            problem = attempt(folder, sys.argv[2], name, command)
            if problem:
                wrong += 1
                print(f"{name} {command[0]}: WRONG: {problem}", flush=True)
            for name_of_output in ("m.so", "m.h"):
                (place / name_of_output).unlink(missing_ok=True)
            for output in (place / "out").glob("*.npy") if (place / "out").exists() else []:
                output.unlink()
    print(f"{wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
