"""Searches for as many zeros as an error allows, and checks what comes of it.

usage: search.py DB MODEL.onnx SAMPLES OUT.onnx REPORT.json
"""
import json
import pathlib
import subprocess
import sys

goal, model, samples, out, report = sys.argv[1:]
found = subprocess.run(["lambent", "prune", model, "-o", out, f"--max-error={goal}", "--structure=4x1", "--method=reconstruct",
                        "--input-dir", samples, f"--report={report}"], capture_output=True, text=True)
if found.returncode:
    assert found.returncode == 1 and "layers is faster with 50 to 90 % of zeros in the structure asked for" in found.stderr, found
    assert not pathlib.Path(out).exists() and not pathlib.Path(report).exists()
    print("nothing is faster, and nothing was written")
else:
    told = json.loads(pathlib.Path(report).read_text())
    assert told["score"] >= float(goal) == told["goal"]
    zeros = {layer["node"]: layer["share"] for layer in told["pruning"]["layers"]}
    assert any(layer["percent"] for layer in told["layers"])
    for layer in told["layers"]:
        assert abs(zeros[layer["node"]] - layer["percent"] / 100) < 0.01, layer
    print("the goal is met")
