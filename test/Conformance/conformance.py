#!/usr/bin/env python3
"""Runs the ONNX backend suite, strictly, and says how many cases pass.

usage: conformance.py WAY SUITE [--filter REGEX] [--every N] [--jobs N] [--commands] [--record] [--by-op]
                      [--out FILE.json]

WAY is how a case is run:
  run      `lambent run MODEL`, which compiles for the inputs at hand: their shapes bind open dims, and an input from
           which a shape or an axis follows counts as a constant
  ahead    `lambent compile MODEL -o ARTEFACT` and `lambent run ARTEFACT`: inputs stay inputs, and nothing is known of
           their values when the model is compiled

Every eighth case goes through these commands, and all whose tensors are of types that the C API's caller below does not
have (sequences, strings, bf16, ...). The others ask the C API for the same, each in a process of its own, which costs a
third of the time; --commands takes the commands for all of them.

SUITE is made from the installed onnx package where it is missing. A case ends as pass, wrong, unsupported (exit status
3), error (exit status 1, or its own files could not be read), crash or timeout. Only `pass` and `unsupported` are right:
the exit status is 1 if a case ends otherwise, if one that passing-WAY.txt lists no longer passes or is missing, or if
there are no cases. --record writes that list anew.
"""
import argparse
import collections
import json
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

import make_suite

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Integration"))
import in_process  # noqa: E402
from command import Failed  # noqa: E402

TIME_LIMIT = 120
# Their reference outputs come from a random generator of the suite's own, which no engine repeats.
RANDOM = re.compile(r"test_(bernoulli|training_dropout)")
# Their references come from a transform in f32, whose zeros are off by units of the largest element.
ROUNDED_ZEROS = re.compile(r"test_dft_inverse")


def load(path, info):
    data = path.read_bytes()
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def mismatch(wanted, found, rtol, atol):
    """None when equal within the suite's tolerance, else a short reason."""
    if isinstance(wanted, list) or isinstance(found, list):
        if not isinstance(wanted, list) or not isinstance(found, list) or len(wanted) != len(found):
            return f"expected {type(wanted).__name__} of {np.size(wanted)}, but got {type(found).__name__}"
        return next(filter(None, (mismatch(w, f, rtol, atol) for w, f in zip(wanted, found))), None)
    if wanted is None or found is None:
        return None if wanted is found else "an optional has a value on one side only"
    if wanted.shape != found.shape:
        return f"shape {found.shape}, expected {wanted.shape}"
    if wanted.dtype != found.dtype:
        return f"type {found.dtype}, expected {wanted.dtype}"
    if wanted.dtype.name == "bfloat16":
        rtol, wanted, found = max(rtol, 2**-6), wanted.astype(np.float32), found.astype(np.float32)
    elif wanted.dtype == np.float16:
        # The reference rounds to f16 after every step, Lambent where a tensor is stored: two units apart is no fault.
        rtol = max(rtol, 2**-9)
    try:
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)
    except AssertionError as error:
        return " ".join(str(error).split())[:160]
    return None


class Ended(Exception):
    """A case that did not pass: how it ended, and why."""


def call(*words):
    """Runs the command line; raises Ended unless it succeeds."""
    try:
        result = subprocess.run(["lambent", *map(str, words)], capture_output=True, text=True, errors="replace",
                                timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise Ended("timeout", f"over {TIME_LIMIT} s") from None
    if result.returncode != 0:
        detail = " ".join(result.stderr.split())[-300:]
        raise Ended({3: "unsupported", 1: "error"}.get(result.returncode, "crash"), detail or f"exit {result.returncode}")


def prepare(way, model, scratch):
    """The words of `lambent run` that run the model."""
    if way == "run":
        return [model, "--accuracy=strict"]
    call("compile", model, "-o", scratch / "model.so", "--accuracy=strict")
    return [scratch / "model.so"]


def compare_outputs(model, data, found, tolerance):
    """Compares what `found` gives for an output's place and description with the file that the suite has for it."""
    for i, info in enumerate(model.graph.output):
        rtol, atol = tolerance
        wanted = load(data / f"output_{i}.pb", info)
        if ROUNDED_ZEROS.match(data.parent.name):
            atol = max(atol, np.finfo(np.float32).eps * np.abs(wanted).max())
        reason = mismatch(wanted, found(i, info), rtol, atol)
        if reason:
            raise Ended("wrong", f"{info.name}: {reason}")


def run_commands(way, folder, model, data_sets, tolerance):
    """Takes a case through the command line."""
    with tempfile.TemporaryDirectory() as scratch:
        words = prepare(way, folder / "model.onnx", pathlib.Path(scratch))
        for data in data_sets:
            outputs = pathlib.Path(scratch) / data.name
            call("run", *words, "--threads=1", "--input-dir", data, "--output-dir", outputs)

            def read(i, info):
                if not (outputs / f"output_{i}.pb").exists():
                    raise Ended("wrong", f"no output {i}")
                return load(outputs / f"output_{i}.pb", info)
            compare_outputs(model, data, read, tolerance)


def is_plain(model):
    """Whether the C API's caller has the types of all inputs and outputs, and no input has a default."""
    def has_plain_type(info):
        kind = info.type.tensor_type.elem_type
        return info.type.HasField("tensor_type") and kind and onnx.helper.tensor_dtype_to_np_dtype(kind) in in_process.CODES
    defaults = {value.name for value in model.graph.initializer}
    return (all(map(has_plain_type, [*model.graph.input, *model.graph.output])) and
            not any(info.name in defaults for info in model.graph.input))


def run_in_process(way, model, data_sets, tolerance):
    """Takes a case through the C API."""
    compiled = None
    for data in data_sets:
        inputs = {info.name: load(data / f"input_{i}.pb", info) for i, info in enumerate(model.graph.input)}
        try:
            if way == "run":
                at_hand = onnx.ModelProto.FromString(model.SerializeToString())
                for info in at_hand.graph.input:  # shapes bind open dims
                    info.CopyFrom(onnx.helper.make_tensor_value_info(info.name, info.type.tensor_type.elem_type,
                                                                     inputs[info.name].shape))
                compiled = in_process.compile_model(at_hand, True, inputs)
            else:
                compiled = compiled or in_process.compile_model(model, True)
            outputs = compiled.run(inputs)
        except Failed as failed:
            status = {"3": "unsupported", "1": "error"}.get(str(failed)[len("exit status ")], "crash")
            raise Ended(status, str(failed)[-300:]) from None
        compare_outputs(model, data, lambda i, info: outputs[info.name], tolerance)


def run_case(way, folder, by_commands):
    """(status, detail, op) of a case."""
    op = "?"
    try:
        model = onnx.load(folder / "model.onnx")
        ops = sorted({node.op_type for node in model.graph.node})
        op = ops[0] if len(ops) == 1 else "(graph)"
        limits = json.loads((folder / "data.json").read_text()) if (folder / "data.json").exists() else {}
        data_sets = sorted(folder.glob("test_data_set_*"))
        if not data_sets:
            return "error", "has no data", op
        tolerance = limits.get("rtol", 1e-3), limits.get("atol", 1e-7)
        if by_commands or not is_plain(model):
            run_commands(way, folder, model, data_sets, tolerance)
        else:
            run_in_process(way, model, data_sets, tolerance)
        return "pass", "", op
    except Ended as end:
        return *end.args, op
    except Exception as error:
        return "error", f"{type(error).__name__}: {error}", op


def run_apart(way, folder, by_commands):
    """The same in a process of its own, which may crash or hang."""
    result, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=lambda: sender.send(run_case(way, folder, by_commands)))
    child.start()
    sender.close()
    try:
        # Commands have a limit of their own, and a case of the suite has few.
        return result.recv() if result.poll(10 * TIME_LIMIT) else ("timeout", f"over {10 * TIME_LIMIT} s", "?")
    except EOFError:
        child.join()
        return "crash", f"the process ended with status {child.exitcode}", "?"
    finally:
        child.kill()
        child.join()


def run_share(way, folders, first, jobs, by_commands, results):
    """Sends the results of each of `jobs` cases from the first on."""
    for place in range(first, len(folders), jobs):
        results.send((place, run_apart(way, folders[place], by_commands or place % 8 == 0)))
    results.close()


def run_all(way, folders, jobs, by_commands):
    """What each case ended as, in order."""
    found, pipes = [("crash", "whoever ran it ended", "?")] * len(folders), []
    for first in range(jobs):
        receiver, sender = multiprocessing.Pipe(duplex=False)
        multiprocessing.get_context("fork").Process(
            target=run_share, args=(way, folders, first, jobs, by_commands, sender)).start()
        sender.close()
        pipes.append(receiver)
    while pipes:
        for pipe in multiprocessing.connection.wait(pipes):
            try:
                place, result = pipe.recv()
                found[place] = result
            except EOFError:
                pipes.remove(pipe)
    return found


def summarise(way, results, by_op):
    counts = collections.Counter(status for status, _, _ in results.values())
    if by_op:
        ops = collections.defaultdict(collections.Counter)
        for status, _, op in results.values():
            ops[op][status] += 1
        for op, row in sorted(ops.items()):
            print(f"{op:28}" + ", ".join(f"{n} {s}" for s, n in row.most_common()))
    rest = ", ".join(f"{n} {s}" for s, n in counts.most_common() if s != "pass")
    return f"ONNX suite, {way}: {counts['pass']} of {len(results)} cases pass" + (f"; {rest}" if rest else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=["run", "ahead"])
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--commands", action="store_true")
    parser.add_argument("--by-op", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()

    make_suite.ensure(str(options.suite))
    cases = sorted(p.parent for p in options.suite.glob("*/*/model.onnx"))
    cases = [c for c in cases if re.search(options.filter, str(c.relative_to(options.suite)))
             and not RANDOM.match(c.name)][::options.every]
    passing = pathlib.Path(__file__).with_name(f"passing-{options.way}.txt")
    names = [c.relative_to(options.suite).as_posix() for c in cases]
    results = dict(zip(names, run_all(options.way, cases, options.jobs, options.commands)))

    recorded = set(passing.read_text().split()) if passing.exists() else set()
    bad = [(n, s, d) for n, (s, d, _) in results.items() if s not in ("pass", "unsupported")]
    bad += [(n, "no longer passes: " + s, d) for n, (s, d, _) in results.items() if n in recorded and s == "unsupported"]
    if not options.filter and options.every == 1:
        bad += [(n, "missing", "passed once, and is not in the suite") for n in sorted(recorded - set(results))]
    if not results:
        bad.append((str(options.suite), "empty", "has no such cases"))
    for name, status, detail in bad:
        print(f"{status}: {name}: {detail}")
    summary = summarise(options.way, results, options.by_op)
    print(summary)
    if options.out:
        options.out.write_text(json.dumps({"summary": summary, "cases": results}, indent=0))
        options.out.with_suffix(".txt").write_text(summary + "\n")
    if options.record:
        passing.write_text("".join(f"{n}\n" for n, r in sorted(results.items()) if r[0] == "pass"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
