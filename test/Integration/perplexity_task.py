#!/usr/bin/env python3
"""Prints the perplexity of a language model on news, in float and with quantized weights.

usage: perplexity_task.py MODELS NAME SCRATCH OPTIONS

MODELS is the folder of models, in which NAME/model.onnx reads input_ids and gives logits, and NAME/tokenizer.json makes
these of text. OPTIONS, in one word, "" for none, are those of `lambent quantize`, without an output; `--quantize=mxint8` and
its like, and bf16, go to `lambent compile`. Samples for a rounding by them are 200 other news, at most 256 tokens of each. The
first 128 tokens of 20 documents are scored.
"""
import pathlib
import shlex
import shutil
import sys

import numpy as np
from tokenizers import Tokenizer

from command import call_main, lambent, run

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "models"))
import tasks  # noqa: E402
from labelled import calibration, language  # noqa: E402

DOCUMENTS, LENGTH = 20, 128
# What tables of positions in small exports reach.
SAMPLES, SAMPLE_LENGTH = 200, 256


def encode(models, name, source, count):
    tokenizer = Tokenizer.from_file(str(models / name / "tokenizer.json"))
    return [tokenizer.encode(text).ids for text in language.documents(tasks.make_context(models).store, source)[:count]]


def write(folder, ids):
    folder.mkdir(parents=True)
    np.save(folder / "input_ids.npy", np.array([ids], np.int64))


def score(model, texts, scratch):
    """e to the mean of -log p of each token after the first, as the logits before it say."""
    loss = count = 0
    for i, ids in enumerate(texts):
        # What is padded after the end changes nothing before it.
        write(scratch / "in" / str(i), ids + [0] * (LENGTH - len(ids)))
        run(model, scratch / "in" / str(i), scratch / "out")
        steps = len(ids) - 1
        logits = np.load(scratch / "out" / "logits.npy")[0, :steps].astype(np.float64)
        top = logits.max(-1)
        loss += (top + np.log(np.exp(logits - top[:, None]).sum(-1)) - logits[np.arange(steps), ids[1:]]).sum()
        count += steps
    shutil.rmtree(scratch / "in")
    return float(np.exp(loss / count)), count


def main(models, name, scratch, options):
    options = shlex.split(options)
    models, scratch = pathlib.Path(models), pathlib.Path(scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    texts = [ids[:LENGTH] for ids in encode(models, name, language.SCORED, DOCUMENTS)]
    source = models / name / "model.onnx"
    shape = [f"--shape=input_ids=1x{LENGTH}"]
    lambent("compile", source, "-o", scratch / "float.so", *shape)
    expected, count = score(scratch / "float.so", texts, scratch)
    print(f"{name}: perplexity {expected:.2f} in float, on {count} tokens", flush=True)
    if not options:
        return 0
    if any(option.startswith(("--quantize=mx", "--quantize=bf16")) for option in options):
        lambent("compile", source, "-o", scratch / "quantized.so", *shape, *options)
    else:
        if {"--rounding=gptq", "--rounding=adaround"} & set(options):
            for i, ids in enumerate(encode(models, name, calibration.NEWS, SAMPLES)):
                write(scratch / "samples" / f"{i:03}", ids[:SAMPLE_LENGTH])
            options = [*options, "--input-dir", scratch / "samples"]
        lambent("quantize", source, "-o", scratch / "quantized.onnx", *options)
        lambent("compile", scratch / "quantized.onnx", "-o", scratch / "quantized.so", *shape)
    found, _ = score(scratch / "quantized.so", texts, scratch)
    print(f"{name}: perplexity {found:.2f} with {' '.join(map(str, options))}: {100 * (found / expected - 1):+.1f} %")
    return 0


if __name__ == "__main__":
    call_main(main, __doc__)
