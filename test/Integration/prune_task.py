#!/usr/bin/env python3
"""Scores a labelled task with a model that Lambent pruned, by magnitude and by samples, beside the model as it is.

usage: prune_task.py TASK MODELS SCRATCH PERCENTS OPTIONS

TASK as in scripts/models/tasks.py, MODELS the folder of fetched models, PERCENTS as "50 70 80"; OPTIONS are those of
`lambent prune`, as --structure=4x1, or "". Samples are calibration inputs, which are apart from those of the task. ONNX Runtime runs the models, so that
the table is about the weights alone: it has the score, and the signal to noise ratio of the outputs in dB.
"""
import pathlib

from command import call_main, lambent
from task import PreparedTask, decibels

METHODS = ("magnitude", "reconstruct")


def main(name, models, scratch, percents, options):
    scratch = pathlib.Path(scratch)
    prepared = PreparedTask(name, pathlib.Path(models), scratch)
    wanted = prepared.run(prepared.model)
    print("| zeros | " + " | ".join(f"{method} | dB" for method in METHODS) + " |\n| --- |" + " --- |" * 2 * len(METHODS))
    print(f"| 0 % | {prepared.show(wanted)} | | | |", flush=True)
    better = True
    for share in percents.split():
        cells, ratios = [f"{share} %"], []
        for method in METHODS:
            pruned = scratch / f"{method}-{share}.onnx"
            samples = ["--input-dir", prepared.samples] if method == "reconstruct" else []
            lambent("prune", prepared.model, "-o", pruned, f"--zeros={share}", f"--method={method}", *samples, *options.split())
            found = prepared.run(pruned)
            ratios.append(decibels(wanted, found))
            cells += [prepared.show(found), f"{ratios[-1]:.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        better = better and ratios[1] > ratios[0]
    return 0 if better else 1


if __name__ == "__main__":
    call_main(main, __doc__)
