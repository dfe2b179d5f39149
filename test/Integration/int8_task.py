#!/usr/bin/env python3
"""Scores a labelled task with a model that Lambent quantized to int8, beside ONNX Runtime on the float model.

usage: int8_task.py TASK MODELS SCRATCH   TASK as in scripts/models/tasks.py, MODELS the folder of fetched models

The profile is made on calibration inputs, which are apart from those of the task. Prints both scores.
"""
import json
import pathlib
import shutil
import sys

import numpy as np

from command import Failed, call_main, lambent, run, shape_options
from task import batch_inputs

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
import tasks  # noqa: E402

# What the score may lose: 5 of 4,900 digits, 1 of 20 photos, 0.005 of a correlation.
LOSSES = {"mnist": {"top1": 5.5 / 4900}, "imagenet": {"top1": 0.055}, "sentences-l3": {"pearson": 0.005}}

# Signal to noise of the logits on the photos, more than ONNX Runtime's static quantizer leaves by the same samples, and of
# the texts' vectors.
LEAST_DB = {"imagenet": 18.7, "sentences-l3": 25}
# MiniLM's few large activations take range from the others, unless weights take it over.
OPTIONS = {"sentences-l3": ["--migrate=auto"]}


def main(name, models, scratch):
    if name not in LOSSES:
        raise Failed(f"expected one of {', '.join(LOSSES)}, but got {name}")
    models, scratch = pathlib.Path(models), pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    task, context = tasks.TASKS[name], tasks.make_context(models)
    tasks.prepare(task, context, scratch / "in")
    tasks.calibrate(task.models[0], context, scratch / "samples")
    options = ["--profile", scratch / "profile.json", *OPTIONS.get(name, [])]
    model, quantized = models / task.models[0] / "model.onnx", scratch / "int8.onnx"
    lambent("profile", model, "--input-dir", scratch / "samples", "-o", scratch / "profile.json")
    lambent("quantize", model, *options, "-o", quantized)
    description = json.loads((scratch / "in" / "task.json").read_text())
    compiled = None
    for batch in description["batches"]:
        folder = scratch / "in" / batch
        shapes = shape_options(batch_inputs(folder, description))
        if compiled is None:
            compiled = shapes
            lambent("compile", model, "--quantize=int8", *options, "-o", scratch / "int8.so", *shapes)
        run(scratch / "int8.so" if shapes == compiled else quantized, folder / "inputs", scratch / "out" / batch)
    labels = json.loads((scratch / "in" / "labels.json").read_text())
    mine = task.score(tasks.read_outputs(scratch / "in", scratch / "out"), labels)
    reference = tasks.Reference(model)
    expected = [reference.run(batch_inputs(scratch / "in" / batch, description))[task.output] for batch in description["batches"]]
    theirs = task.score(iter(expected), labels)
    noise = sum(float(((a - b) ** 2).sum()) for a, b in zip(expected, tasks.read_outputs(scratch / "in", scratch / "out")))
    sqnr = 10 * np.log10(sum(float((a ** 2).sum()) for a in expected) / noise)
    print(f"{name} in int8: {sqnr:.1f} dB of {LEAST_DB.get(name, 0)}")
    print(f"{name} in int8: " + ", ".join(f"{metric} {value:.4f} ({theirs[metric]:.4f} in float)" for metric, value in mine.items()))
    return 0 if sqnr >= LEAST_DB.get(name, 0) and all(mine[metric] >= theirs[metric] - loss for metric, loss in LOSSES[name].items()) else 1


if __name__ == "__main__":
    call_main(main, __doc__)
