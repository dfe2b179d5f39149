#!/usr/bin/env python3
"""Resizes by constant scales of dims that a run decides, compared with ONNX Runtime at several sizes, and bound.

usage: open_scales.py FOLDER

Sizes are floor(f32(size) * scale): some scales are quotients of small numbers, others are not, and of some only the
product that f32 rounds is whole.
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from command import Failed, call_main, complain, lambent, run, write_inputs
from near import difference

SCALES = [(2, 2), (0.7, 1 / 3), (2.5, 0.1), (1.9999, 0.6), (1, 1.3), (0.123456, 3.14159)]
SIZES = [(1, 10, 10), (2, 7, 30), (1, 41, 13), (1, 20, 100)]
COORDINATES = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]


def cases():
    """Op, opset, the inputs before the scales, scales, attributes."""
    for number, scales in enumerate(SCALES):
        for mode in ("nearest", "linear", "cubic"):
            yield "Resize", 19, scales, dict(mode=mode, coordinate_transformation_mode=COORDINATES[number % 5])
        yield "Resize", 18, scales, dict(mode="linear", antialias=1)
        yield "Resize", 18, scales, dict(mode="nearest", coordinate_transformation_mode="tf_crop_and_resize",
                                         nearest_mode="floor")
        yield "Resize", 18, scales, dict(mode="nearest", coordinate_transformation_mode=COORDINATES[number - 5],
                                         nearest_mode=("floor", "ceil", "round_prefer_ceil")[number % 3], axes=[2, 3])
        yield "Resize", 10, scales, dict(mode="nearest")
        # Of scales below 1 ONNX Runtime's Upsample has none.
        if min(scales) >= 1:
            yield "Upsample", 9, scales, dict(mode="linear")
            yield "Upsample", 7, scales, dict(mode="nearest", scales=[1.0, 1.0, *map(float, scales)])


def build(op, opset, scales, attributes):
    values = np.array(scales if "axes" in attributes else [1, 1, *scales], np.float32)
    names, weights = ["x"], []
    if op == "Resize" and opset > 10:
        roi = attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize"
        names.append("roi" if roi else "")
        if roi:
            weights.append(numpy_helper.from_array(np.array([0, 0, 0.1, 0.2, 1, 1, 0.9, 0.8], np.float32), "roi"))
    if opset > 7:
        names.append("s")
        weights.append(numpy_helper.from_array(values, "s"))
    graph = helper.make_graph(
        [helper.make_node(op, names, ["y"], name="scaled", **attributes)], "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None] * 4)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def check(case, folder):
    """Positions of some modes follow ONNX's own reference, which scales sizes otherwise: they are the bound model's."""
    model = build(*case)
    onnx.save(model, folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "open.so")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    isPlain = case[3].get("coordinate_transformation_mode", "half_pixel") in ("half_pixel", "asymmetric")
    for batch, height, width in SIZES:
        x = np.random.default_rng(3).standard_normal((batch, 3, height, width)).astype(np.float32)
        wanted = session.run(None, {"x": x})[0]
        write_inputs(folder / "in", {"x": x})
        found = run(folder / "open.so", folder / "in", folder / "out")["y.npy"]
        if found.shape != wanted.shape or isPlain and (why := difference(wanted, found, 1e-4, 2e-5)):
            yield f"{case} at {list(x.shape)}: {why if isPlain and found.shape == wanted.shape else found.shape}"
    bound = run(folder / "model.onnx", folder / "in", folder / "bound")["y.npy"]
    if why := difference(bound, found, 1e-5, 1e-6):
        yield f"{case} bound to {list(x.shape)}: {why}"


def check_bound(folder):
    """A size for which the expression does not stand for the product is refused by the run."""
    onnx.save(build("Resize", 19, (0.7, 1), dict(mode="nearest")), folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "open.so")
    write_inputs(folder / "in", {"x": np.zeros((1, 3, 1198373, 1), np.float32)})
    said = complain("run", folder / "open.so", "--input-dir", folder / "in", "--output-dir", folder / "out")
    if "layer 'scaled': expected at most 1198372 positions to scale, but got h=1198373" not in said:
        yield "a size that is too large: " + said


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    problems = [problem for case in cases() for problem in check(case, folder)]
    problems += check_bound(folder)
    if problems:
        raise Failed("\n".join(problems))


call_main(main, __doc__)
