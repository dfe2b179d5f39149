#!/usr/bin/env python3
"""Accuracy tasks for the fetched models, for any engine that can run them.

    python3 tasks.py list
    python3 tasks.py prepare TASK --dest DIR
    python3 tasks.py calibration MODEL --dest DIR
    python3 tasks.py score TASK --dest DIR --outputs DIR2
    python3 tasks.py baseline TASK [--model NAME]

`prepare` writes DIR/task.json, DIR/labels.json and DIR/batch_NNN/inputs/*.npy.  Run
the model on each batch, write its outputs as DIR2/batch_NNN/*.npy (the file to write
is named in task.json, others are ignored), and `score` them.  `baseline` does all of
that with ONNX Runtime.  `calibration` writes unlabelled inputs in the same layout.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Iterator

import numpy as np

from fetch import FetchError, Fetcher, load_models
from labelled import Batch, Context, Task, calibration, language, vision
from packages import PackageError, default_cache
from reference import Reference, file_names, write_tensors

TASKS = {task.name: task for task in vision.TASKS + language.TASKS}


class TaskError(Exception):
    """A task's outputs are missing or have the wrong shape."""


def make_context(models_dir: Path) -> Context:
    models = load_models()
    fetcher = Fetcher(models, models_dir)
    fetched: dict[str, Path] = {}

    def model_folder(name: str) -> Path:
        if name not in fetched:
            fetched[name] = fetcher.fetch(name)
        return fetched[name]

    return Context(fetcher.store, models.__getitem__, model_folder)


def write_batches(dest: Path, batches: list[Batch]) -> list[str]:
    names = [f"batch_{number:03}" for number in range(len(batches))]
    for name, batch in zip(names, batches):
        write_tensors(dest / name / "inputs", batch)
    return names


def write_json(path: Path, document: dict) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n")


def describe_inputs(batch: Batch) -> list[dict]:
    return [{"name": name, "file": f"inputs/{file}", "dtype": str(value.dtype),
             "shape": list(value.shape)}
            for (name, value), file in zip(batch.items(), file_names(list(batch)))]


def prepare(task: Task, context: Context, dest: Path) -> None:
    batches, labels = task.prepare(context)
    names = write_batches(dest, batches)
    write_json(dest / "labels.json", labels)
    write_json(dest / "task.json", {
        "task": task.name, "about": task.about, "models": task.models,
        "metric": task.main_metric, "batches": names, "inputs": describe_inputs(batches[0]),
        "output": {"name": task.output, "file": file_names([task.output])[0]}})
    print(f"{task.name}: {len(batches)} batches in {dest}")


def read_outputs(dest: Path, outputs: Path) -> Iterator[np.ndarray]:
    description = json.loads((dest / "task.json").read_text())
    for batch in description["batches"]:
        path = outputs / batch / description["output"]["file"]
        if not path.is_file():
            raise TaskError(f"{path} is missing: the output {description['output']['name']!r} "
                            f"of {batch} goes there")
        yield np.load(path)


def show(task: Task, metrics: dict[str, float], about: str) -> None:
    values = ", ".join(f"{name} {value:.4f}".rstrip("0").rstrip(".")
                       for name, value in metrics.items())
    print(f"{task.name} ({about}): {values}")


def score(task: Task, dest: Path, outputs: Path) -> None:
    labels = json.loads((dest / "labels.json").read_text())
    show(task, task.score(read_outputs(dest, outputs), labels), str(outputs))


def baseline(task: Task, context: Context, model_name: str | None, threads: int) -> None:
    model_name = model_name or task.models[0]
    model = Reference(context.model_folder(model_name) / "model.onnx", threads=threads)
    batches, labels = task.prepare(context)
    outputs = (model.run(batch)[task.output] for batch in batches)
    show(task, task.score(outputs, labels), f"{model_name}, ONNX Runtime")


def calibrate(model: str, context: Context, dest: Path) -> None:
    batches = calibration.batches(model, context.store)
    write_batches(dest, batches)
    print(f"{model}: {len(batches)} calibration batches in {dest}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, about: str, *arguments: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about)
        if "task" in arguments:
            sub.add_argument("task", choices=sorted(TASKS))
        if "calibrated" in arguments:
            sub.add_argument("model", choices=sorted(calibration.SETS))
        if "dest" in arguments:
            sub.add_argument("--dest", type=Path, required=True, help="folder of the task's files")
        sub.add_argument("--models-dir", type=Path, default=default_cache(),
                         help="folder of the fetched models (default: %(default)s)")
        return sub

    command("list", "list the tasks")
    command("prepare", "write a task's inputs and labels", "task", "dest")
    command("calibration", "write unlabelled inputs for quantization", "calibrated", "dest")
    command("score", "score outputs", "task", "dest").add_argument(
        "--outputs", type=Path, required=True, help="folder of the outputs, batch_NNN/*.npy")
    sub = command("baseline", "score ONNX Runtime", "task")
    sub.add_argument("--model", help="one of the task's models (default: the first)")
    sub.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    if options.command == "list":
        for task in TASKS.values():
            print(f"{task.name:14} {task.main_metric:11} {', '.join(task.models):40} {task.about}")
        return 0
    try:
        if options.command == "score":
            score(TASKS[options.task], options.dest, options.outputs)
            return 0
        context = make_context(options.models_dir)
        if options.command == "prepare":
            prepare(TASKS[options.task], context, options.dest)
        elif options.command == "calibration":
            calibrate(options.model, context, options.dest)
        else:
            baseline(TASKS[options.task], context, options.model, options.threads)
    except (PackageError, FetchError, TaskError) as error:
        print(f"tasks.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
