#!/usr/bin/env python3
"""Times the step of a decoder, one token behind a cache of keys and values: what a token of a text takes.

usage: decode.py OUT_DIR [--model DECODER.onnx] [--pasts N...] [--threads N...] [--rounds N]

Lambent with the cache donated, and with a new one in each run, and ONNX Runtime, in turns; the least of some medians each.
Without --model the decoder has SmolLM2-135M's form and drawn weights (open_models.py); examples/kv-cache/decoder.py makes
the real one.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
import onnx

LAMBENT = os.environ.get("LAMBENT", "lambent")


def call(*words):
    return subprocess.run(list(map(str, words)), check=True, stdout=subprocess.PIPE, text=True).stdout


def describe(path):
    """The model's inputs as (name, element type, dims), and the names of outputs, without its weights."""
    graph = onnx.load(path, load_external_data=False).graph
    inputs = [(value.name, value.type.tensor_type.elem_type,
               [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]) for value in graph.input]
    return inputs, [value.name for value in graph.output]


def compile_model(path, folder):
    """Two artefacts: caches donated, and copied. Outputs come in the order of the inputs that they extend."""
    inputs, outputs = describe(path)
    caches = [name for name, _, dims in inputs if "past" in dims]
    donations = [word for old, new in zip(caches, outputs[1:]) for word in ("--donate", f"{old}={new}")]
    call(LAMBENT, "compile", path, "-o", folder / "donated.so", *donations)
    call(LAMBENT, "compile", path, "-o", folder / "copied.so")
    return sorted({dim for _, _, dims in inputs for dim in dims if isinstance(dim, str)})


def time_lambent(artefact, names, past, threads):
    sizes = dict.fromkeys(names, 1) | {"past": past}
    dims = [word for name, size in sizes.items() for word in ("--dim", f"{name}={size}")]
    return json.loads(call(LAMBENT, "bench", artefact, *dims, f"--threads={threads}", "--seconds=1", "--json"))["median_ms"]


def time_peer(path, past, threads):
    """In a process of its own: threads are bound to CPUs."""
    from engines import OnnxRuntime
    sizes, generator, tensors = {"past": past}, np.random.default_rng(1), {}
    for name, kind, dims in describe(path)[0]:
        shape = [sizes.get(dim, 1) if isinstance(dim, str) else dim for dim in dims]
        integers = kind == onnx.TensorProto.INT64
        tensors[name] = np.zeros(shape, np.int64) if integers else generator.standard_normal(shape, np.float32)
    engine, times = OnnxRuntime(path, threads, tensors), []
    engine.run()
    end = time.perf_counter() + 1
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        engine.run()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--model")
    parser.add_argument("--pasts", type=int, nargs="*", default=[128, 512, 1024])
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help="only ONNX Runtime, in this process")
    options = parser.parse_args()
    if options.peer:
        print(time_peer(options.model, options.pasts[0], options.threads[0]))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.model:
        from open_models import Decoder
        options.model = options.out / "decoder.onnx"
        onnx.save(Decoder().build(), options.model)
    names = compile_model(options.model, options.out)
    print("| past | threads | donated, ms | copied | ONNX Runtime |\n| --- | --- | --- | --- | --- |")
    for past in options.pasts:
        for threads in options.threads:
            peer = [sys.executable, __file__, options.out, "--model", options.model, "--peer", "--pasts", past, "--threads",
                    threads]
            rounds = [(time_lambent(options.out / "donated.so", names, past, threads),
                       time_lambent(options.out / "copied.so", names, past, threads), float(call(*peer)))
                      for _ in range(options.rounds)]
            donated, copied, other = map(min, zip(*rounds))
            print(f"| {past} | {threads} | {donated:.1f} | {copied:.1f} | {other:.1f} |", flush=True)


if __name__ == "__main__":
    main()
