#!/usr/bin/env python3
"""Layers whose weights have zeros, beside the same layers without.

usage: sparse.py OUT_DIR [--lambent PATH] [--rounds 5] [--threads 1] [--structures NAME...] [--shares PERCENT...] [--layers NAME...]

Each layer is compiled once with dense weights, strictly, so that no Winograd takes part, once by default, and once for each
structure and share of zeros. All artefacts of a layer take turns. Structures: unstructured zeros; 4x1, blocks of four
output channels; 1x32, vectors of 32 output channels; winograd, of 3x3 layers alone, where --winograd-zeros leaves out
vectors of a panel's output channels. Prints a Markdown table of how many times as fast as the direct
dense kernel each is, with the kernel that was chosen, times of the layer's heaviest kernel alone.
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
    return [("direct", 1, 0), ("dense", 1, 0)] + [(name, STRUCTURES.get(name, 1), share)
                                                  for name in structures for share in options.shares]


def draw(layer, block, share):
    """Seeded weights of which whole blocks are 0: [outputs, inputs, taps, taps]."""
    inputs, outputs, taps, _ = LAYERS[layer]
    taps = max(taps, 1)
    generator = np.random.default_rng(len(layer) + block)
    shape = (outputs, inputs, taps, taps)
    weights = generator.standard_normal(shape, dtype=np.float32) * np.float32((2 / (inputs * taps * taps)) ** 0.5)
    return weights * zeros.mask(generator, shape, 0, block, share)


def make(path, layer, weights):
    inputs, outputs, taps, pixels = LAYERS[layer]
    info = helper.make_tensor_value_info
    bias = numpy_helper.from_array(np.linspace(-1, 1, outputs, dtype=np.float32), "b")
    if taps:
        shapes = [1, inputs, pixels, pixels], [1, outputs, pixels, pixels]
        nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[taps // 2] * 4),
                 helper.make_node("Relu", ["c"], ["y"])]
    else:
        shapes = [pixels, inputs], [pixels, outputs]
        weights = np.ascontiguousarray(weights[:, :, 0, 0].T)
        nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["c"]),
                 helper.make_node("Relu", ["c"], ["y"])]
    graph = helper.make_graph(nodes, "layer", [info("x", TensorProto.FLOAT, shapes[0])],
                              [info("y", TensorProto.FLOAT, shapes[1])], [numpy_helper.from_array(weights, "w"), bias])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def main():
    parser = chains.make_parser(__doc__)
    parser.add_argument("--structures", nargs="+", choices=[*STRUCTURES, PRUNED], default=[*STRUCTURES, PRUNED])
    parser.add_argument("--shares", nargs="+", type=int, default=[30, 50, 70, 80, 90])
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=list(LAYERS))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    print("| layer | zeros | " + " | ".join(f"{share} %" for share in options.shares) + " |")
    print("| --- | --- |" + " --- |" * len(options.shares), flush=True)
    for layer in options.layers:
        cases = list_cases(layer, options)
        artefacts = []
        for name, block, share in cases:
            model = os.path.join(options.out, f"{layer.replace(' ', '_')}-{name}-{share}.onnx")
            make(model, layer, draw(layer, block, 0 if name == PRUNED else share / 100))
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
