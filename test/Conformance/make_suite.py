#!/usr/bin/env python3
"""Write the whole ONNX backend test suite of the installed `onnx` wheel as plain files.

Since onnx 1.23 the wheel ships no data/node, and `backend-test-tools generate-data` writes only
the `simple` and `real` kinds; node cases exist only as Python objects in onnx.backend.test.case.

usage: make_suite.py OUT

Layout: OUT/<kind>/<case>/{model.onnx,data.json,test_data_set_0/{input,output}_N.pb}
"""
import fcntl
import json
import os
import shutil
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper as nh
import onnx.backend.test as bt
from onnx.backend.test.loader import load_node_model_tests
from onnx.backend.test.case.model import collect_testcases
from onnx.backend.test.runner import Runner


def to_proto(value, info):
    t = info.type
    if isinstance(value, (onnx.TensorProto, onnx.SequenceProto, onnx.OptionalProto)):
        return value
    if t.HasField("map_type"):
        return nh.from_dict(value, info.name)
    if t.HasField("sequence_type"):
        return nh.from_list(list(value), info.name)
    if t.HasField("optional_type"):
        return nh.from_optional(value, info.name)
    return nh.from_array(np.asarray(value), info.name)


def save(out, kind, name, model, data_sets, rtol, atol):
    d = os.path.join(out, kind, name)
    os.makedirs(d, exist_ok=True)
    with open(os.path.join(d, "model.onnx"), "wb") as f:
        f.write(model if isinstance(model, bytes) else model.SerializeToString())
    with open(os.path.join(d, "data.json"), "w") as f:
        json.dump({"rtol": rtol, "atol": atol}, f)
    for i, (ins, outs) in enumerate(data_sets):
        ds = os.path.join(d, f"test_data_set_{i}")
        os.makedirs(ds, exist_ok=True)
        for tag, vals in (("input", ins), ("output", outs)):
            for j, p in enumerate(vals):
                with open(os.path.join(ds, f"{tag}_{j}.pb"), "wb") as f:
                    f.write(p.SerializeToString())


def make(out):
    warnings.simplefilter("ignore")
    data = os.path.join(os.path.dirname(bt.__file__), "data")
    bad = []
    for c in load_node_model_tests() + [c for c in collect_testcases() if c.kind == "simple"]:
        try:
            g = c.model.graph
            sets = [([to_proto(v, g.input[i]) for i, v in enumerate(ins)],
                     [to_proto(v, g.output[i]) for i, v in enumerate(outs)])
                    for ins, outs in c.data_sets]
            save(out, c.kind, c.name, c.model, sets, c.rtol, c.atol)
        except Exception as e:
            bad.append((c.kind, c.name, repr(e)[:200]))
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):   # plain files in the wheel
        for name in sorted(os.listdir(os.path.join(data, kind))):
            src, dst = os.path.join(data, kind, name), os.path.join(out, kind, name)
            if os.path.exists(os.path.join(src, "model.onnx")) and not os.path.exists(dst):
                shutil.copytree(src, dst)
    for name in sorted(os.listdir(os.path.join(data, "real"))):         # "light" graphs, weights made by nodes
        with open(os.path.join(data, "real", name, "data.json")) as f:
            meta = json.load(f)
        stem = os.path.join(data, "light", "light_" + meta["model_name"])
        model = onnx.load(stem + ".onnx")
        inits = {i.name for i in model.graph.initializer}
        ins = [nh.from_array(Runner.generate_dummy_data(x), x.name)
               for x in model.graph.input if x.name not in inits]
        outs = [onnx.load_tensor(f"{stem}_output_{i}.pb") for i in range(len(model.graph.output))]
        with open(stem + ".onnx", "rb") as f:
            save(out, "real", name, f.read(), [(ins, outs)], meta["rtol"], meta["atol"])
    if bad:
        sys.exit(f"these cases cannot be written: {bad}")


def ensure(out):
    """Makes the suite where it is missing or another version's. Two tests that need it may run at once."""
    out = os.fspath(out)
    stamp = os.path.join(out, "version.txt")
    with open(os.fspath(out).rstrip("/") + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(stamp) and open(stamp).read() == onnx.__version__:
            return
        shutil.rmtree(out, ignore_errors=True)
        make(out)
        with open(stamp, "w") as f:
            f.write(onnx.__version__)


if __name__ == "__main__":
    ensure(sys.argv[1])
