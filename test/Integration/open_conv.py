#!/usr/bin/env python3
"""Convolutions whose batch, height and width a run decides, compared with ONNX Runtime at several sizes.

usage: open_conv.py FOLDER

Each case is compiled ahead of time once. Rows of its runs end anywhere in a tile, are shorter than the kernel, or are
none at all.
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from command import Failed, call_main, file_name, lambent, run, write_inputs
from near import difference

BATCHES = [(1, 9, 9), (3, 9, 9), (0, 9, 9)]
IMAGES = [(1, 9, 9), (2, 1, 1), (1, 2, 31), (1, 40, 3), (1, 5, 100), (0, 7, 7), (2, 17, 64)]
ROWS = [(1, 1), (2, 37), (1, 200), (0, 8)]


def conv(name, dims, filter_shape, sizes, bias=True, op="Conv", **attributes):
    return name, op, dims, filter_shape, sizes, bias, attributes


CASES = [
    conv("batch", ["n", 8, 9, 9], (24, 8, 3, 3), BATCHES, pads=[1, 1, 1, 1]),
    conv("batch-depthwise", ["n", 20, 9, 9], (20, 1, 3, 3), BATCHES, pads=[1, 1, 1, 1], strides=[2, 2], group=20),
    conv("batch-same", ["n", 3, 9, 9], (5, 3, 3, 3), BATCHES, auto_pad="SAME_UPPER", strides=[2, 2]),
    conv("image", ["n", 16, "h", "w"], (40, 16, 3, 3), IMAGES, pads=[1, 1, 1, 1]),
    conv("width", [1, 5, 9, "w"], (33, 5, 3, 3), [(1, 9, 1), (1, 9, 15), (1, 9, 77)], pads=[1, 1, 1, 1]),
    conv("height", [1, 5, "h", 9], (33, 5, 3, 3), [(1, 1, 9), (1, 15, 9), (1, 77, 9)], pads=[1, 1, 1, 1]),
    conv("stride", ["n", 3, "h", "w"], (32, 3, 7, 7), IMAGES, pads=[3, 3, 3, 3], strides=[2, 2]),
    conv("valid", ["n", 7, "h", "w"], (9, 7, 3, 2), [(1, 3, 2), (2, 9, 30), (1, 4, 65)], bias=False),
    conv("far-pads", ["n", 4, "h", "w"], (6, 4, 2, 2), IMAGES, pads=[4, 3, 2, 5]),
    conv("dilated", ["n", 6, "h", "w"], (10, 6, 3, 3), IMAGES, pads=[2, 3, 2, 3], dilations=[2, 3]),
    conv("groups", ["n", 12, "h", "w"], (18, 4, 3, 3), IMAGES, pads=[1, 1, 1, 1], group=3),
    conv("depthwise", ["n", 20, "h", "w"], (20, 1, 3, 3), IMAGES, pads=[1, 1, 1, 1], group=20),
    conv("depthwise-stride", ["n", 64, "h", "w"], (64, 1, 5, 5), IMAGES, pads=[2, 2, 2, 2], strides=[2, 2], group=64),
    conv("pointwise", ["n", 24, "h", "w"], (40, 24, 1, 1), IMAGES),
    conv("pointwise-stride", ["n", 24, "h", "w"], (40, 24, 1, 1), IMAGES, strides=[2, 2]),
    conv("same", ["n", 8, "h", "w"], (8, 8, 4, 3), IMAGES, auto_pad="SAME_LOWER"),
    conv("same-upper-stride", ["n", 8, "h", "w"], (12, 8, 3, 3), IMAGES, auto_pad="SAME_UPPER", strides=[2, 3]),
    conv("same-lower-stride", ["n", 8, "h", "w"], (12, 8, 4, 5), IMAGES, auto_pad="SAME_LOWER", strides=[2, 3]),
    conv("same-gaps", ["n", 6, "h", "w"], (5, 6, 1, 2), IMAGES, auto_pad="SAME_UPPER", strides=[2, 3]),
    conv("same-depthwise", ["n", 20, "h", "w"], (20, 1, 3, 3), IMAGES, auto_pad="SAME_UPPER", strides=[2, 2], group=20),
    conv("channels", ["n", "c", "h", "w"], (9, 5, 3, 3), IMAGES, auto_pad="SAME_LOWER", strides=[2, 2]),
    conv("row", ["n", 8, "w"], (24, 8, 5), ROWS, pads=[2, 2]),
    conv("volume", ["n", 4, 3, "h", "w"], (6, 4, 3, 3, 3), [(1, 4, 5), (2, 1, 20)], pads=[1] * 6),
    conv("transpose-apart", ["n", 6, "h", "w"], (6, 10, 2, 2), [(1, 1, 1), (2, 5, 19)], op="ConvTranspose",
         strides=[2, 2]),
    conv("transpose", ["n", 6, "h", "w"], (6, 10, 3, 3), [(1, 1, 1), (2, 5, 19)], op="ConvTranspose", strides=[2, 2],
         pads=[1, 1, 1, 1], output_padding=[1, 1]),
    conv("transpose-same", ["n", 6, "h", "w"], (6, 10, 4, 3), [(1, 1, 1), (2, 5, 19)], op="ConvTranspose", strides=[2, 3],
         auto_pad="SAME_UPPER"),
    conv("transpose-size", [1, 6, "h", "w"], (6, 10, 4, 3), [(1, 7, 6), (1, 8, 6), (1, 8, 7)], op="ConvTranspose",
         strides=[2, 2], output_shape=[15, 13]),
    conv("transpose-groups", ["n", 6, "h", "w"], (6, 4, 4, 3), [(1, 1, 1), (2, 5, 19)], op="ConvTranspose", strides=[2, 2],
         group=2, dilations=[2, 1], pads=[1, 0, 2, 1], output_padding=[1, 1]),
    conv("transpose-cut", ["n", 6, "h", "w"], (6, 10, 2, 2), [(1, 5, 5), (2, 5, 19)], op="ConvTranspose", strides=[2, 2],
         pads=[2, 3, 2, 2]),
]


def build(case, path):
    _, op, dims, filter_shape, _, bias, attributes = case
    random = np.random.default_rng(1)
    weights = {"w": random.standard_normal(filter_shape).astype(np.float32)}
    if bias:
        channels = filter_shape[1] * attributes.get("group", 1) if op == "ConvTranspose" else filter_shape[0]
        weights["b"] = random.standard_normal(channels).astype(np.float32)
    node = helper.make_node(op, ["x", *weights], ["y"], **attributes)
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None] * len(dims))
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, dims)], [result],
                              [numpy_helper.from_array(value, name) for name, value in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def make_input(case, size):
    batch, *image = size
    dims = case[2]
    channels = dims[1] if isinstance(dims[1], int) else case[3][1]
    shape = [batch, channels, *dims[2:len(dims) - len(image)], *image]
    return np.random.default_rng(2).standard_normal(shape).astype(np.float32)


def check(case, folder):
    model, artefact = folder / f"{case[0]}.onnx", folder / f"{case[0]}.so"
    build(case, model)
    lambent("compile", model, "-o", artefact)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    for size in case[4]:
        x = make_input(case, size)
        wanted = session.run(None, {"x": x})[0]
        inputs = folder / "in"
        write_inputs(inputs, {"x": x})
        found = run(artefact, inputs, folder / "out")[file_name("y")]
        if why := difference(wanted, found, 1e-4, 1e-5):
            raise Failed(f"{case[0]} at {list(x.shape)}: {why}")


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        check(case, folder)


call_main(main, __doc__)
