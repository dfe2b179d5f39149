#!/usr/bin/env python3
"""Ops that read or write images at computed places, against ONNX Runtime or ONNX's own reference.

usage: regions.py SCRATCH

All nodes of a version are in one model, compiled with its dims bound, and with all but channels open. Regions reach over
the image's edges, are empty, and are turned around; offsets lead outside.
"""
import pathlib
import shutil

import numpy as np
import onnx
import onnx.reference
from command import call_main, file_name, lambent, run, write_inputs
from near import difference
from onnx import helper
from reference import evaluate, make_model

GENERATOR = np.random.default_rng(3)
REGIONS = [[0, 0, 9, 7], [1.5, 2.25, 6, 6.5], [-4, -3, 3, 5], [5, 4, 20, 14], [3, 3, 3, 3], [6, 5, 2, 1], [-20, 0, -9, 3]]


def images(*shape, dtype=np.float32):
    return GENERATOR.standard_normal(shape).astype(dtype)


def aligned(version):
    boxes, batches = np.array(REGIONS, np.float32), GENERATOR.integers(0, 2, len(REGIONS))
    for mode in "avg", "max":
        for pixels in ("half_pixel", "output_half_pixel") if version >= 16 else (None,):
            extra = dict(coordinate_transformation_mode=pixels) if pixels else {}
            for height, width, points, scale, channels in ((2, 3, 2, 1.0, 3), (1, 1, 3, 0.5, 16), (5, 4, 1, 1.25, 1),
                                                           (3, 2, 0, 1.0, 5), (1, 1, 0, 0.75, 130)):
                yield "RoiAlign", [images(2, channels, 7, 9), boxes, batches], dict(
                    mode=mode, output_height=height, output_width=width, sampling_ratio=points, spatial_scale=scale, **extra)
    yield ("RoiAlign", [images(2, 1, 7, 9, dtype=np.float64), boxes.astype(np.float64), batches],
           dict(output_height=2, sampling_ratio=2))
    yield "RoiAlign", [images(1, 2, 1, 1), boxes, batches * 0], dict(output_height=2, output_width=2)


def pooled(version):
    if version > 21:
        return  # ONNX Runtime has no kernel of that version
    boxes = np.concatenate([GENERATOR.integers(0, 2, (len(REGIONS), 1)), REGIONS], 1).astype(np.float32)
    for channels, size, scale in (3, [2, 3], 1.0), (17, [1, 1], 0.5), (1, [7, 5], 1.5):
        yield "MaxRoiPool", [images(2, channels, 7, 9), boxes], dict(pooled_shape=size, spatial_scale=scale)


def unpooled(version):
    for shape, kernel, strides, pads in (((2, 3, 4), [2], [2], [0, 0]), ((1, 2, 3, 4), [3, 2], [2, 2], [1, 0, 0, 0]),
                                         ((2, 1, 2, 3, 2), [2, 2, 2], [2, 1, 2], [0] * 6), ((1, 1, 2, 3), [2, 2], [1, 1], [0] * 4)):
        covered = [*shape[:2], *((n - 1) * s + k - a - b for n, s, k, a, b in
                                 zip(shape[2:], strides, kernel, pads, pads[len(kernel):]))]
        places = GENERATOR.permutation(np.prod(covered))[:np.prod(shape)].reshape(shape)
        attributes = dict(kernel_shape=kernel, strides=strides, pads=pads)
        yield "MaxUnpool", [images(*shape), places], attributes
        yield "MaxUnpool", [images(*shape), places, np.array(covered) + [0, 0, *range(1, len(kernel) + 1)]], attributes
    twice = np.zeros((1, 1, 2, 2), np.int64)
    yield "MaxUnpool", [images(1, 1, 2, 2), twice], dict(kernel_shape=[2, 2])


def deformed(version):
    if version < 19:
        return
    for channels, outputs, kernel, group, offset_group, masked, attributes in (
            (4, 3, (3, 3), 1, 1, True, dict(pads=[1, 1, 1, 1])),
            (6, 4, (2, 3), 2, 3, False, dict(strides=[2, 1], pads=[0, 1, 1, 0])),
            (32, 32, (3, 3), 1, 2, True, dict(pads=[1] * 4, dilations=[2, 1])),
            (12, 6, (1, 1), 3, 1, False, {}),
            (12, 6, (2, 2), 2, 4, True, dict(strides=[2, 3]))):
        image = images(2, channels, 6, 7)
        strides, dilations = attributes.get("strides", [1, 1]), attributes.get("dilations", [1, 1])
        pads = attributes.get("pads", [0] * 4)
        places = [(n + a + b - (k - 1) * d - 1) // s + 1 for n, k, a, b, d, s in
                  zip((6, 7), kernel, pads, pads[2:], dilations, strides)]
        entries = offset_group * kernel[0] * kernel[1]
        offsets = images(2, 2 * entries, *places) * 2
        yield "DeformConv", [image, images(outputs, channels // group, *kernel), offsets, images(outputs),
                             images(2, entries, *places) if masked else None], dict(
                                 kernel_shape=kernel, group=group, offset_group=offset_group, **attributes)


def found(version):
    for shape, kernel, attributes in (((2, 3, 9), [3], dict(strides=[2], pads=[1, 1])),
                                      ((2, 2, 7, 8), [3, 2], dict(strides=[2, 3], pads=[2, 1, 0, 0], dilations=[1, 2])),
                                      ((1, 3, 7, 8), [2, 2], dict(strides=[2, 2], auto_pad="SAME_UPPER")),
                                      ((1, 3, 7, 8), [2, 2], dict(strides=[2, 2], auto_pad="SAME_LOWER")),
                                      ((1, 1, 7, 8), [3, 3], dict(strides=[2, 2], ceil_mode=1, storage_order=1)),
                                      ((2, 1, 4, 5, 6), [2, 2, 2], dict(pads=[1, 0, 1, 0, 1, 1]))):
        # Few different numbers: the first of equal ones counts.
        yield "MaxPool", [np.round(images(*shape))], dict(kernel_shape=kernel, **attributes)


def expect(node, arrays, version):
    if node.op_type == "MaxUnpool":  # where the shapes differ, ONNX Runtime counts through the larger one
        model = make_model([node], arrays, {name: None for name in node.output}, opset=version)
        return onnx.reference.ReferenceEvaluator(model).run(None, arrays)
    return evaluate(node, arrays, version)


class Nodes:
    """All nodes of a version, what they take, and what they should give."""

    def __init__(self, version):
        self.version, self.nodes, self.inputs, self.constants, self.expected, self.titles = version, [], {}, {}, {}, {}
        for family in aligned, pooled, unpooled, deformed, found:
            for op, operands, attributes in family(version):
                self.add(op, operands, attributes)

    def add(self, op, operands, attributes):
        number = len(self.nodes)
        names = ["" if operand is None else f"c{number}_{i}" for i, operand in enumerate(operands)]
        outputs = [f"y{number}_{i}" for i in range(2 if op == "MaxPool" else 1)]
        node = helper.make_node(op, names, outputs, **attributes)
        arrays = {name: operand for name, operand in zip(names, operands) if name}
        for output, value in zip(outputs, expect(node, arrays, self.version)):
            self.expected[output] = value
            self.titles[output] = f"{op} {attributes} opset {self.version}"
        constants = {"MaxUnpool": names[2:], "DeformConv": names[1:2]}.get(op, [])
        self.constants |= {name: arrays.pop(name) for name in constants}
        self.inputs |= arrays
        self.nodes.append(node)

    def model(self, is_open):
        model = make_model(self.nodes, self.inputs, {name: None for name in self.expected}, self.constants, self.version)
        for value in model.graph.input if is_open else []:
            dims = value.type.tensor_type.shape.dim
            for axis, dim in enumerate(dims):
                if axis != 1 and len(dims) > 1:
                    dim.dim_param = f"{value.name}_{axis}"
        return model

    def examine(self, folder, is_open):
        write_inputs(folder / "in", self.inputs)
        onnx.save(self.model(is_open), folder / "model.onnx")
        lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
        results = run(folder / "model.so", folder / "in", folder / "out")
        for name, wanted in self.expected.items():
            why = difference(np.asarray(wanted), results[file_name(name)], 1e-4, 1e-5)
            if why:
                yield f"{self.titles[name]}{' open' if is_open else ''}: {why}"


def main(scratch):
    folder = pathlib.Path(scratch)
    shutil.rmtree(folder, ignore_errors=True)
    problems = []
    for version in 11, 16, 22:
        nodes = Nodes(version)
        for is_open in False, True:
            problems += nodes.examine(folder / f"{version}-{is_open}", is_open)
    print("\n".join(problems))
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
