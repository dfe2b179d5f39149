#!/usr/bin/env python3
"""RNN, GRU and LSTM with every attribute and optional operand against plain loops over ONNX's equations in numpy.

usage: recurrent.py SCRATCH

Each model holds some nodes with attributes, sizes and types drawn from a fixed seed, and is run on one and on two
threads, which must give the same bits. Large layers, which are computed in stages, have models of their own; most
of the others are compiled for CPUs with narrower vectors. Some weights of f32 are dequantized bytes.
"""
import pathlib
import platform
import shutil

import numpy as np
import onnx
from command import call_main, lambent, run, write_inputs
from onnx import helper, numpy_helper

CPUS = ["native"]
if platform.machine() == "x86_64":
    CPUS += ["x86-64"] + ["x86-64-v3"] * ("avx2" in pathlib.Path("/proc/cpuinfo").read_text())
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}
# name: function, defaults of alpha and beta
ACTIVATIONS = {
    "Relu": (lambda x, a, b: np.maximum(x, 0), None, None),
    "Tanh": (lambda x, a, b: np.tanh(x), None, None),
    "Sigmoid": (lambda x, a, b: 1 / (1 + np.exp(-x)), None, None),
    "Affine": (lambda x, a, b: a * x + b, 1.0, 0.0),
    "LeakyRelu": (lambda x, a, b: np.where(x < 0, a * x, x), float(np.float32(0.01)), None),
    "ThresholdedRelu": (lambda x, a, b: np.where(x > a, x, 0), 1.0, None),
    "ScaledTanh": (lambda x, a, b: a * np.tanh(b * x), 1.0, 1.0),
    "HardSigmoid": (lambda x, a, b: np.clip(a * x + b, 0, 1), float(np.float32(0.2)), 0.5),
    "Elu": (lambda x, a, b: np.where(x < 0, a * np.expm1(np.minimum(x, 0)), x), 1.0, None),
    "Softsign": (lambda x, a, b: x / (1 + np.abs(x)), None, None),
    "Softplus": (lambda x, a, b: np.logaddexp(0, x), None, None),
}


class Layer:
    """A node, its operands by name, and what it must give."""

    def __init__(self, op, inputs, attributes, used):
        self.op, self.inputs, self.attributes, self.used = op, inputs, attributes, used
        self.quantized = {}  # operands of DequantizeLinear, and its axis, by the names of weights

    def quantize(self, name, dtype, is_per_row):
        """Makes bytes of a weight, which then is what they stand for."""
        weight = self.inputs[name]
        largest = np.abs(weight).max(axis=(0, 2) if is_per_row else None)
        scale = (largest / 127).astype(np.float32)
        zero = np.full(scale.shape, 128 if dtype == np.uint8 else 0, dtype)
        per_row = (lambda parameter: parameter[:, None]) if is_per_row else lambda parameter: parameter
        codes = np.rint(weight / per_row(scale))
        self.quantized[name] = ([(codes + per_row(zero)).astype(dtype), scale, zero], 1)
        self.inputs[name] = codes.astype(np.float32) * per_row(scale)

    def get_activations(self):
        """One function for each of the cell's and direction; parameters go to those that take them, in order."""
        names = self.attributes.get("activations", FUNCTIONS[self.op] * self.dirs)
        alphas, betas = ([float(np.float32(value)) for value in self.attributes.get(name, [])]
                         for name in ("activation_alpha", "activation_beta"))
        result = []
        for name in names:
            function, alpha, beta = ACTIVATIONS[name]
            alpha = alphas.pop(0) if alpha is not None and alphas else alpha
            beta = betas.pop(0) if beta is not None and betas else beta
            result.append(lambda x, f=function, a=alpha, b=beta: f(self.clip(x), a, b))
        count = len(FUNCTIONS[self.op])
        return [result[d * count:(d + 1) * count] for d in range(self.dirs)]

    def clip(self, x):
        limit = self.attributes.get("clip")
        return x if limit is None else np.clip(x, -np.float64(np.float32(limit)), np.float64(np.float32(limit)))

    def compute(self):
        """Y, Y_h and Y_c in f64."""
        given = {name: np.asarray(value, np.float64) for name, value in self.inputs.items()}
        x, w, r = given["X"], given["W"], given["R"]
        batch_first = self.attributes.get("layout", 0) == 1
        self.dirs, hidden = r.shape[0], r.shape[2]
        if batch_first:
            x = x.transpose(1, 0, 2)
        seq, batch = x.shape[:2]
        bias = given.get("B", np.zeros((self.dirs, 2 * GATES[self.op] * hidden)))
        lengths = self.inputs.get("sequence_lens", np.full(batch, seq))
        peepholes = given.get("P", np.zeros((self.dirs, 3 * hidden)))

        def initial(name):
            state = given.get(name)
            if state is None:
                return np.zeros((self.dirs, batch, hidden))
            return state.transpose(1, 0, 2) if batch_first else state

        h0, c0 = initial("initial_h"), initial("initial_c")
        y = np.zeros((seq, self.dirs, batch, hidden))
        last, cell = np.zeros_like(h0), np.zeros_like(h0)
        direction = self.attributes.get("direction", "forward")
        for d, functions in enumerate(self.get_activations()):
            backward = direction == "reverse" or d == 1
            for b in range(batch):
                h, c = h0[d, b], c0[d, b]
                order = range(lengths[b])
                for t in reversed(order) if backward else order:
                    h, c = self.step(functions, x[t, b], w[d], r[d], np.split(bias[d], 2), h, c,
                                     np.split(peepholes[d], 3))
                    y[t, d, b] = h
                last[d, b], cell[d, b] = h, c
        if batch_first:
            return [y.transpose(2, 0, 1, 3), last.transpose(1, 0, 2), cell.transpose(1, 0, 2)]
        return [y, last, cell]

    def step(self, functions, x, w, r, biases, h, c, peepholes):
        gates = GATES[self.op]
        wx = np.split(w @ x + biases[0], gates)
        if self.op == "RNN":
            return functions[0](wx[0] + r @ h + biases[1]), c
        rb, rs = np.split(biases[1], gates), np.split(r, gates)
        if self.op == "GRU":
            f, g = functions
            z = f(wx[0] + rs[0] @ h + rb[0])
            reset = f(wx[1] + rs[1] @ h + rb[1])
            if self.attributes.get("linear_before_reset"):
                n = g(wx[2] + reset * (rs[2] @ h + rb[2]))
            else:
                n = g(wx[2] + rs[2] @ (reset * h) + rb[2])
            return (1 - z) * n + z * h, c
        f, g, last = functions
        i, o, forget, n = (wx[k] + rs[k] @ h + rb[k] for k in range(4))
        i = f(i + peepholes[0] * c)
        forget = 1 - i if self.attributes.get("input_forget") else f(forget + peepholes[2] * c)
        c = forget * c + i * g(n)
        return f(o + peepholes[1] * c) * last(c), c


def draw(random, op, sizes=None, plain=False):
    """A layer with drawn attributes; `plain` ones have the usual activations and no clip."""
    chance = lambda p: random.random() < p  # noqa: E731
    seq, batch, width, hidden = sizes or (random.integers(1, 6), random.integers(1, 9), random.integers(1, 20),
                                          random.choice([1, 3, 16, 17, 32, 40, 70]))
    attributes = {"hidden_size": int(hidden)}
    direction = str(random.choice(["forward", "reverse", "bidirectional"]))
    dirs = 2 if direction == "bidirectional" else 1
    if direction != "forward" or chance(0.5):
        attributes["direction"] = direction
    count = len(FUNCTIONS[op]) * dirs
    if not plain and chance(0.6):
        attributes["activations"] = [str(name) for name in random.choice(sorted(ACTIVATIONS), count)]
        if chance(0.7):
            attributes["activation_alpha"] = random.uniform(0.1, 0.9, random.integers(1, count + 1)).tolist()
            attributes["activation_beta"] = random.uniform(0.1, 0.9, random.integers(1, count + 1)).tolist()
    if not plain and chance(0.4):
        attributes["clip"] = float(random.uniform(0.2, 1.5))
    if op == "GRU" and chance(0.5):
        attributes["linear_before_reset"] = 1
    if op == "LSTM" and chance(0.3):
        attributes["input_forget"] = 1
    batch_first = chance(0.3)
    if batch_first:
        attributes["layout"] = 1
    element = np.float32 if plain else random.choice([np.float32, np.float32, np.float64, np.float16])

    def numbers(*shape):
        return (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(element)

    def state(*shape):
        return numbers(*(shape[1], shape[0], shape[2]) if batch_first else shape)

    rows = GATES[op] * hidden
    inputs = {"X": state(seq, batch, width) * element(2), "W": numbers(dirs, rows, width),
              "R": numbers(dirs, rows, hidden)}
    if chance(0.7):
        inputs["B"] = numbers(dirs, 2 * rows)
    if chance(0.4):
        inputs["sequence_lens"] = random.integers(1, seq + 1, batch).astype(np.int32)
    if chance(0.5):
        inputs["initial_h"] = state(dirs, batch, hidden)
    if op == "LSTM" and chance(0.5):
        inputs["initial_c"] = state(dirs, batch, hidden)
    if op == "LSTM" and chance(0.5):
        inputs["P"] = numbers(dirs, 3 * hidden)
    used = [chance(0.7) for _ in range(3 if op == "LSTM" else 2)]
    if not any(used):
        used[0] = True
    layer = Layer(op, inputs, attributes, used)
    if element == np.float32 and chance(0.6):
        dtype, is_per_row = (np.int8, np.uint8)[random.integers(2)], chance(0.7)
        for name in "W", "R":
            layer.quantize(name, dtype, is_per_row)
    # Some functions let states grow without bounds.
    if max(np.abs(value).max() for value in layer.compute()) > 20:
        return draw(random, op, sizes, plain)
    return layer


def check(folder, layers, random, cpu="native"):
    """Runs one model of all layers; yields what is wrong."""
    nodes, inputs, initializers, wanted = [], {}, [], {}
    for index, layer in enumerate(layers):
        order = ["X", "W", "R", "B", "sequence_lens", "initial_h"] + ["initial_c", "P"] * (layer.op == "LSTM")
        names = []
        for name in order:
            names.append(f"{name}{index}" if name in layer.inputs else "")
            if name not in layer.inputs:
                continue
            if name in layer.quantized:
                operands, axis = layer.quantized[name]
                parts = [f"{names[-1]}_{part}" for part in ("codes", "scale", "zero")]
                nodes.append(helper.make_node("DequantizeLinear", parts, [names[-1]], axis=axis))
                is_constant = random.random() < 0.8
                for part, value in zip(parts, operands):
                    if is_constant or not part.endswith("codes"):
                        initializers.append(numpy_helper.from_array(value, part))
                    else:
                        inputs[part] = value
                continue
            # Weights are constants, but for some.
            if name in ("W", "R", "B", "P") and random.random() < 0.8:
                initializers.append(numpy_helper.from_array(layer.inputs[name], names[-1]))
            else:
                inputs[names[-1]] = layer.inputs[name]
        while not names[-1]:
            names.pop()
        results = [f"{result}{index}" if used else "" for result, used in zip(("Y", "Y_h", "Y_c"), layer.used)]
        nodes.append(helper.make_node(layer.op, names, results, **layer.attributes))
        for name, value in zip(results, layer.compute()):
            if name:
                wanted[name] = (value, layer)

    def info(name, value, element):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(element)), value.shape)

    graph = helper.make_graph(
        nodes, "g", [info(name, value, value.dtype) for name, value in inputs.items()],
        [info(name, value, layer.inputs["X"].dtype) for name, (value, layer) in wanted.items()], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", inputs)
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so", f"--cpu={cpu}")
    one, two = (run(folder / "model.so", folder / "in", folder / f"out-{threads}", f"--threads={threads}")
                for threads in (1, 2))
    for name, (value, layer) in wanted.items():
        got = one[name + ".npy"]
        tolerance = 4e-3 if got.dtype == np.float16 else 1e-5 if got.dtype == np.float32 else 1e-12
        what = f"{name} of {layer.op} {layer.attributes}, {[(k, v.shape) for k, v in layer.inputs.items()]}"
        if not np.allclose(got, value, rtol=tolerance, atol=tolerance):
            yield f"{what} is off by {np.abs(got - value).max()}"
        if got.tobytes() != two[name + ".npy"].tobytes():
            yield f"{what} has other bits on two threads"


def check_odd_states(folder):
    """Bytes multiply digits of states: sequences whose states have none, beside others that do."""
    random, rows, size = np.random.default_rng(3), [0, 1e-34, np.inf, 1, np.nan, 1e30], 40
    state = random.standard_normal((1, len(rows), size)).astype(np.float32)
    for row, factor in enumerate(rows):
        places = slice(3) if factor > 1 else slice(None)
        state[0, row, places] = np.clip(state[0, row, places], -2, 2) * np.float32(factor)
    layer = Layer("RNN", {"X": np.zeros((1, len(rows), 2), np.float32), "W": np.ones((1, size, 2), np.float32),
                          "R": random.standard_normal((1, size, size)).astype(np.float32), "initial_h": state},
                  {"hidden_size": size, "activations": ["Affine"]}, [True, True])
    layer.quantize("R", np.int8, True)
    with np.errstate(all="ignore"):
        wanted = layer.compute()[0][0, 0]
    parts = dict(zip(("codes", "scale", "zero"), layer.quantized["R"][0]))
    graph = helper.make_graph(
        [helper.make_node("DequantizeLinear", list(parts), ["R"], axis=1),
         helper.make_node("RNN", ["X", "W", "R", "", "", "h"], ["Y"], **layer.attributes)], "g",
        [helper.make_tensor_value_info("h", 1, state.shape)], [helper.make_tensor_value_info("Y", 1, None)],
        [numpy_helper.from_array(value, name) for name, value in parts.items()] +
        [numpy_helper.from_array(layer.inputs[name], name) for name in ("X", "W")])
    folder.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10), folder / "m.onnx")
    write_inputs(folder / "in", {"h": state})
    got = run(folder / "m.onnx", folder / "in", folder / "out")["Y.npy"][0, 0]
    largest = np.abs(wanted).max(axis=1, keepdims=True)
    for row, factor in enumerate(rows):
        isnt_finite = ~np.isfinite(wanted[row].astype(np.float32))
        close = np.abs(got[row] - wanted[row]) <= 1e-5 * largest[row] if np.isfinite(largest[row]) else got[row] == wanted[row]
        if not np.all(close | (isnt_finite & ~np.isfinite(got[row]))):
            yield f"states of {factor}: {got[row]} is not {wanted[row]}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    random = np.random.default_rng(11)
    problems = []
    for op in GATES:
        for cpu in CPUS:
            layers = [draw(random, op) for _ in range(8)]
            problems += check(pathlib.Path(scratch) / f"{op}-{cpu}", layers, random, cpu)
        # A step of these is worth sharing.
        layers = [draw(random, op, (3, batch, 8, hidden), plain=True)
                  for batch, hidden in ((1, 1100), (1, 1101), (2, 600), (17, 300), (17, 301))]
        problems += check(pathlib.Path(scratch) / f"{op}-large", layers, random)
    problems += check_odd_states(pathlib.Path(scratch) / "odd")
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
