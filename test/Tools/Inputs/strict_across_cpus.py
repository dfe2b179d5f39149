"""Compares what one model computes with --accuracy=strict in code for different CPUs.

usage: strict_across_cpus.py LAMBENT FOLDER

Every op writes an output of its own, whose name begins with what docs/accuracy.md promises of it: `same` bits on every
CPU, or the same bits where CPUs have `fused` multiply-adds: so are those `summed` along a row. Then all of it is constant, and the bits are the same whatever the code is for. CPUs that this machine is not are left out.
"""
import pathlib
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEVELS = {"x86-64": set(), "x86-64-v2": {"sse4_2"}, "x86-64-v3": {"avx2", "fma", "f16c"},
          "x86-64-v4": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
# Of the output's largest value: what rounding products by themselves, and another order of 333 terms, may change.
MOST = {"fused": 2e-6, "summed": 1e-5}
HAS_FMA = ("x86-64-v3", "x86-64-v4")

random = np.random.default_rng(1)


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


# What the ops read: rows, an image, the same in half precision, and weights.
INPUTS = {"x": floats(37, 333), "z": floats(333, 65), "image": floats(1, 16, 19, 19), "steps": floats(9, 2, 16),
          "half": floats(37, 333).astype(np.float16), "bytes": random.integers(0, 255, (37, 333)).astype(np.uint8)}
WEIGHTS = {"w": floats(333, 65), "filter": floats(24, 16, 3, 3), "taps": floats(16, 1, 3, 3), "scale": floats(333),
           "half_w": floats(333, 65).astype(np.float16), "byte_w": random.integers(0, 255, (333, 65)).astype(np.uint8),
           "lstm_w": floats(1, 96, 16), "lstm_r": floats(1, 96, 24), "axis": np.array(1),
           "scales": np.array([1, 1, 1.7, 1.7], np.float32)}
F16, I32 = TensorProto.FLOAT16, TensorProto.INT32
# Name, op, inputs, attributes; the output is f32 unless said.
OPS = [
    ("same_add", "Add", ["x", "x"], {}),
    ("same_div", "Div", ["x", "scale"], {}),
    ("same_sqrt", "Sqrt", ["x"], {}),
    ("same_mean_of_rows", "ReduceMean", ["x"], {"axes": [0]}),
    ("same_max", "ReduceMax", ["x"], {"axes": [1]}),
    ("same_cumsum", "CumSum", ["x", "axis"], {}),
    ("same_pool", "AveragePool", ["image"], {"kernel_shape": [3, 3]}),
    ("same_half", "Mul", ["half", "half"], {"type": F16}),
    ("same_cast", "Cast", ["x"], {"to": F16, "type": F16}),
    ("same_integers", "MatMulInteger", ["bytes", "byte_w"], {"type": I32}),
    ("fused_matmul", "MatMul", ["x", "w"], {}),
    ("fused_matmul_of_inputs", "MatMul", ["x", "z"], {}),
    ("fused_conv", "Conv", ["image", "filter"], {"pads": [1, 1, 1, 1]}),
    ("fused_depthwise", "Conv", ["image", "taps"], {"group": 16}),
    ("fused_exp", "Exp", ["x"], {}),
    ("fused_tanh", "Tanh", ["x"], {}),
    ("fused_erf", "Erf", ["x"], {}),
    ("fused_resize", "Resize", ["image", "", "scales"], {"mode": "linear"}),
    ("fused_lstm", "LSTM", ["steps", "lstm_w", "lstm_r"], {"hidden_size": 24}),
    ("summed_mean", "ReduceMean", ["x"], {"axes": [1]}),
    ("summed_softmax", "Softmax", ["x"], {}),
    ("summed_norm", "LayerNormalization", ["x", "scale"], {}),
    ("summed_global_pool", "GlobalAveragePool", ["image"], {}),
]


def make_model(path, constant):
    nodes, outputs = [], []
    for name, op, inputs, attributes in OPS:
        element = attributes.get("type", TensorProto.FLOAT)
        attributes = {key: value for key, value in attributes.items() if key != "type"}
        nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        outputs.append(helper.make_tensor_value_info(name, element, None))
    constants = WEIGHTS | (INPUTS if constant else {})
    inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
              for name, value in INPUTS.items() if name not in constants]
    graph = helper.make_graph(nodes, "ops", inputs, outputs,
                              [numpy_helper.from_array(value, name) for name, value in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def compute(lambent, folder, model, cpu):
    """The outputs of code for a CPU."""
    artefact, out = folder / f"{model.stem}-{cpu}.so", folder / f"{model.stem}-{cpu}"
    subprocess.run([lambent, "compile", model, "-o", artefact, f"--cpu={cpu}", "--accuracy=strict"], check=True)
    out.mkdir(exist_ok=True)
    subprocess.run([lambent, "run", artefact, "--input-dir", folder / "in", "--output-dir", out], check=True,
                   stderr=subprocess.DEVNULL)
    return {name: np.load(out / f"{name}.npy") for name, *_ in OPS}


def differ(value, other):
    """The largest difference as a part of the largest value; 0 where the bits are the same."""
    if value.tobytes() == other.tobytes():
        return 0
    value, other = value.astype(np.float64), other.astype(np.float64)
    return np.abs(value - other).max() / np.abs(other).max()


def main():
    lambent, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags")).split()
    levels = [level for level, needs in LEVELS.items() if needs <= set(flags)]
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, value in INPUTS.items():
        np.save(folder / "in" / f"{name}.npy", value)
    problems = []
    for constant in (False, True):
        model = folder / ("constant.onnx" if constant else "model.onnx")
        make_model(model, constant)
        results = {level: compute(lambent, folder, model, level) for level in levels}
        for name, *_ in OPS:
            kind = name.split("_")[0]
            for level in levels[1:]:
                for before in levels[:levels.index(level)]:
                    are_alike = kind != "same" and (level in HAS_FMA) == (before in HAS_FMA)
                    most = 0 if constant or kind == "same" or are_alike else MOST[kind]
                    found = differ(results[level][name], results[before][name])
                    if found > most:
                        problems.append(f"{model.stem}: {name}: {level} and {before} differ by {found:.1e}")
    print("\n".join(problems) or f"{len(levels)} levels: as promised")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
