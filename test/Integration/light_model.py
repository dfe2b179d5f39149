#!/usr/bin/env python3
"""Compiles a known topology with seeded random weights and compares it with ONNX Runtime.

usage: light_model.py NAME SCRATCH        NAME as in benchmarks/topologies

Default accuracy must agree within rtol 1e-3 and 1e-4 of the output's largest value, --accuracy=strict within the ONNX
suite's own tolerance, rtol 1e-3 and atol 1e-7. Compiling may take 1.5 times the weights and 500 MB of memory at most,
and the artefact must agree, too.
"""
import pathlib
import sys

import numpy as np
import onnxruntime

from command import call_main, compile_peak, file_name, run, write_inputs
from near import difference

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
import engines  # noqa: E402
import make_models  # noqa: E402


def reference(model, inputs):
    """The outputs by file name, from ONNX Runtime without graph optimisation."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return {file_name(name): np.asarray(value) for name, value in zip(names, session.run(names, inputs))}


def main(name, scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    make_models.make(make_models.TOPOLOGIES, name, scratch)
    model = scratch / f"{name}.onnx"
    inputs = engines.inputs(str(model))
    write_inputs(scratch / "in", inputs)
    wanted, problems = reference(model, inputs), []
    peak, weights = compile_peak(model, scratch / "model.so"), model.stat().st_size
    if peak > 1.5 * weights + 500e6:
        problems.append(f"compiling took {peak / 1e6:.0f} MB for {weights / 1e6:.0f} MB of weights")
    suite, default = dict(rtol=1e-3, atol=1e-7, scaled=False), dict(rtol=1e-3, atol=1e-4)
    for file, accuracy, tolerance in ((scratch / "model.so", "default", default), (model, "default", default),
                                      (model, "strict", suite)):
        options = [f"--accuracy={accuracy}"] if file == model else []
        found = run(file, scratch / "in", scratch / accuracy, *options)
        for output, value in wanted.items():
            reason = difference(value, found[output], **tolerance) if output in found else "no such file"
            if reason:
                problems.append(f"{file.name}, accuracy {accuracy}: {output}: {reason}")
    model.unlink()  # hundreds of MB each
    (scratch / "model.so").unlink()
    print("\n".join(problems) or f"{name}: agrees; compiling took {peak / 1e6:.0f} MB for {weights / 1e6:.0f} MB of weights")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
