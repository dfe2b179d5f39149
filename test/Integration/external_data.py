#!/usr/bin/env python3
"""Models whose weights lie in files of their own, honest ones and attacks.

usage: external_data.py SCRATCH

An attack must end with exit status 1, within the time limit, and with a message that names the weight or the file;
what it points at must never be read.
"""
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper

TIME_LIMIT = 10 * float(os.environ.get("LAMBENT_TEST_SLOWNESS", "1"))
WEIGHT = np.arange(16, dtype=np.float32)


def model(**entries):
    """A model that adds a weight of 16 floats, kept where `entries` say."""
    weight = TensorProto(name="secret_weight", data_type=TensorProto.FLOAT, dims=[16],
                         data_location=TensorProto.EXTERNAL)
    for key, value in entries.items():
        entry = weight.external_data.add()
        entry.key, entry.value = key, str(value)
    graph = helper.make_graph([helper.make_node("Add", ["x", "secret_weight"], ["y"], name="sum")], "external",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [16])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [16])], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def prepare(scratch):
    """The folder of the model, with what honest and hostile paths point at."""
    shutil.rmtree(scratch, ignore_errors=True)
    folder = scratch / "model"
    (folder / "inner").mkdir(parents=True)
    for file in (folder / "w.bin", folder / "inner" / "w.bin", scratch / "outside.bin"):
        file.write_bytes(WEIGHT.tobytes())
    (folder / "padded.bin").write_bytes(bytes(4096) + WEIGHT.tobytes() + b"rest")
    (folder / "short.bin").write_bytes(WEIGHT.tobytes()[:-1])
    (folder / "empty.bin").touch()
    (folder / "link.bin").symlink_to("../outside.bin")
    (folder / "inner-link").symlink_to("..")
    (folder / "parent").symlink_to("../..")
    os.link(scratch / "outside.bin", folder / "hard.bin")
    os.mkfifo(folder / "fifo.bin")
    return folder


HONEST = {
    "a file beside the model": dict(location="w.bin"),
    "a file in a folder below": dict(location="inner/w.bin"),
    "offset and length": dict(location="padded.bin", offset=4096, length=64),
    "length alone": dict(location="w.bin", length=64),
}
ATTACKS = {
    "no location": dict(offset=0),
    "an empty location": dict(location=""),
    "the folder itself": dict(location="."),
    "a missing file": dict(location="nowhere.bin"),
    "a path through ..": dict(location="../outside.bin"),
    "a path that goes down and up": dict(location="inner/../../outside.bin"),
    "a symbolic link out of the folder": dict(location="link.bin"),
    "a path through a linked folder": dict(location="inner-link/outside.bin"),
    "a path through a folder that links up": dict(location="parent/outside.bin"),
    "a hard link": dict(location="hard.bin"),
    "a fifo": dict(location="fifo.bin"),
    "a folder": dict(location="inner"),
    "a device": dict(location="/dev/zero"),
    "a file that is too short": dict(location="short.bin"),
    "an empty file": dict(location="empty.bin"),
    "a wrong length": dict(location="w.bin", length=32),
    "a negative offset": dict(location="w.bin", offset=-4),
    "an offset behind the end": dict(location="w.bin", offset=4096),
    "a huge offset": dict(location="w.bin", offset=2**63 - 32),
    "an offset beyond 64 bits": dict(location="w.bin", offset=2**70),
    "a huge length": dict(location="w.bin", offset=0, length=2**64 - 1),
    "an offset that is no number": dict(location="w.bin", offset="four"),
    "a name with a zero byte": dict(location="w.bin\0/../../outside.bin"),
}


def compile_model(folder, data):
    """(exit status or reason, what was printed)."""
    path = folder / "model.onnx"
    path.write_bytes(data)
    try:
        result = subprocess.run(["lambent", "compile", str(path), "--emit=lir", "-o", "-"], capture_output=True,
                                text=True, errors="replace", timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return "a hang", ""
    return result.returncode, result.stderr


def main():
    scratch = pathlib.Path(sys.argv[1]).resolve()
    folder = prepare(scratch)
    attacks = dict(ATTACKS, **{"an absolute path": dict(location=str(scratch / "outside.bin"))})
    problems = []
    for name, entries in HONEST.items():
        status, text = compile_model(folder, model(**entries))
        if status != 0:
            problems.append(f"{name}: {status}: {text}")
    for name, entries in attacks.items():
        status, text = compile_model(folder, model(**entries))
        if status != 1 or not any(word in text for word in ("secret_weight", str(entries.get("location")))):
            problems.append(f"{name}: {status}: {text or 'no message'}")
    print("\n".join(problems))
    print(f"{len(HONEST) + len(attacks)} models, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
