#!/usr/bin/env python3
"""Layers whose weights have zeros, beside the same layers without.

usage: sparse.py OUT_DIR [--lambent PATH] [--rounds 5] [--threads 1] [--structures NAME...] [--shares PERCENT...] [--layers NAME...] [--int8]

Each layer is compiled once with dense weights, strictly, so that no Winograd takes part, once by default, and once for each
structure and share of zeros. All artefacts of a layer take turns. Structures: unstructured zeros; 4x1, blocks of four
output channels; 4x2 and 4x4, of two or four input channels, too; 1x32, vectors of 32 output channels; winograd, of 3x3 layers
alone, where --winograd-zeros leaves out vectors of a panel's output channels. Prints a Markdown table of how many times as fast as
the direct dense kernel each is, with the kernel that was chosen, times of the layer's heaviest kernel alone. With --int8 all but
the direct dense kernel read and write bytes, with weights of i8 as quantizers write them.
"""
import os
import statistics
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import chains
import zeros
from zeros import STRUCTURES

# Inputs, outputs, taps a side, pixels a side; a product has as many rows as pixels.
LAYERS = {
    "1x1 256-64@56": (256, 64, 1, 56),
    "1x1 128-512@28": (128, 512, 1, 28),
    "1x1 512-128@28": (512, 128, 1, 28),
    "1x1 256-1024@14": (256, 1024, 1, 14),
    "1x1 1024-256@14": (1024, 256, 1, 14),
    "1x1 2048-512@7": (2048, 512, 1, 7),
    "3x3 64@56": (64, 64, 3, 56),
    "3x3 128@28": (128, 128, 3, 28),
    "3x3 256@14": (256, 256, 3, 14),
    "3x3 512@7": (512, 512, 3, 7),
    "product 768-3072@128": (768, 3072, 0, 128),
}


# Zeros that are none of the weights.
PRUNED = "winograd"


def list_cases(layer, options):
    """(structure, block of its zeros, percent) of all artefacts of a layer, direct and dense first."""
    structures = [name for name in options.structures if name != PRUNED or LAYERS[layer][2] == 3]
    one = (1, 1)
    return [("direct", one, 0), ("dense", one, 0)] + [(name, STRUCTURES.get(name, one), share)
                                                      for name in structures for share in options.shares]


def draw(layer, block, share):
    """Seeded weights of which whole blocks are 0: [outputs, inputs, taps, taps]."""
    inputs, outputs, taps, _ = LAYERS[layer]
    taps = max(taps, 1)
    generator = np.random.default_rng(len(layer) + block[0])
    shape = (outputs, inputs, taps, taps)
    weights = generator.standard_normal(shape, dtype=np.float32) * np.float32((2 / (inputs * taps * taps)) ** 0.5)
    return weights * zeros.mask(generator, shape, 0, block, share)


def quantize(nodes, constants, weights):
    """Makes the layer read and write bytes: of what it reads the zero point is 128, of what it writes 0."""
    axis = 0 if weights.ndim == 4 else 1
    scales = np.abs(weights).max(axis=tuple(i for i in range(weights.ndim) if i != axis), keepdims=True) / 127
    constant = numpy_helper.from_array
    constants += [constant(np.round(weights / scales).astype(np.int8), "wq"), constant(scales.ravel(), "ws"),
                  constant(np.zeros(scales.size, np.int8), "wz"), constant(np.float32(1 / 32), "s"), constant(np.uint8(128), "z"),
                  constant(np.uint8(0), "y0")]
    nodes.insert(0, helper.make_node("DequantizeLinear", ["x", "s", "z"], ["xf"]))
    nodes.insert(1, helper.make_node("DequantizeLinear", ["wq", "ws", "wz"], ["w"], axis=axis))
    nodes[2].input[0], nodes[-1].output[0] = "xf", "yf"
    nodes.append(helper.make_node("QuantizeLinear", ["yf", "s", "y0"], ["y"]))


def make(path, layer, weights, are_bytes=False):
    inputs, outputs, taps, pixels = LAYERS[layer]
    info = helper.make_tensor_value_info
    constants = [numpy_helper.from_array(np.linspace(-1, 1, outputs, dtype=np.float32), "b")]
    if taps:
        shapes = [1, inputs, pixels, pixels], [1, outputs, pixels, pixels]
        nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[taps // 2] * 4),
                 helper.make_node("Relu", ["c"], ["y"])]
    else:
        shapes = [pixels, inputs], [pixels, outputs]
        weights = np.ascontiguousarray(weights[:, :, 0, 0].T)
        nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["c"]),
                 helper.make_node("Relu", ["c"], ["y"])]
    if are_bytes:
        quantize(nodes, constants, weights)
    else:
        constants.append(numpy_helper.from_array(weights, "w"))
    element = TensorProto.UINT8 if are_bytes else TensorProto.FLOAT
    graph = helper.make_graph(nodes, "layer", [info("x", element, shapes[0])], [info("y", element, shapes[1])], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def main():
    parser = chains.make_parser(__doc__)
    parser.add_argument("--structures", nargs="+", choices=[*STRUCTURES, PRUNED], default=[*STRUCTURES, PRUNED])
    parser.add_argument("--shares", nargs="+", type=int, default=[30, 50, 70, 80, 90])
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=list(LAYERS))
    parser.add_argument("--int8", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| layer | zeros | " + " | ".join(f"{share} %" for share in options.shares) + " |")
    print("| --- | --- |" + " --- |" * len(options.shares), flush=True)
    for layer in options.layers:
        cases = list_cases(layer, options)
        artefacts = []
        for name, block, share in cases:
            are_bytes = options.int8 and name != "direct"
            model = os.path.join(options.out, f"{layer.replace(' ', '_')}-{name}-{share}{'-int8' * are_bytes}.onnx")
            make(model, layer, draw(layer, block, 0 if name == PRUNED else share / 100), are_bytes)
            flags = ["--accuracy=strict"] if name == "direct" else [f"--winograd-zeros={share}"] if name == PRUNED else []
            artefacts.append(chains.compile_model(model, ".so", options, *flags))
        rounds = []
        for _ in range(options.rounds):
            reports = [chains.bench(artefact, options) for artefact in artefacts]
            rounds.append([max(report["layers"], key=lambda x: x["median_ms"]) for report in reports])
        ratios = [statistics.median(r[0]["median_ms"] / r[i]["median_ms"] for r in rounds) for i in range(len(cases))]
        kernels = [x["kernel"] for x in rounds[0]]
        print(f"| {layer}, {statistics.median(r[0]['median_ms'] for r in rounds):.3f} ms | none | {ratios[1]:.2f} {kernels[1]} |" +
              " |" * (len(options.shares) - 1))
        for first in range(2, len(cases), len(options.shares)):
            cells = [f"{ratios[j]:.2f} {kernels[j]}" for j in range(first, first + len(options.shares))]
            print(f"| | {cases[first][0]} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
