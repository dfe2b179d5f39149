#!/usr/bin/env python3
"""Writes the samples of profile.test: the same ones in several layouts, and wrong ones.

usage: profile_samples.py DIR
"""
import pathlib
import sys

import numpy as np
import onnx.numpy_helper


def save(folder, value, name="x"):
    folder.mkdir(parents=True)
    np.save(folder / f"{name}.npy", value)


def main():
    root, random = pathlib.Path(sys.argv[1]), np.random.default_rng(5)
    # More sizes than versions are compiled for, and ranges that grow and shrink.
    shapes = [(1, 2, 4, 5), (2, 2, 3, 3), (1, 2, 4, 5), (3, 2, 1, 7), (1, 2, 6, 2), (2, 2, 5, 5)]
    values = [(random.standard_normal(shape) * scale).astype(np.float32)
              for shape, scale in zip(shapes, (1, 30, 0.01, 500, 2, 7))]
    for i, value in enumerate(values):
        save(root / "all" / f"s{i}", value)
        save(root / "nested" / f"s{i}" / "inputs", value)
        (root / "protobuf" / f"s{i}").mkdir(parents=True)
        (root / "protobuf" / f"s{i}" / "input_0.pb").write_bytes(
            onnx.numpy_helper.from_array(value, "x").SerializeToString())
        if i:
            save(root / "rest" / f"s{6 - i}", value)
    (root / "nested" / "about.json").write_text("{}")

    wrong = values[0].copy()
    wrong[0, 1, 2, 0] = np.nan
    save(root / "nan" / "a", values[0])
    save(root / "nan" / "b", wrong)
    wrong = values[0].copy()
    wrong[0, 0, 0, 1] = -np.inf
    save(root / "inf", wrong)
    (root / "empty").mkdir()
    save(root / "hollow" / "a", values[0])
    (root / "hollow" / "b" / "outputs").mkdir(parents=True)
    save(root / "shape" / "a", np.zeros((1, 3, 4, 4), np.float32))
    save(root / "misspelt" / "a", values[0], "X1")


if __name__ == "__main__":
    main()
