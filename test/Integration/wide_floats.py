#!/usr/bin/env python3
"""Elementary functions of f64, powers of every pair of types, and arithmetic on f16 and bf16 without instructions.

usage: wide_floats.py SCRATCH

The functions are compared with numpy to a few units in the last place, where numpy has them; so are powers of floats.
Powers of integers are exact modulo the size of their type. The narrow types run on the oldest x86-64, which has no
conversions, at run time and where constants fold.
"""
import math
import pathlib
import platform
import shutil

import numpy as np
import onnx
from command import call_main, lambent, run, write_inputs
from onnx import helper

UNARY = {
    "Exp": np.exp, "Log": lambda x: np.log(np.abs(x)), "Sin": np.sin, "Cos": np.cos, "Tan": np.tan, "Atan": np.arctan,
    "Sinh": np.sinh, "Cosh": np.cosh, "Tanh": np.tanh, "Asinh": np.arcsinh, "Erf": np.vectorize(math.erf),
    "Softplus": lambda x: np.logaddexp(0, x), "Mish": lambda x: x * np.tanh(np.logaddexp(0, x)),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Gelu": lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / np.sqrt(2.0))),
    "Elu": lambda x: np.where(x < 0, np.expm1(x), x), "Celu": lambda x: np.where(x < 0, np.expm1(x), x),
    "Asin": lambda x: np.arcsin(x % 1), "Acos": lambda x: np.arccos(x % 1), "Atanh": lambda x: np.arctanh(x % 1),
    "Acosh": lambda x: np.arccosh(np.abs(x) + 1)}
# What brings x into a function's domain.
BEFORE = {"Log": ("Abs",), "Asin": ("Floor", "Sub"), "Acos": ("Floor", "Sub"), "Atanh": ("Floor", "Sub"),
          "Acosh": ("Abs", "Add")}
TYPES = [np.int8, np.int64, np.uint8, np.uint32, np.float16, np.float32, np.float64]


def save(folder, nodes, inputs, outputs, initializers=(), options=()):
    def info(name, value):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)

    graph = helper.make_graph(nodes, "g", [info(*item) for item in inputs.items()],
                              [info(*item) for item in outputs.items()], list(initializers))
    write_inputs(folder / "in", inputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9),
              folder / "model.onnx")
    lambent("check", folder / "model.onnx", *options)
    if not options:
        return run(folder / "model.onnx", folder / "in", folder / "out")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", *options)
    return run(folder / "model.so", folder / "in", folder / "out")


def functions(folder):
    x = np.concatenate([np.random.default_rng(3).uniform(-6, 6, 200), np.linspace(-1e5, 1e5, 77)])
    x = np.where(np.abs(x) < 700, x, x / 1000)
    one = helper.make_tensor("one", onnx.TensorProto.DOUBLE, [], [1.0])
    nodes, outputs = [], {}
    for op, function in UNARY.items():
        source = "x"
        for step in BEFORE.get(op, ()):
            second = {"Add": [source, "one"], "Sub": ["x", source]}.get(step, [source])
            nodes.append(helper.make_node(step, second, [f"{op}_{step}"]))
            source = f"{op}_{step}"
        nodes.append(helper.make_node(op, [source], [op]))
        outputs[op] = function(x)
    found = save(folder, nodes, {"x": x}, outputs, [one])
    for op, wanted in outputs.items():
        # numpy itself is off by a few units in compositions.
        if not np.allclose(found[f"{op}.npy"], wanted, rtol=5e-14, atol=5e-15, equal_nan=True):
            yield f"{op} of f64 is off by {np.nanmax(np.abs(found[f'{op}.npy'] - wanted))}"


def power(base, exponent):
    if np.issubdtype(base.dtype, np.floating):
        with np.errstate(all="ignore"):
            return np.power(base.astype(np.longdouble), exponent.astype(np.longdouble)).astype(base.dtype)
    size = 1 << 8 * base.dtype.itemsize
    return np.array([int(b) ** int(e) % size for b, e in zip(base, exponent)], f"uint{8 * base.dtype.itemsize}").view(
        base.dtype)


def powers(folder, base_type):
    base, exponent = [0, 1, 2, 3, 7, 2, 10, 3, 2, 5, 15], [0, 5, 3, 4, 2, 13, 2, 39, 62, 2, 127]
    if not np.issubdtype(base_type, np.unsignedinteger):
        base, exponent = base + [-1, -1, -2, -3, -1], exponent + [3, 4, 3, 3, 101]
    nodes, inputs, outputs = [], {}, {}
    for exponent_type in TYPES:
        name = np.dtype(exponent_type).name
        inputs["b" + name], inputs["e" + name] = np.array(base, base_type), np.array(exponent, exponent_type)
        nodes.append(helper.make_node("Pow", ["b" + name, "e" + name], [name]))
        outputs[name] = power(inputs["b" + name], inputs["e" + name])
    found = save(folder, nodes, inputs, outputs)
    for name, wanted in outputs.items():
        got = found[name + ".npy"]
        right = (np.allclose(got, wanted, rtol=2 * np.finfo(base_type).eps, atol=0)
                 if np.issubdtype(base_type, np.floating) else np.array_equal(got, wanted))
        if not right or got.dtype != wanted.dtype:
            yield f"{np.dtype(base_type).name} to the power of {name}: {got}, expected {wanted}"


def narrow(folder, element):
    """A batch normalization, whose parameters are folded, of a narrow type, between casts of f32."""
    x = np.random.default_rng(5).uniform(-2, 2, (1, 4, 3, 3)).astype(np.float32)
    parameters = {"s": [1, 2, 0.5, -1], "b": [0, 1, 2, 3], "m": [0.5, 0, -0.5, 1], "v": [1, 4, 0.25, 1]}
    initializers = [helper.make_tensor(name, element, [4], values) for name, values in parameters.items()]
    nodes = [helper.make_node("Cast", ["x"], ["n"], to=element), helper.make_node("Mul", ["n", "n"], ["q"]),
             helper.make_node("Sqrt", ["q"], ["r"]),
             helper.make_node("BatchNormalization", ["r", "s", "b", "m", "v"], ["t"], epsilon=0.0),
             helper.make_node("Cast", ["t"], ["y"], to=onnx.TensorProto.FLOAT)]
    s, b, m, v = (np.array(values, np.float32).reshape(4, 1, 1) for values in parameters.values())
    wanted = (np.abs(x) - m) / np.sqrt(v) * s + b
    options = ["--cpu=x86-64"] if platform.machine() == "x86_64" else []
    found = save(folder, nodes, {"x": x}, {"y": x}, initializers, options)["y.npy"]
    if not np.allclose(found, wanted, rtol=0.04, atol=0.04):
        yield f"batch normalization of {onnx.TensorProto.DataType.Name(element)} is off by {np.abs(found - wanted).max()}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch = pathlib.Path(scratch)
    problems = list(functions(scratch / "functions"))
    for base_type in TYPES:
        problems += powers(scratch / np.dtype(base_type).name, base_type)
    for element in (onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16):
        problems += narrow(scratch / f"narrow-{element}", element)
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
