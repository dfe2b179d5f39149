#!/usr/bin/env python3
"""Compiles a fetched model both ways and compares it with ONNX Runtime.

usage: real_model.py FOLDER        FOLDER/{model.onnx,sample/}, as scripts/models/fetch.py makes it

JIT and library, each with 1 and 2 threads, and the other forms of artefacts: all must agree with the sample's outputs
(which ONNX Runtime made) within rtol 1e-3 and 1e-4 of the output's largest value, and with each other in every bit
where only the threads differ.
"""
import json
import pathlib
import tempfile

import numpy as np

from command import call_main, lambent, run, shape_options
from near import difference, same_bits


def main(folder):
    folder = pathlib.Path(folder)
    model, sample = folder / "model.onnx", folder / "sample"
    io = json.loads((sample / "io.json").read_text())
    inputs = {i["name"]: np.load(sample / i["file"]) for i in io["inputs"]}
    wanted = {pathlib.Path(o["file"]).name: np.load(sample / o["file"]) for o in io["outputs"]}
    shapes, problems = shape_options(inputs), []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        files, found = {"JIT": (model, shapes)}, {}
        for form in ("library", "object", "bundle", "executable"):
            artefact = scratch / form / "model"
            artefact.parent.mkdir()
            lambent("compile", model, "-o", artefact, f"--emit={form}", *shapes)
            files[form] = artefact, []
        for form, (file, options) in files.items():
            for threads in (1, 2) if form in ("JIT", "library") else (2,):
                found[form, threads] = run(file, sample / "inputs", scratch / f"{form}-{threads}",
                                           f"--threads={threads}", *options)
        for key, outputs in found.items():
            for name, value in wanted.items():
                reason = difference(value, outputs[name], 1e-3, 1e-4) if name in outputs else "no such file"
                if reason:
                    problems.append(f"{' with threads '.join(map(str, key))}: {name}: {reason}")
        for form in ("JIT", "library"):
            problems += [f"{form}: {name}: 1 and 2 threads give different bits"
                         for name in wanted if not same_bits(found[form, 1][name], found[form, 2][name])]
    print("\n".join(problems) or f"{folder.name}: agrees")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
