#!/usr/bin/env python3
"""Feeds mutated models to the command line, which must end each in an orderly way.

usage: mutate.py --first N --count N [--keep DIR]

Mutation N is the same on every machine. Even ones change the serialized bytes; odd ones change fields, edges, types or
dims of a model that still parses, or are models of a few random nodes. Every model goes through `check` and through
`compile --emit=lir`, every fourth one on to machine code: the exit status must be 0, 1 or 3, a failure must come with a
message, and all within 10 seconds and 2 GB.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

import onnx
from onnx import TensorProto

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Inputs"))
import random_models  # noqa: E402
import small_flow_models  # noqa: E402
import small_models  # noqa: E402

SLOWNESS = float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))  # sanitizers and busy machines are slower
TIME_LIMIT = 10 * SLOWNESS
MEMORY_LIMIT = 2e9 if SLOWNESS == 1 else 4e9  # bytes; sanitizers keep what was freed for a while
NUMBERS = [-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 7, 255, 65536, 2**31 - 1, 2**31, 2**40, 2**63 - 1]
OPS = sorted({schema.name for schema in onnx.defs.get_all_schemas()}) + ["", "NoSuchOp", "Conv\n", "x" * 5000]


def mutate_bytes(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        kind, at = rng.randrange(5), rng.randrange(len(data))
        if kind == 0 and len(data) > 1:
            del data[at:]
        elif kind == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[at] = rng.randrange(256)
        elif kind == 3:
            data[at:at] = data[at:at + rng.randrange(1, 40)]
        else:
            del data[at:at + rng.randrange(1, 40)]
        if not data:
            data = bytearray(b"\0")
    return bytes(data)


def names_of(graph):
    values = [*graph.input, *getattr(graph, "initializer", [])]
    return [getattr(v, "name", v) for v in values] + [o for n in graph.node for o in n.output]


def graphs_of(graph):
    """The graph (or function) and all bodies inside."""
    return [graph] + [inner for node in graph.node for attribute in node.attribute if attribute.HasField("g")
                      for inner in graphs_of(attribute.g)]


def change_op(rng, graph, model):
    rng.choice(graph.node).op_type = rng.choice(OPS)


def change_edge(rng, graph, model):
    node = rng.choice(graph.node)
    if node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice(names_of(graph) + ["", "nowhere"])


def change_result(rng, graph, model):
    node = rng.choice(graph.node)
    node.output[0] = rng.choice(names_of(graph) + ["", "elsewhere"])


def change_arity(rng, graph, model):
    node = rng.choice(graph.node)
    if rng.random() < 0.5 and node.input:
        del node.input[rng.randrange(len(node.input))]
    else:
        node.input.append(rng.choice(names_of(graph)))
    if rng.random() < 0.2:
        node.output.append("extra")


def change_order(rng, graph, model):
    nodes = list(graph.node)
    kind = rng.randrange(3)
    if kind == 0:
        rng.shuffle(nodes)
    elif kind == 1:
        nodes.remove(rng.choice(nodes))
    else:
        nodes.insert(rng.randrange(len(nodes)), rng.choice(nodes))
    del graph.node[:]
    graph.node.extend([onnx.NodeProto.FromString(n.SerializeToString()) for n in nodes])


def change_attribute(rng, graph, model):
    nodes = [n for n in graph.node if n.attribute]
    attribute = rng.choice(rng.choice(nodes).attribute)
    kind = rng.randrange(6)
    if kind == 0:
        attribute.i = rng.choice(NUMBERS)
    elif kind == 1 and attribute.ints:
        attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(NUMBERS)
    elif kind == 2:
        attribute.ints.append(rng.choice(NUMBERS))
    elif kind == 3:
        attribute.type = rng.choice([0, 1, 2, 3, 4, 6, 7, 99])
    elif kind == 4:
        attribute.name = rng.choice(["axis", "axes", "pads", "strides", "group", "nothing", ""])
    else:
        attribute.f, attribute.s = float("nan"), b"\xff\xfe"


def change_dims(rng, graph, model):
    tensors = [t.dims for t in graph.initializer if t.dims]
    dims = rng.choice(tensors)
    kind = rng.randrange(3)
    if kind == 0:
        dims[rng.randrange(len(dims))] = rng.choice(NUMBERS)
    elif kind == 1:
        dims.append(rng.choice(NUMBERS))
    else:
        del dims[rng.randrange(len(dims))]


def change_value(rng, graph, model):
    value = rng.choice(list(graph.input) + list(graph.output))
    kind = rng.randrange(5)
    if kind == 0:
        value.type.tensor_type.elem_type = rng.randrange(-1, 30)
    elif kind == 1:
        value.type.ClearField("tensor_type")
    elif kind == 2:
        value.name = rng.choice(names_of(graph) + ["", "stranger"])
    elif kind == 3 and rng.random() < 0.5:
        inner = onnx.TypeProto.FromString(value.type.SerializeToString())
        getattr(value.type, rng.choice(["sequence_type", "optional_type"])).elem_type.CopyFrom(inner)
    elif kind == 3:
        value.type.tensor_type.shape.dim.add().dim_value = rng.choice(NUMBERS)
    elif value.type.tensor_type.shape.dim:
        dim = rng.choice(value.type.tensor_type.shape.dim)
        if rng.random() < 0.3:
            dim.dim_param = "n"
        else:
            dim.dim_value = rng.choice(NUMBERS)


def change_data(rng, graph, model):
    tensor = rng.choice(graph.initializer)
    kind = rng.randrange(5)
    if kind == 0:
        tensor.data_type = rng.randrange(-1, 30)
    elif kind == 1:
        tensor.raw_data = tensor.raw_data[:rng.randrange(len(tensor.raw_data) + 1)]
    elif kind == 2:
        tensor.raw_data = bytes(rng.randrange(256) for _ in tensor.raw_data)
    elif kind == 3:
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in (("location", rng.choice(["w.bin", "../w.bin", "/etc/passwd", "", "."])),
                          ("offset", str(rng.choice(NUMBERS))), ("length", str(rng.choice(NUMBERS)))):
            if rng.random() < 0.8:
                entry = tensor.external_data.add()
                entry.key, entry.value = key, text
    else:
        graph.initializer.remove(tensor)


def change_model(rng, graph, model):
    kind = rng.randrange(5)
    if kind == 0:
        model.opset_import[0].version = rng.choice(NUMBERS + [6, 7, 9, 11, 13, 18, 28, 29])
    elif kind == 1:
        model.opset_import[0].domain = rng.choice(["ai.onnx.ml", "com.example", "ai.onnx"])
    elif kind == 2:
        del model.opset_import[:]
    elif kind == 3:
        model.ir_version = rng.choice(NUMBERS)
    else:
        del graph.output[:]


CHANGES = [change_op, change_edge, change_edge, change_result, change_arity, change_order, change_attribute,
           change_attribute, change_dims, change_dims, change_value, change_value, change_data, change_model]


def mutation(number, models):
    """The bytes of mutation `number`."""
    rng = random.Random(number)
    data = models[number // 2 % len(models)]
    if number % 2 == 0:
        return mutate_bytes(rng, data)
    if number % 4 == 3:
        return random_models.random_model(rng).SerializeToString()
    model = onnx.ModelProto.FromString(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        try:
            inner = [graph for outer in (model.graph, *model.functions) for graph in graphs_of(outer)]
            rng.choice(CHANGES)(rng, model.graph if rng.random() < 0.3 else rng.choice(inner), model)
        except (AttributeError, IndexError, ValueError):  # a function has no initializers; an earlier change took it away
            continue
    return model.SerializeToString()


def problem(words):
    """What is wrong with how the command ended, or None."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)
        late = threading.Event()
        timer = threading.Timer(TIME_LIMIT, lambda: (late.set(), process.kill()))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace").strip()
    if late.is_set():
        return f"took over {TIME_LIMIT:.0f} s"
    if process.returncode not in (0, 1, 3):
        return f"exit status {process.returncode}: {text[-1500:]}"
    if process.returncode and not text:
        return f"exit status {process.returncode} without a message"
    if usage.ru_maxrss * 1024 > MEMORY_LIMIT:
        return f"took {usage.ru_maxrss // 1024} MB"
    return None


def examine(number, models, folder):
    path = folder / f"{number}.onnx"
    path.write_bytes(mutation(number, models))
    commands = [["lambent", "check", str(path)], ["lambent", "compile", str(path), "--emit=lir", "-o", "-"]]
    if number % 8 < 2:
        commands.append(["lambent", "compile", str(path), "--emit=object", "-o", str(folder / f"{number}.o")])
    problems = [f"mutation {number}: {' '.join(words[1:2] + words[3:4])}: {reason}"
                for words in commands if (reason := problem(words))]
    if not problems:
        path.unlink()
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where mutated models that failed stay")
    options = parser.parse_args()
    models = [model.SerializeToString() for model in small_models.all_models() + small_flow_models.all_models()]
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = options.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        numbers = range(options.first, options.first + options.count)
        problems = [p for found in pool.map(lambda n: examine(n, models, folder), numbers) for p in found]
    print("\n".join(problems))
    print(f"{options.count} mutations, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
