"""Ends searches by signals, which must leave no trial behind, but what was measured.

usage: interrupt_search.py LAMBENT MODEL PROFILE SAMPLES FOLDER
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

lambent, model, profile, samples = sys.argv[1:5]
folder = pathlib.Path(sys.argv[5])
folder.mkdir()
limit = 60 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
# Scores the float model, and the first trial; the second one takes for ever.
(folder / "score").write_text(f"#!/bin/sh\ncase $1 in *.trial.onnx) echo >> {folder}/count;; esac\n"
                              f"[ $(cat {folder}/count 2> /dev/null | wc -l) -lt 2 ] || sleep 600\necho 1\n")
(folder / "score").chmod(0o755)


def search(*words):
    (folder / "count").unlink(missing_ok=True)
    return subprocess.Popen([lambent, "quantize", model, "--profile", profile, "--input-dir", samples, "-o", f"{folder}/q.onnx",
                             "--score-command", f"{folder}/score", "--min-score=2", *words], start_new_session=True,
                            stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def describe(process):
    status = process.wait(limit)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the command may live on
    except ProcessLookupError:
        pass
    left = sorted(path.name for path in folder.glob("q.onnx*"))
    (folder / "q.onnx.search").unlink(missing_ok=True)
    return f"status {status}, left {left}, says {process.stderr.read().decode()!r}"


for number in signal.SIGINT, signal.SIGTERM:
    process = search()
    end = time.monotonic() + limit
    while time.monotonic() < end and (not (folder / "count").exists() or len((folder / "count").read_text()) < 2):
        time.sleep(0.05)
    trial = (folder / "q.onnx.trial.onnx").exists()
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    print(f"{number.name}: {'a trial' if trial else 'no trial'}, {describe(process)}", flush=True)
print(f"time: {describe(search('--time-limit=5'))}")
