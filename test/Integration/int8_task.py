#!/usr/bin/env python3
"""Scores a labelled task with a model that Lambent quantized to int8, beside ONNX Runtime on the float model.

usage: int8_task.py TASK MODELS SCRATCH   TASK as in scripts/models/tasks.py, MODELS the folder of fetched models

The profile is made on calibration inputs, which are apart from those of the task. Prints both scores.
"""
import pathlib

from command import Failed, call_main, lambent
from task import PreparedTask, decibels

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
    scratch = pathlib.Path(scratch)
    prepared = PreparedTask(name, pathlib.Path(models), scratch)
    profile, quantized = scratch / "profile.json", scratch / "int8.onnx"
    options = ["--profile", profile, *OPTIONS.get(name, [])]
    lambent("profile", prepared.model, "--input-dir", prepared.samples, "-o", profile)
    lambent("quantize", prepared.model, *options, "-o", quantized)
    found = prepared.run_compiled(prepared.model, "--quantize=int8", *options, other=quantized)
    wanted = prepared.run(prepared.model)
    mine, theirs, ratio = prepared.score(found), prepared.score(wanted), decibels(wanted, found)
    print(f"{name} in int8: {ratio:.1f} dB of {LEAST_DB.get(name, 0)}")
    print(f"{name} in int8: " + ", ".join(f"{metric} {value:.4f} ({theirs[metric]:.4f} in float)" for metric, value in mine.items()))
    return 0 if ratio >= LEAST_DB.get(name, 0) and all(mine[metric] >= theirs[metric] - loss for metric, loss in LOSSES[name].items()) else 1


if __name__ == "__main__":
    call_main(main, __doc__)
