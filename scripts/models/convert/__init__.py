"""Makers of the ONNX models that no package ships as they are.

A models file names one of these under "convert"."with".  Each is called with a
`Job` and writes job.folder/model.onnx.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packages import PackageStore


@dataclass
class Job:
    """What a converter gets to work with."""

    entry: dict            # the model's entry in the models file
    folder: Path           # where model.onnx goes
    store: PackageStore

    @property
    def options(self) -> dict:
        return self.entry["convert"]

    def source_bytes(self) -> bytes:
        """The file that the entry's path_in_package names."""
        entry = self.entry
        return self.store.read(entry["package"], entry["version"],
                               entry["path_in_package"], entry["kind"])


def convert(job: Job) -> None:
    """Run the converter that the entry names."""
    try:
        run = CONVERTERS[job.options["with"]]
    except KeyError:
        raise ValueError(f"unknown converter {job.options['with']}") from None
    run(job)


from convert.digit_cnn import digit_cnn  # noqa: E402  (they use Job)
from convert.efficientnet_lite0 import efficientnet_lite0  # noqa: E402

CONVERTERS = {"digit_cnn": digit_cnn, "efficientnet_lite0": efficientnet_lite0}
