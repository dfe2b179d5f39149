#!/usr/bin/env python3
"""Scores a labelled task with a model that Lambent pruned, by magnitude and by samples, beside the model as it is.

usage: prune_task.py TASK MODELS SCRATCH PERCENTS OPTIONS

TASK as in scripts/models/tasks.py, MODELS the folder of fetched models, PERCENTS as "50 70 80"; OPTIONS are those of
`lambent prune`, as --structure=4x1, or "". Samples are calibration inputs, which are apart from those of the task. ONNX Runtime runs the models, so that
the table is about the weights alone: it has the score, and the signal to noise ratio of the outputs in dB.
"""
import json
import pathlib
import shutil
import sys

import numpy as np

from command import Failed, call_main, lambent
from task import batch_inputs

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
import tasks  # noqa: E402

METHODS = ("magnitude", "reconstruct")


def main(name, models, scratch, percents, options):
    if name not in tasks.TASKS:
        raise Failed(f"expected one of {', '.join(tasks.TASKS)}, but got {name}")
    models, scratch = pathlib.Path(models), pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    task, context = tasks.TASKS[name], tasks.make_context(models)
    tasks.prepare(task, context, scratch / "in")
    tasks.calibrate(task.models[0], context, scratch / "samples")
    model = models / task.models[0] / "model.onnx"
    description = json.loads((scratch / "in" / "task.json").read_text())
    labels = json.loads((scratch / "in" / "labels.json").read_text())
    batches = [batch_inputs(scratch / "in" / batch, description) for batch in description["batches"]]

    def run(path):
        reference = tasks.Reference(path)
        return [reference.run(batch)[task.output] for batch in batches]

    def show(score):
        return ", ".join(f"{metric} {value:.4f}" for metric, value in score.items())

    wanted = run(model)
    print("| zeros | " + " | ".join(f"{method} | dB" for method in METHODS) + " |\n| --- |" + " --- |" * 2 * len(METHODS))
    print(f"| 0 % | {show(task.score(iter(wanted), labels))} | | | |", flush=True)
    better = True
    for share in percents.split():
        cells, ratios = [f"{share} %"], []
        for method in METHODS:
            pruned = scratch / f"{method}-{share}.onnx"
            samples = ["--input-dir", scratch / "samples"] if method == "reconstruct" else []
            lambent("prune", model, "-o", pruned, f"--zeros={share}", f"--method={method}", *samples, *options.split())
            found = run(pruned)
            noise = sum(float(((a - b) ** 2).sum()) for a, b in zip(wanted, found))
            ratios.append(10 * np.log10(sum(float((a ** 2).sum()) for a in wanted) / noise))
            cells += [show(task.score(iter(found), labels)), f"{ratios[-1]:.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        better = better and ratios[1] > ratios[0]
    return 0 if better else 1


if __name__ == "__main__":
    call_main(main, __doc__)
