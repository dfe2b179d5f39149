"""Runs the lambent command line, each time in a process of its own with a time limit."""
import os
import pathlib
import re
import subprocess
import sys
import time

import numpy as np

TIME_LIMIT = float(os.environ.get("LAMBENT_TEST_TIME_LIMIT", "300"))


class Failed(Exception):
    """The command ended with another exit status than it should."""


def call_main(main, manual):
    """Runs a script's main on the words of its command line, or prints the manual where their number is wrong."""
    words = sys.argv[1:]
    if len(words) != main.__code__.co_argcount:
        sys.exit(manual)
    try:
        sys.exit(main(*words))
    except Failed as failed:
        sys.exit(str(failed))


def lambent(*words, expect=0):
    """Runs `lambent WORDS` and returns what it printed."""
    words = ["lambent", *map(str, words)]
    try:
        result = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(words)}: took over {TIME_LIMIT:.0f} s") from None
    if result.returncode != expect:
        raise Failed(f"{' '.join(words)}: exit status {result.returncode}, expected {expect}\n{result.stderr[-2000:]}")
    return result.stdout


def complain(*words, expect=1):
    """Runs `lambent WORDS`, which should fail, and returns what it said."""
    result = subprocess.run(["lambent", *map(str, words)], capture_output=True, text=True, errors="replace",
                            timeout=TIME_LIMIT)
    if result.returncode != expect:
        raise Failed(f"lambent {' '.join(map(str, words))}: exit status {result.returncode}, expected {expect}\n{result.stderr[-2000:]}")
    return result.stderr


def run(model, inputs, outputs, *options, expect=0):
    """Runs a model or artefact on a folder of inputs; returns the outputs by file name (none if it should fail)."""
    pathlib.Path(outputs).parent.mkdir(parents=True, exist_ok=True)
    lambent("run", model, "--input-dir", inputs, "--output-dir", outputs, *options, expect=expect)
    return {file.name: np.load(file) for file in sorted(pathlib.Path(outputs).glob("*.npy"))}


def compile_peak(model, output, *options):
    """Compiles a model and returns the most memory it took, in bytes: all but clean pages of mapped files."""
    process = subprocess.Popen(["lambent", "compile", str(model), "-o", str(output), *options], stderr=subprocess.PIPE,
                               text=True, errors="replace")
    peak, end = 0, time.monotonic() + TIME_LIMIT
    while process.poll() is None:
        if time.monotonic() > end:
            process.kill()
            raise Failed(f"compiling {model} took over {TIME_LIMIT:.0f} s")
        try:
            with open(f"/proc/{process.pid}/status") as file:
                peak = max(peak, sum(int(line.split()[1]) for line in file if line.startswith(("RssAnon", "RssShmem"))))
        except (OSError, IndexError):
            pass  # it ended in between
        time.sleep(0.01)
    if process.returncode:
        raise Failed(f"compiling {model}: exit status {process.returncode}\n{process.stderr.read()[-2000:]}")
    return peak * 1024


def file_name(tensor):
    return re.sub(r"[^A-Za-z0-9._-]", "_", tensor) + ".npy"


def write_inputs(folder, tensors):
    """Writes tensors as the command line wants them."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in tensors.items():
        np.save(folder / file_name(name), value)


def shape_options(tensors):
    """--shape options that bind every input to the tensors' shapes."""
    return [f"--shape={name}={'x'.join(map(str, value.shape))}" for name, value in tensors.items()]
