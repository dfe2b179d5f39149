#!/usr/bin/env python3
"""Ops that draw numbers: their distributions, and that a run repeats the last one's.

usage: drawn.py SCRATCH

No engine repeats another's numbers, so that means, deviations and rates are compared, of 20,000 numbers each, within five
standard errors.
"""
import pathlib
import shutil

import numpy as np
import onnx
from command import Failed, call_main, lambent, run, write_inputs
from onnx import TensorProto, helper

COUNT = 20000


def nodes():
    yield helper.make_node("RandomUniform", [], ["uniform"], shape=[200, 100], low=-2.0, high=4.0, seed=1.0)
    yield helper.make_node("RandomUniform", [], ["other"], shape=[200, 100], low=-2.0, high=4.0, seed=2.0)
    yield helper.make_node("RandomNormal", [], ["normal"], shape=[COUNT], mean=1.0, scale=3.0, dtype=TensorProto.DOUBLE)
    yield helper.make_node("RandomUniformLike", ["x"], ["uniform_like"], name="a")
    yield helper.make_node("RandomNormalLike", ["x"], ["normal_like"], name="b", dtype=TensorProto.FLOAT16)
    yield helper.make_node("Bernoulli", ["p"], ["ones"], name="c", dtype=TensorProto.INT32)
    yield helper.make_node("Multinomial", ["scores"], ["classes"], name="d", sample_size=COUNT, dtype=TensorProto.INT64)


def check(what, value, wanted, error):
    if abs(value - wanted) > 5 * error:
        raise Failed(f"{what}: {value:g}, expected about {wanted:g}")


def check_moments(what, numbers, mean, deviation, kind):
    if numbers.dtype != kind or numbers.size != COUNT:
        raise Failed(f"{what}: {numbers.dtype} of {numbers.shape}")
    numbers = numbers.astype(np.float64)
    check(f"mean of {what}", numbers.mean(), mean, deviation / np.sqrt(COUNT))
    check(f"deviation of {what}", numbers.std(), deviation, deviation / np.sqrt(COUNT))
    flat = (numbers.ravel() - mean) / deviation
    for distance in 1, 2, 100:
        check(f"correlation of {what}", np.mean(flat[distance:] * flat[:-distance]), 0, 1 / np.sqrt(COUNT))


def examine(results, inputs):
    uniform = results["uniform.npy"]
    check_moments("uniform", uniform, 1, 6 / np.sqrt(12), np.float32)
    if uniform.min() < -2 or uniform.max() >= 4:
        raise Failed(f"uniform from {uniform.min()} to {uniform.max()}")
    if np.mean(uniform == results["other.npy"]) > 0.01:
        raise Failed("two seeds give the same numbers")
    check_moments("normal", results["normal.npy"], 1, 3, np.float64)
    check_moments("uniform_like", results["uniform_like.npy"], 0.5, 1 / np.sqrt(12), np.float32)
    check_moments("normal_like", results["normal_like.npy"], 0, 1, np.float16)
    check("kurtosis of normal_like", np.mean(results["normal_like.npy"].astype(np.float64) ** 4), 3, np.sqrt(96 / COUNT))
    ones, chances = results["ones.npy"], inputs["p"]
    if set(np.unique(ones)) != {0, 1}:
        raise Failed("Bernoulli gives other than ones and zeros")
    for low in 0, 0.5:
        chosen = (chances >= low) & (chances < low + 0.5)
        check("rate of ones", ones[chosen].mean(), chances[chosen].mean(), 0.5 / np.sqrt(chosen.sum()))
    weights = np.exp(inputs["scores"])
    for row, classes in enumerate(results["classes.npy"]):
        for index, share in enumerate(weights[row] / weights[row].sum()):
            check(f"share of class {index}", np.mean(classes == index), share, np.sqrt(share * (1 - share) / COUNT) + 1e-9)


def main(scratch):
    folder = pathlib.Path(scratch)
    shutil.rmtree(folder, ignore_errors=True)
    generator = np.random.default_rng(1)
    inputs = {"x": np.zeros((COUNT // 10, 10), np.float32), "p": generator.uniform(size=(COUNT,)).astype(np.float32),
              "scores": np.log(np.array([[1, 2, 3, 4], [0.5, 0.1, 0.2, 1e-9]], np.float32))}
    dims = {"x": ["n", 10], "p": ["m"], "scores": ["b", 4]}
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims[name]) for name in inputs]
    made = list(nodes())
    outputs = [onnx.ValueInfoProto(name=node.output[0]) for node in made]
    model = helper.make_model(helper.make_graph(made, "g", values, outputs), ir_version=10,
                              opset_imports=[helper.make_opsetid("", 22)])
    write_inputs(folder / "in", inputs)
    onnx.save(model, folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    first = run(folder / "model.so", folder / "in", folder / "out")
    examine(first, inputs)
    second = run(folder / "model.so", folder / "in", folder / "again", "--threads=2")
    for name, value in first.items():
        if not np.array_equal(value, second[name]):
            raise Failed(f"{name} differs from run to run")


if __name__ == "__main__":
    call_main(main, __doc__)
