#!/usr/bin/env python3
"""Scores a labelled task with Lambent and with ONNX Runtime; they must score the same.

usage: task.py TASK MODELS SCRATCH        TASK as in scripts/models/tasks.py, MODELS the folder of fetched models

One artefact is compiled for the shape of all batches but the last; the last one goes through the JIT where its shape
differs. Prints the score.
"""
import json
import pathlib
import shutil
import sys

import numpy as np

from command import Failed, call_main, lambent, run, shape_options

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
import tasks  # noqa: E402


def batch_inputs(folder, description):
    return {i["name"]: np.load(folder / i["file"]) for i in description["inputs"]}


class PreparedTask:
    """A labelled task with its inputs and calibration samples in a folder, which begins empty."""

    def __init__(self, name, models, scratch):
        if name not in tasks.TASKS:
            raise Failed(f"expected one of {', '.join(tasks.TASKS)}, but got {name}")
        shutil.rmtree(scratch, ignore_errors=True)
        self.task, context = tasks.TASKS[name], tasks.make_context(models)
        tasks.prepare(self.task, context, scratch / "in")
        tasks.calibrate(self.task.models[0], context, scratch / "samples")
        self.model = models / self.task.models[0] / "model.onnx"
        self.description = json.loads((scratch / "in" / "task.json").read_text())
        self.labels = json.loads((scratch / "in" / "labels.json").read_text())
        self.batches = [batch_inputs(scratch / "in" / batch, self.description) for batch in self.description["batches"]]

    def run(self, path, exact=False):
        """What ONNX Runtime says of each batch with the model at `path`."""
        reference = tasks.Reference(path, exact)
        return [reference.run(batch)[self.task.output] for batch in self.batches]

    def show(self, outputs):
        """Their score."""
        return ", ".join(f"{metric} {value:.4f}" for metric, value in self.task.score(iter(outputs), self.labels).items())


def decibels(wanted, found):
    """The signal to noise ratio of all outputs together."""
    noise = sum(float(((a - b) ** 2).sum()) for a, b in zip(wanted, found))
    return 10 * np.log10(sum(float((a ** 2).sum()) for a in wanted) / noise)


def main(name, models, scratch):
    if name not in tasks.TASKS:
        raise Failed(f"expected one of {', '.join(tasks.TASKS)}, but got {name}")
    models, scratch = pathlib.Path(models), pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    task, context = tasks.TASKS[name], tasks.make_context(models)
    tasks.prepare(task, context, scratch / "in")
    description = json.loads((scratch / "in" / "task.json").read_text())
    model = models / task.models[0] / "model.onnx"
    compiled = None
    for batch in description["batches"]:
        folder = scratch / "in" / batch
        shapes = shape_options(batch_inputs(folder, description))
        if compiled is None:
            compiled = shapes
            lambent("compile", model, "-o", scratch / "model.so", *shapes)
        file = scratch / "model.so" if shapes == compiled else model
        run(file, folder / "inputs", scratch / "out" / batch)
    labels = json.loads((scratch / "in" / "labels.json").read_text())
    mine = task.score(tasks.read_outputs(scratch / "in", scratch / "out"), labels)
    reference = tasks.Reference(model)
    outputs = (reference.run(batch_inputs(scratch / "in" / batch, description))[task.output]
               for batch in description["batches"])
    theirs = task.score(outputs, labels)
    text = ", ".join(f"{metric} {value:.4f} (ONNX Runtime {theirs[metric]:.4f})" for metric, value in mine.items())
    print(f"{name} on {task.models[0]}: {text}")
    # Scores that are counts must be equal; a correlation may differ in its last digits.
    return 0 if all(abs(value - theirs[metric]) < 5e-5 for metric, value in mine.items()) else 1


if __name__ == "__main__":
    call_main(main, __doc__)
