#!/usr/bin/env python3
"""Compiles a known topology with seeded random weights and compares it with ONNX Runtime.

usage: light_model.py NAME SCRATCH        NAME as in benchmarks/topologies

Default accuracy must agree within rtol 1e-3 and 1e-4 of the output's largest value, --accuracy=strict within the ONNX
suite's own tolerance, rtol 1e-3 and atol 1e-7.
"""
import pathlib
import sys

import numpy as np
import onnxruntime

from command import Failed, file_name, run, write_inputs
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


def main():
    name, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
    scratch.mkdir(parents=True, exist_ok=True)
    make_models.make(make_models.TOPOLOGIES, name, scratch)
    model = scratch / f"{name}.onnx"
    inputs = engines.inputs(str(model))
    write_inputs(scratch / "in", inputs)
    wanted, problems = reference(model, inputs), []
    for accuracy, tolerance in (("default", dict(rtol=1e-3, atol=1e-4)), ("strict", dict(rtol=1e-3, atol=1e-7, scaled=False))):
        found = run(model, scratch / "in", scratch / accuracy, f"--accuracy={accuracy}")
        for file, value in wanted.items():
            reason = difference(value, found[file], **tolerance) if file in found else "no such file"
            if reason:
                problems.append(f"--accuracy={accuracy}: {file}: {reason}")
    model.unlink()  # hundreds of MB
    print("\n".join(problems) or f"{name}: agrees")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        sys.exit(str(failed))
