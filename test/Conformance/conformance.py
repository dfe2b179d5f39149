#!/usr/bin/env python3
"""Runs the ONNX backend suite through `lambent run --accuracy=strict` and says how many cases pass.

usage: conformance.py SUITE [--filter REGEX] [--every N] [--jobs N] [--record] [--by-op] [--out FILE.json]

SUITE is made from the installed onnx package where it is missing. A case ends as pass, wrong, unsupported (exit status 3), error (exit status
1), crash or timeout. Only `pass` and `unsupported` are right: the exit status is 1 if a case ends otherwise, or if
one that passing.txt lists no longer passes. --record writes that list anew.
"""
import argparse
import collections
import concurrent.futures
import json
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

PASSING = pathlib.Path(__file__).with_name("passing.txt")
TIME_LIMIT = 120
# Their reference outputs come from a random generator of the suite's own, which no engine repeats.
RANDOM = re.compile(r"test_(bernoulli|training_dropout)")


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
    if isinstance(wanted, list) or isinstance(found, list) or wanted is None or found is None:
        return None if wanted is found or str(wanted) == str(found) else "value differs"
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


def run_set(folder, model, data, tolerance):
    """(status, detail) of one data set of a case."""
    with tempfile.TemporaryDirectory() as out:
        words = ["lambent", "run", str(folder / "model.onnx"), "--accuracy=strict", "--threads=1", "--input-dir",
                 str(data), "--output-dir", out]
        try:
            result = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return "timeout", f"over {TIME_LIMIT} s"
        detail = " ".join(result.stderr.split())[-300:]
        if result.returncode != 0:
            return {3: "unsupported", 1: "error"}.get(result.returncode, "crash"), detail or f"exit {result.returncode}"
        for i, info in enumerate(model.graph.output):
            found = pathlib.Path(out) / f"output_{i}.pb"
            if not found.exists():
                return "wrong", f"no output {i}"
            reason = mismatch(load(data / f"output_{i}.pb", info), load(found, info), *tolerance)
            if reason:
                return "wrong", f"{info.name}: {reason}"
    return "pass", ""


def run_case(folder):
    try:
        model = onnx.load(folder / "model.onnx")
        data = json.loads((folder / "data.json").read_text()) if (folder / "data.json").exists() else {}
        for data_set in sorted(folder.glob("test_data_set_*")):
            status, detail = run_set(folder, model, data_set, (data.get("rtol", 1e-3), data.get("atol", 1e-7)))
            if status != "pass":
                break
        ops = sorted({node.op_type for node in model.graph.node})
        return status, detail, ops[0] if len(ops) == 1 else "(graph)"
    except Exception as error:  # the case's own files could not be read
        return "unsupported", f"{type(error).__name__}: {error}", "?"


def summarise(results, by_op):
    counts = collections.Counter(status for status, _, _ in results.values())
    if by_op:
        ops = collections.defaultdict(collections.Counter)
        for status, _, op in results.values():
            ops[op][status] += 1
        for op, row in sorted(ops.items()):
            print(f"{op:28}" + ", ".join(f"{n} {s}" for s, n in row.most_common()))
    rest = ", ".join(f"{n} {s}" for s, n in counts.most_common() if s != "pass")
    return f"ONNX suite: {counts['pass']} of {len(results)} cases pass; {rest}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--by-op", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()

    make_suite.ensure(options.suite)
    cases = sorted(p.parent for p in options.suite.glob("*/*/model.onnx"))
    cases = [c for c in cases if re.search(options.filter, str(c.relative_to(options.suite)))
             and not RANDOM.match(c.name)][::options.every]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        names = [c.relative_to(options.suite).as_posix() for c in cases]
        results = dict(zip(names, pool.map(run_case, cases)))

    recorded = set(PASSING.read_text().split()) if PASSING.exists() else set()
    bad = [(n, s, d) for n, (s, d, _) in results.items() if s not in ("pass", "unsupported")]
    bad += [(n, "no longer passes: " + s, d) for n, (s, d, _) in results.items() if n in recorded and s == "unsupported"]
    for name, status, detail in bad:
        print(f"{status}: {name}: {detail}")
    summary = summarise(results, options.by_op)
    print(summary)
    if options.out:
        options.out.write_text(json.dumps({"summary": summary, "cases": results}, indent=0))
        options.out.with_suffix(".txt").write_text(summary + "\n")
    if options.record:
        PASSING.write_text("".join(f"{n}\n" for n, r in sorted(results.items()) if r[0] == "pass"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
