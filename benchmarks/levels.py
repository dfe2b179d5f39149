#!/usr/bin/env python3
"""What a model takes and gives in code for each level of x86 that this CPU runs.

usage: levels.py OUT_DIR MODEL.onnx... [--lambent PATH] [--rounds 3] [--threads 1] [--levels x86-64,...,native]

Compiles each model for every level, whose code takes turns, and runs all on one drawn input. Prints a Markdown table:
the median time of the rounds' medians, and by how much results differ at most from those of the first level, as a part of
their largest magnitude. Quantized models without float ops between their first and last integers have the same bits.
"""
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx

import chains
import engines


def draw_inputs(model, folder):
    """Drawn inputs as files in `folder`, with ones for open dims."""
    generator = np.random.default_rng(0)
    graph = onnx.load(model, load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    folder.mkdir(parents=True, exist_ok=True)
    for value in graph.input:
        if value.name in constants:
            continue
        tensor = value.type.tensor_type
        shape = [dim.dim_value or 1 for dim in tensor.shape.dim]
        element = np.dtype(engines.TYPES[tensor.elem_type])
        drawn = generator.standard_normal(shape) if element.kind == "f" else generator.integers(0, 2, shape)
        np.save(folder / f"{value.name}.npy", drawn.astype(element))


def run(artefact, inputs, outputs, options):
    subprocess.run([options.lambent, "run", artefact, "--input-dir", inputs, "--output-dir", outputs, "--threads=1"], check=True,
                   stdout=subprocess.DEVNULL)
    return {path.name: np.load(path) for path in sorted(outputs.glob("*.npy"))}


def compare(found, expected):
    if all(found[name].tobytes() == expected[name].tobytes() for name in expected):
        return "the same bits"
    return "at most {:.1e}".format(max(
        np.abs(found[name].astype(np.float64) - expected[name]).max() / max(np.abs(expected[name]).max(), 1e-30)
        for name in expected))


def main():
    parser = chains.make_parser(__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--levels", default="x86-64,x86-64-v3,skylake-avx512,cascadelake,native")
    parser.set_defaults(rounds=3)
    options = parser.parse_args()
    levels = options.levels.split(",")
    print("| model | level | ms | results beside those of the first level |\n| --- | --- | --- | --- |")
    for model in options.models:
        name = os.path.basename(model)[:-len(".onnx")]
        out = pathlib.Path(options.out) / name
        draw_inputs(model, out / "in")
        artefacts = []
        for level in levels:
            artefacts.append(str(out / f"{level}.so"))
            subprocess.run([options.lambent, "compile", model, "-o", artefacts[-1], f"--cpu={level}"], check=True)
        results = [run(artefact, out / "in", out / level, options) for level, artefact in zip(levels, artefacts)]
        medians, _ = chains.take_turns(artefacts, options)
        for level, ms, result in zip(levels, medians, results):
            print(f"| {name} | {level} | {ms:.2f} | {compare(result, results[0])} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
