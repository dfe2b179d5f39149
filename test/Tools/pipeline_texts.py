#!/usr/bin/env python3
"""Runs random pipeline texts on the IR of the tests: lambent-opt must end each in an orderly way.

usage: pipeline_texts.py --first N --count N

Text N is the same on every machine. It is made of all passes and pipelines, nested rightly and wrongly, with options
that they have and that they don't; the input is a piece of a .mlir test, every other time with words of another one in
it or with numbers changed. The exit status must be 0 or 1, a failure must come with a message, and all within 10 seconds.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys

TIME_LIMIT = 10 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))  # sanitizers and busy machines are slower
TESTS = pathlib.Path(__file__).parents[1]
ANCHORS = ["builtin.module", "func.func", "any", "lir.elementwise", "graph.elementwise", "nothing.here"]
OPTIONS = ["", "", "", "", "{cpu=native}", "{cpu=x86-64-v2}", "{cpu=}", "{strict=1}", "{strict=perhaps}", "{nothing=1}",
           "{image-layout=channels_first}", "{image-layout=7}", "{{}", "{max-iterations=-1}"]
NUMBERS = ["-1", "0", "1", "2", "3", "5", "64", "65536", "2147483647", "4294967296", "1099511627776", "9223372036854775807",
           "-9223372036854775808"]


def list_passes():
    """The names of all passes and pipelines, as the help has them."""
    text = subprocess.run(["lambent-opt", "--help"], capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"^ +--((?:graph|lir|cpu|lambent|canonicalize|cse)[\w-]*) ", text, re.MULTILINE)))


def pipeline(rng, passes, depth=0):
    """A list of passes and nested pass managers."""
    parts = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        if depth < 3 and rng.random() < (0.8 if depth == 0 else 0.4):
            parts.append(f"{rng.choice(ANCHORS[:2] * 4 + ANCHORS)}({pipeline(rng, passes, depth + 1)})")
        else:
            parts.append(rng.choice(passes) + rng.choice(OPTIONS))
    return ",".join(parts)


def staged(rng, passes):
    """Passes from any stage, each nested where it belongs, so that they run."""
    chosen = [rng.choice(passes) for _ in range(rng.choice([1, 2, 3, 5]))]
    on_modules = ("graph-to-lir", "graph-fold-constants", "graph-tabulate-bytes", "lir-plan-memory", "lir-check-plan", "lambent-")
    return "builtin.module(" + ",".join(p if p.startswith(on_modules) else f"func.func({p})" for p in chosen) + ")"


def pieces():
    found = []
    for path in sorted(TESTS.rglob("*.mlir")):
        found += [p for p in re.split(r"^// -----.*$", path.read_text(), flags=re.MULTILINE) if "func.func" in p]
    return found


def change(rng, text, other):
    """`text` with a few of its numbers, types or words replaced."""
    words = re.findall(r"[\w.]+|\S", text)
    for _ in range(rng.choice([1, 1, 2, 4])):
        kind = rng.randrange(3)
        at = rng.randrange(len(words))
        if kind == 0:
            places = [m for m in re.finditer(r"(?<![\w%])-?\d+(?=\b)|(?<=x)\d+(?=x)", text)]
            if places:
                place = rng.choice(places)
                text = text[:place.start()] + rng.choice(NUMBERS) + text[place.end():]
        elif kind == 1:
            types = ["f32", "f16", "f64", "bf16", "i1", "i8", "ui8", "i32", "i64", "index", "memref<4xf32>", "none"]
            # MLIR's parser itself crashes on array<index: 1>.
            places = [m for m in re.finditer(r"(?<!array<)\b(f32|f16|i1|i8|ui8|i64)\b", text)]
            if places:
                place = rng.choice(places)
                text = text[:place.start()] + rng.choice(types) + text[place.end():]
        else:
            text = text.replace(words[at], rng.choice(re.findall(r"[\w.%]+", other) or ["x"]), 1)
    return text


def problem(number, passes, texts):
    """What is wrong with how lambent-opt ended on text `number`, or None."""
    rng = random.Random(number)
    text = rng.choice([pipeline, staged, staged])(rng, passes)
    source = rng.choice(texts)
    if rng.random() < 0.5:
        source = change(rng, source, rng.choice(texts))
    words = ["lambent-opt", "-", f"--pass-pipeline={text}"]
    try:
        result = subprocess.run(words, input=source, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        reason = f"took over {TIME_LIMIT:.0f} s"
    else:
        if result.returncode == 0 or result.returncode == 1 and result.stderr.strip():
            return None
        reason = f"exit status {result.returncode}: {result.stderr[-1500:]}"
    return f"text {number}: {text}\n{source}\n{reason}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    passes, texts = list_passes(), pieces()
    assert len(passes) > 20 and len(texts) > 100, "the tests and the passes are found"
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        numbers = range(options.first, options.first + options.count)
        problems = [p for p in pool.map(lambda n: problem(n, passes, texts), numbers) if p]
    print("\n\n".join(problems))
    print(f"{options.count} texts, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
