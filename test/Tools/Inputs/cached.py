"""Compiles models with a cache: cached.py LAMBENT FOLDER, which holds m.onnx, other.onnx and an empty folder `in`.

Prints what happened, a line for each attempt.
"""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

LAMBENT, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
CACHE = FOLDER / "cache"
X = np.arange(8, dtype=np.float32).reshape(2, 4) - 3
W = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
RIGHT = np.maximum(X @ W, 0)


def entries():
    return sorted(CACHE.glob("*.lambent-entry"))


def call(*words):
    done = subprocess.run([LAMBENT, *map(str, words)], capture_output=True, text=True)
    if done.returncode or done.stderr:
        sys.exit(f"{words}: exit status {done.returncode}: {done.stderr}")
    return done.stdout


def run(model, *options, output="out", cache=CACHE):
    call("run", model, "--input-dir", FOLDER / "in", "--output-dir", FOLDER / output, "--cache", cache, *options)
    return np.load(FOLDER / output / "y.npy")


def say(what, right):
    print(what if right else what + ": WRONG", flush=True)


def damage(name, change):
    """Damages the only entry; it must be made again."""
    entry, = entries()
    before = entry.read_bytes()
    entry.write_bytes(change(bytearray(before)))
    right = np.array_equal(run(FOLDER / "m.onnx"), RIGHT)
    say(f"{name}: rebuilt", right and entry.read_bytes() == before and len(list(CACHE.iterdir())) == 1)


def flip(at):
    def change(data):
        data[at] ^= 1
        return data
    return change


def compile_twice(form, suffix):
    count = len(entries())
    files = []
    for place in ("first", "second"):
        folder = FOLDER / form / place
        folder.mkdir(parents=True)
        call("compile", FOLDER / "m.onnx", "-o", folder / ("m" + suffix), "--emit", form, "--dim", "n=2", "--cache", CACHE)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    plain = FOLDER / form / "plain"
    plain.mkdir()
    call("compile", FOLDER / "m.onnx", "-o", plain / ("m" + suffix), "--emit", form, "--dim", "n=2")
    files.append({path.name: path.read_bytes() for path in plain.iterdir()})
    say(f"{form}: the same bytes again, {len(entries()) - count} entry more", files[0] == files[1] == files[2])


def write_external(values):
    np.asarray(values, np.float32).tofile(FOLDER / "w.bin")
    weights = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value="w.bin")
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (FOLDER / "external.onnx").write_bytes(model.SerializeToString())


def main():
    np.save(FOLDER / "in" / "x.npy", X)
    right = np.array_equal(run(FOLDER / "m.onnx"), RIGHT)
    say(f"run: first writes {len(entries())} entry", right)
    written = entries()[0].stat().st_ino
    right = np.array_equal(run(FOLDER / "m.onnx"), RIGHT)
    say("run: second is the same, and compiles nothing", right and entries()[0].stat().st_ino == written)
    size = entries()[0].stat().st_size
    damage("damaged at the begin", flip(20))
    damage("damaged in the middle", flip(size // 2))
    damage("damaged at the end", flip(size - 1))
    damage("cut", lambda data: data[:-100])
    damage("empty", lambda data: b"")
    right = np.array_equal(run(FOLDER / "other.onnx"), -X)
    say(f"another model: {len(entries())} entries, right", right)
    run(FOLDER / "m.onnx", "--accuracy=strict")
    say(f"other options: {len(entries())} entries", True)
    (FOLDER / "moved").mkdir()
    shutil.copy(FOLDER / "m.onnx", FOLDER / "moved" / "n.onnx")
    run(FOLDER / "moved" / "n.onnx")
    say(f"the same model in another place: {len(entries())} entries", True)
    for form, suffix in (("library", ".so"), ("object", ".o"), ("bundle", ".o"), ("executable", "")):
        compile_twice(form, suffix)
    write_external([1, 2, 3, 4])
    first = run(FOLDER / "external.onnx")
    write_external([5, 6, 7, 8])
    second = run(FOLDER / "external.onnx")
    say("weights beside the model: changed, and right",
        np.array_equal(first, X + [1, 2, 3, 4]) and np.array_equal(second, X + [5, 6, 7, 8]))
    shared = FOLDER / "shared"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: run(FOLDER / "m.onnx", output=f"out{i}", cache=shared), range(8)))
    names = [path.name for path in shared.iterdir()]
    say(f"8 writers: right, {len(names)} entry, nothing else",
        all(np.array_equal(result, RIGHT) for result in results) and names[0].endswith(".lambent-entry"))


if __name__ == "__main__":
    main()
