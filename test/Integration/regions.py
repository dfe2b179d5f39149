#!/usr/bin/env python3
"""RoiAlign and MaxUnpool against ONNX Runtime, or ONNX's own reference where that has no kernel.

usage: regions.py SCRATCH

All nodes of a version are in one model. Regions reach over the image's edges, are empty, and are turned around.
"""
import pathlib
import shutil

import numpy as np
import onnx
from command import call_main, file_name, lambent, run, write_inputs
from near import difference
from onnx import helper
from reference import evaluate, make_model

GENERATOR = np.random.default_rng(3)
REGIONS = [[0, 0, 9, 7], [1.5, 2.25, 6, 6.5], [-4, -3, 3, 5], [5, 4, 20, 14], [3, 3, 3, 3], [6, 5, 2, 1], [-20, 0, -9, 3]]


def images(*shape, dtype=np.float32):
    return GENERATOR.standard_normal(shape).astype(dtype)


def regions(version):
    boxes, batches = np.array(REGIONS, np.float32), GENERATOR.integers(0, 2, len(REGIONS))
    for mode in "avg", "max":
        for pixels in ("half_pixel", "output_half_pixel") if version >= 16 else (None,):
            extra = dict(coordinate_transformation_mode=pixels) if pixels else {}
            for height, width, points, scale in (2, 3, 2, 1.0), (1, 1, 3, 0.5), (5, 4, 1, 1.25):
                yield "RoiAlign", [images(2, 3, 7, 9), boxes, batches], dict(
                    mode=mode, output_height=height, output_width=width, sampling_ratio=points, spatial_scale=scale, **extra)
    yield ("RoiAlign", [images(2, 1, 7, 9, dtype=np.float64), boxes.astype(np.float64), batches],
           dict(output_height=2, sampling_ratio=2))


def unpooled(version):
    for shape, kernel, strides, pads in (((2, 3, 4), [2], [2], [0, 0]), ((1, 2, 3, 4), [3, 2], [2, 2], [1, 0, 0, 0]),
                                         ((2, 1, 2, 3, 2), [2, 2, 2], [2, 1, 2], [0] * 6)):
        covered = [*shape[:2], *((n - 1) * s + k - a - b for n, s, k, a, b in
                                 zip(shape[2:], strides, kernel, pads, pads[len(kernel):]))]
        places = GENERATOR.permutation(np.prod(covered))[:np.prod(shape)].reshape(shape)
        attributes = dict(kernel_shape=kernel, strides=strides, pads=pads)
        yield "MaxUnpool", [images(*shape), places], attributes
        yield "MaxUnpool", [images(*shape), places, np.array(covered) + [0, 0, *range(1, len(kernel) + 1)]], attributes


def examine(folder, version):
    nodes, tensors, constants, expected, titles = [], {}, {}, {}, {}
    for number, (op, operands, attributes) in enumerate([*regions(version), *unpooled(version)]):
        names = [f"c{number}_{i}" for i in range(len(operands))]
        node = helper.make_node(op, names, [f"y{number}"], **attributes)
        arrays = dict(zip(names, operands))
        expected[f"y{number}"], = evaluate(node, arrays, version)
        titles[f"y{number}"] = f"{op} {attributes} opset {version}"
        shapes = names[2:] if op == "MaxUnpool" else []
        constants |= {name: arrays.pop(name) for name in shapes}
        tensors |= arrays
        nodes.append(node)
    write_inputs(folder / "in", tensors)
    onnx.save(make_model(nodes, tensors, expected, constants, version), folder / "model.onnx")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    found = run(folder / "model.so", folder / "in", folder / "out")
    for name, wanted in expected.items():
        why = difference(wanted, found[file_name(name)], 1e-4, 1e-5)
        if why:
            yield f"{titles[name]}: {why}"


def main(scratch):
    folder = pathlib.Path(scratch)
    shutil.rmtree(folder, ignore_errors=True)
    problems = [problem for version in (11, 16, 22) for problem in examine(folder / str(version), version)]
    print("\n".join(problems))
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
