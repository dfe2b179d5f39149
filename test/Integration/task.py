#!/usr/bin/env python3
"""Scores a labelled task with Lambent and with ONNX Runtime; they must score the same.

usage: task.py TASK MODELS SCRATCH        TASK as in scripts/models/tasks.py, MODELS the folder of fetched models

One artefact is compiled for the shape of all batches but the last; the last one goes through the JIT where its shape
differs. Prints the score.
"""
import functools
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
    """A labelled task with its inputs in a folder, which begins empty."""

    def __init__(self, name, models, scratch):
        if name not in tasks.TASKS:
            raise Failed(f"expected one of {', '.join(tasks.TASKS)}, but got {name}")
        shutil.rmtree(scratch, ignore_errors=True)
        self.task, self.context, self.scratch = tasks.TASKS[name], tasks.make_context(models), scratch
        tasks.prepare(self.task, self.context, scratch / "in")
        self.model = models / self.task.models[0] / "model.onnx"
        self.description = json.loads((scratch / "in" / "task.json").read_text())
        self.labels = json.loads((scratch / "in" / "labels.json").read_text())
        self.batches = [batch_inputs(scratch / "in" / batch, self.description) for batch in self.description["batches"]]

    @functools.cached_property
    def samples(self):
        """A folder of calibration samples, which are apart from the task's inputs."""
        tasks.calibrate(self.task.models[0], self.context, self.scratch / "samples")
        return self.scratch / "samples"

    def run(self, path, exact=False):
        """What ONNX Runtime says of each batch with the model at `path`."""
        reference = tasks.Reference(path, exact)
        return [reference.run(batch)[self.task.output] for batch in self.batches]

    def run_compiled(self, model, *options, other=None):
        """What Lambent says of each batch with an artefact of `model` for the shapes of the first one; batches of other
        shapes, as the last one may be, go through the JIT with `other` (none: `model`)."""
        artefact, compiled = self.scratch / "model.so", shape_options(self.batches[0])
        lambent("compile", model, "-o", artefact, *options, *compiled)
        for name, batch in zip(self.description["batches"], self.batches):
            file = artefact if shape_options(batch) == compiled else other or model
            run(file, self.scratch / "in" / name / "inputs", self.scratch / "out" / name)
        return list(tasks.read_outputs(self.scratch / "in", self.scratch / "out"))

    def score(self, outputs):
        return self.task.score(iter(outputs), self.labels)

    def show(self, outputs):
        """Their score."""
        return ", ".join(f"{metric} {value:.4f}" for metric, value in self.score(outputs).items())


def decibels(wanted, found):
    """The signal to noise ratio of all outputs together."""
    noise = sum(float(((a - b) ** 2).sum()) for a, b in zip(wanted, found))
    return 10 * np.log10(sum(float((a ** 2).sum()) for a in wanted) / noise)


def main(name, models, scratch):
    prepared = PreparedTask(name, pathlib.Path(models), pathlib.Path(scratch))
    mine = prepared.score(prepared.run_compiled(prepared.model))
    theirs = prepared.score(prepared.run(prepared.model))
    text = ", ".join(f"{metric} {value:.4f} (ONNX Runtime {theirs[metric]:.4f})" for metric, value in mine.items())
    print(f"{name} on {prepared.task.models[0]}: {text}")
    # Scores that are counts must be equal; a correlation may differ in its last digits.
    return 0 if all(abs(value - theirs[metric]) < 5e-5 for metric, value in mine.items()) else 1


if __name__ == "__main__":
    call_main(main, __doc__)
