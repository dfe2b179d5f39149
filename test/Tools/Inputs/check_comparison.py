#!/usr/bin/env python3
"""Compares what `lambent compare --json` says with NumPy on ONNX Runtime's tensors.

usage: check_comparison.py EXPECTED.onnx COMPARED.onnx SAMPLES COMPARISON.json

SAMPLES holds folders `inputs` with x.npy.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def run(path, names, samples):
    model = onnx.load(path)
    known = {value.name for value in model.graph.output}
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in known)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    results = [session.run(names, {"x": np.load(folder / "inputs" / "x.npy")})
               for folder in sorted(samples.iterdir())]
    return {name: np.concatenate([result[i].ravel() for result in results]).astype(np.float64)
            for i, name in enumerate(names)}


def main():
    rows = json.loads(pathlib.Path(sys.argv[4]).read_text())["tensors"]
    names = [row["tensor"] for row in rows]
    expected, compared = (run(path, names, pathlib.Path(sys.argv[3])) for path in sys.argv[1:3])
    for row in rows:
        a, b = expected[row["tensor"]], compared[row["tensor"]]
        wanted = {"elements": a.size, "largest_difference": np.abs(a - b).max(), "largest_value": np.abs(a).max(),
                  "cosine": (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())}
        if not row["exact"]:
            wanted["sqnr_db"] = 10 * np.log10((a * a).sum() / ((a - b)**2).sum())
        for key, value in wanted.items():
            if not np.isclose(row[key], value, rtol=1e-4, atol=1e-5):
                sys.exit(f"{row['tensor']}: {key} is {row[key]}, expected {value}")


if __name__ == "__main__":
    main()
