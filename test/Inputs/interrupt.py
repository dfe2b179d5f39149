#!/usr/bin/env python3
"""Ends `lambent compile` by signals; nothing may be left behind.

usage: interrupt.py MODEL.onnx FOLDER

While `cc` runs (one that only waits, and starts another program) and at times spread over a compilation, for SIGINT,
SIGTERM and SIGHUP: the process must end by that signal, with no file in its folder but complete artefacts, and with
what it started. A signal that is ignored must stay ignored.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
TIME_LIMIT = 30 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))


def start(model, output, form, ignored=(), **options):
    def prepare():  # whoever runs the tests may ignore signals
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    words = ["lambent", "compile", model, "-o", str(output), f"--emit={form}"]
    return subprocess.Popen(words, preexec_fn=prepare, **options)


def wait_for(condition, what):
    end = time.monotonic() + TIME_LIMIT
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what}: waited {TIME_LIMIT:.0f} s")
        time.sleep(0.01)


def is_running(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def end_while_linking(model, folder, number):
    """The problem, or None."""
    tools, output = folder / "tools", folder / "output"
    for path in (tools, output):
        path.mkdir(parents=True)
    started = tools / "started"
    (tools / "cc").write_text(f"#!/bin/sh\nsleep 600 &\necho $$ $! > {started}.part\nmv {started}.part {started}\nwait\n")
    (tools / "cc").chmod(0o755)
    process = start(model, output / "m.so", "library", env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    wait_for(started.exists, "cc does not start")
    if not os.listdir(output):
        return "no temporary file: nothing is tested"
    process.send_signal(number)
    status = process.wait(TIME_LIMIT)
    children = [int(word) for word in started.read_text().split()]
    wait_for(lambda: not any(map(is_running, children)), f"{number.name}: cc or its child lives on")
    left = os.listdir(output)
    shutil.rmtree(folder)
    return f"{number.name} while linking: status {status}, left {left}" if status != -number or left else None


def end_at_any_time(model, folder, form, files):
    begin = time.monotonic()
    folder.mkdir()
    start(model, folder / "whole", form).wait(TIME_LIMIT)
    whole, problems, ended = time.monotonic() - begin, [], 0
    for i in range(12):
        output, number = folder / str(i), SIGNALS[i % 3]
        output.mkdir()
        process = start(model, output / "m", form)
        time.sleep(whole * i / 12)
        process.send_signal(number)
        status, left = process.wait(TIME_LIMIT), sorted(os.listdir(output))
        ended += status == -number
        if status not in (0, -number) or left not in ([], files) or (status == 0 and left != files):
            problems.append(f"{form}, {number.name} after {i} twelfths: status {status}, left {left}")
    return problems if ended else [f"{form}: no signal came in time: nothing is tested"]


def main():
    model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    problems = [end_while_linking(model, folder / number.name, number) for number in SIGNALS]
    for form, files in {"library": ["m", "m.h"], "object": ["m", "m.h"], "bundle": ["m", "m.h", "m.weights"],
                        "executable": ["m"], "asm": ["m"]}.items():
        problems += end_at_any_time(model, folder / form, form, files)
    process = start(model, folder / "ignored.o", "object", ignored=[signal.SIGHUP])
    process.send_signal(signal.SIGHUP)
    if process.wait(TIME_LIMIT):
        problems.append("an ignored signal is not ignored")
    problems = [problem for problem in problems if problem]
    print("\n".join(problems) or "nothing is left")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
