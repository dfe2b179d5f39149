"""Labelled tasks, built from data that packages ship.

A `Task` makes batches of inputs and a JSON-able dictionary of labels, and scores
outputs against those labels.  It knows nothing of the engine that runs the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Iterator

import numpy as np

from packages import PackageStore

Batch = dict[str, np.ndarray]


@dataclass
class Context:
    """What a task may draw on: packages, and models by name."""

    store: PackageStore
    model_entry: Callable[[str], dict]
    model_folder: Callable[[str], Path]   # fetches the model if it is not there


@dataclass
class Task:
    name: str
    about: str
    models: list[str]                 # models it is meant for; the first one is the default
    output: str                       # the output that is scored
    prepare: Callable[[Context], tuple[list[Batch], dict]]
    score: Callable[[Iterator[np.ndarray], dict], dict[str, float]]
    main_metric: str


def in_batches(array: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut along the first axis; all batches but the last have the given size."""
    return [array[start:start + size] for start in range(0, len(array), size)]


def joined(outputs: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(outputs))
