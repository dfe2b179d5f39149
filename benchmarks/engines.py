"""The engines bench.py can time: each takes a model, a thread count and inputs, and gives best_ms and outputs."""
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

import numpy as np

TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}


def inputs(model):
    """Recorded inputs where NAME.json names their files (samples), else seeded ones: floats ~ N(0,1), integers uniform
    in the range that NAME.json gives (default [0, 2))."""
    import onnx
    sidecar = re.sub(r"\.onnx$", ".json", model)
    info = json.load(open(sidecar)) if os.path.exists(sidecar) else {}
    if "samples" in info:
        return {name: np.load(file) for name, file in info["samples"].items()}
    ranges = info.get("inputs", {})
    g = onnx.load(model, load_external_data=False).graph
    weights, out = {t.name for t in g.initializer}, {}
    for i in g.input:
        if i.name in weights:
            continue
        t = i.type.tensor_type
        if not all(d.HasField("dim_value") for d in t.shape.dim):
            raise ValueError(f"input {i.name} has open dims")
        shape = [d.dim_value for d in t.shape.dim]
        rng = np.random.default_rng(int(hashlib.sha256(i.name.encode()).hexdigest()[:8], 16))
        dtype = TYPES[t.elem_type]
        x = rng.standard_normal(shape) if np.issubdtype(dtype, np.floating) else rng.integers(*ranges.get(i.name, (0, 2)), shape)
        out[i.name] = np.asarray(x).astype(dtype)
    return out


class OtherWork:
    """What `lambent bench --cold` does before each run: all threads add to memory that is larger than the caches."""

    def __init__(self, threads, megabytes=128):
        self.parts = [np.zeros((megabytes << 20) // threads // 8, np.int64) for _ in range(threads)]

    def run(self):
        def work(part):
            np.add(part, 1, out=part)
        threads = [threading.Thread(target=work, args=(part,)) for part in self.parts[1:]]
        for thread in threads:
            thread.start()
        work(self.parts[0])
        for thread in threads:
            thread.join()


class InProcess:
    facts = {}

    def best_ms(self, seconds, between=None):
        """The least time of a run; of cold ones the median, since each is alike."""
        self.run()
        times, end = [], time.perf_counter() + seconds
        while True:
            if between:
                between.run()
            t = time.perf_counter()
            self.run()
            now = time.perf_counter()
            times.append(now - t)
            if now > end:
                return 1e3 * (statistics.median(times) if between else min(times))


class OnnxRuntime(InProcess):
    def __init__(self, model, threads, x, precision):
        import onnxruntime as ort
        o = ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads, o.log_severity_level = threads, 1, 3
        if threads > 1:  # unpinned on a busy machine, its second thread may stay on the first one's core
            o.add_session_config_entry("session.intra_op_thread_affinities", ";".join(str(i + 1) for i in range(1, threads)))
            os.sched_setaffinity(0, {0})
        self.s, self.x, self.version = ort.InferenceSession(model, o, providers=["CPUExecutionProvider"]), x, ort.__version__

    def run(self):
        return self.s.run(None, self.x)

    outputs = run


class OpenVino(InProcess):
    def __init__(self, model, threads, x, precision):
        import openvino as ov
        m = ov.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                                                   "INFERENCE_PRECISION_HINT": precision})
        self.m, self.r, self.version, self.keep = m, m.create_infer_request(), ov.__version__.split("-")[0], []
        for p in m.inputs:
            t = ov.Tensor(np.ascontiguousarray(x[next(n for n in x if n in p.get_names())]), shared_memory=True)
            self.keep.append(t)
            self.r.set_tensor(p, t)

    def run(self):
        self.r.start_async()
        self.r.wait()

    def outputs(self):
        self.run()
        return [np.array(self.r.get_tensor(o).data) for o in self.m.outputs]


class Lambent:
    """The command line: compile once, then `bench --json` per round and `run` for the outputs. Extra flags in LAMBENT_FLAGS."""

    def __init__(self, model, threads, x, precision):
        self.cli, self.threads, self.tmp = os.environ["LAMBENT"], str(threads), tempfile.mkdtemp()
        self.artefact, self.src = os.path.join(self.tmp, "model.so"), os.path.join(self.tmp, "in")
        os.mkdir(self.src)
        for name, a in x.items():
            np.save(os.path.join(self.src, re.sub(r"[^A-Za-z0-9._-]", "_", name) + ".npy"), a)
        start = time.perf_counter()
        self.call("compile", model, "-o", self.artefact, *([] if precision == "f32" else [f"--quantize={precision}"]),
                  *os.environ.get("LAMBENT_FLAGS", "").split())
        self.compile_s = time.perf_counter() - start
        import onnx
        self.names = [o.name for o in onnx.load(model, load_external_data=False).graph.output]
        self.version = self.call("--version").split("\n")[0]

    def call(self, *words):
        p = subprocess.run([self.cli, *words], capture_output=True, text=True)
        if p.returncode:
            raise RuntimeError(p.stderr[-400:])
        return p.stdout

    def best_ms(self, seconds, between=None):
        report = json.loads(self.call("bench", self.artefact, "--input-dir", self.src, "--threads", self.threads,
                                      "--seconds", str(seconds), "--json", *(["--cold"] if between else [])))
        self.facts = {"gflop": report["gflop"], "peak_gflops": report["peak_gflops"], "compile_s": self.compile_s,
                      "layers": report["layers"]}
        return report["median_ms" if between else "min_ms"]

    def outputs(self):
        out = os.path.join(self.tmp, "out")
        shutil.rmtree(out, ignore_errors=True)
        self.call("run", self.artefact, "--input-dir", self.src, "--output-dir", out, "--threads", self.threads)
        return [np.load(os.path.join(out, re.sub(r"[^A-Za-z0-9._-]", "_", n) + ".npy")) for n in self.names]


ENGINES = {"lambent": Lambent, "ort": OnnxRuntime, "ov": OpenVino}
