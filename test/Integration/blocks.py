#!/usr/bin/env python3
"""Numbers in blocks that share an exponent, against ml_dtypes and plain arithmetic, bit by bit.

usage: blocks.py SCRATCH
"""
import pathlib
import shutil

import ml_dtypes
import numpy as np
import onnx
from command import call_main, complain, lambent, run, write_inputs
from onnx import TensorProto, helper, numpy_helper

# Of each format: elements of a block, its type, its largest number, and AMD Quark's name for it.
MX = {"mxfp8": (ml_dtypes.float8_e4m3fn, 448, "fp8_e4m3"), "mxfp8-e5m2": (ml_dtypes.float8_e5m2, 57344, "fp8_e5m2"),
      "mxfp6": (ml_dtypes.float6_e2m3fn, 7.5, "fp6_e2m3"), "mxfp6-e3m2": (ml_dtypes.float6_e3m2fn, 28, "fp6_e3m2"),
      "mxfp4": (ml_dtypes.float4_e2m1fn, 6, "fp4_e2m1"), "mxint8": (None, 127 / 64, "int8")}
PAIRED = {"mx9": (7, 16), "mx6": (4, 13), "mx4": (2, 11)}  # bits of a magnitude, of AMD Quark's bit_width
FORMATS = [*MX, *PAIRED]
QUARK = "com.amd.quark"


def exponents(x):
    """floor(log2 |x|), of 0 something small."""
    return np.where(x == 0, -2000, np.frexp(x)[1] - 1)


def round_block(x, name, up=False):
    """What a format holds of f64 numbers, in blocks along the last dim, which is one block long."""
    most = np.abs(x).max(axis=-1, keepdims=True, initial=0)
    largest = np.float64(MX[name][1] if name in MX else 2 - 2.0 ** (1 - PAIRED[name][0]))
    scale = exponents(most) - exponents(largest)
    if up:
        with np.errstate(over="ignore"):
            scale += most > np.ldexp(largest, scale)
    scale = np.clip(scale, -127, 127)
    if name in PAIRED:
        steps = PAIRED[name][0] - 1
        padded = np.pad(np.abs(x), [(0, 0)] * (x.ndim - 1) + [(0, x.shape[-1] % 2)])
        pairs = padded.reshape(*x.shape[:-1], -1, 2).max(axis=-1)
        fits = pairs <= np.ldexp(largest, scale - 1) if up else pairs < np.ldexp(1.0, scale)
        scale = scale - np.repeat(fits, 2, axis=-1)[..., :x.shape[-1]]
    with np.errstate(invalid="ignore"):
        u = np.clip(np.ldexp(x, -scale), -largest, largest)
        if name in PAIRED:
            rounded = np.clip(np.ldexp(np.rint(np.ldexp(u, steps)), -steps), -largest, largest)
        elif MX[name][0]:
            rounded = u.astype(MX[name][0]).astype(np.float64)
        else:
            rounded = np.clip(np.rint(u * 64) / 64, -largest, largest) + 0.0
        result = np.ldexp(rounded, scale)
    return np.where(np.isfinite(most), result, np.nan)


def reference(x, name, axis, up=False):
    moved = np.moveaxis(x.astype(np.float64), axis, -1)
    size = 32 if name in MX else 16
    blocks = [round_block(moved[..., at:at + size], name, up) for at in range(0, moved.shape[-1], size)]
    with np.errstate(over="ignore"):
        return np.moveaxis(np.concatenate(blocks, axis=-1), -1, axis).astype(np.float32)


def all_codes(name):
    """Every number of a format's elements, in blocks that have the largest in front."""
    if name in PAIRED:
        steps = PAIRED[name][0] - 1
        numbers = np.arange(2 ** (steps + 1)) / 2.0**steps
        return np.stack([np.full_like(numbers, numbers[-1]), numbers, -numbers], axis=-1)
    if MX[name][0]:
        bits = 8 if "8" in name else 6 if "6" in name else 4
        numbers = np.arange(1 << bits, dtype=np.uint8).view(MX[name][0]).astype(np.float64)
        numbers = numbers[np.isfinite(numbers)]
    else:
        numbers = np.arange(-127, 128) / 64
    numbers = np.resize(numbers, (-(-len(numbers) // 31), 31))
    return np.concatenate([np.full((len(numbers), 1), MX[name][1]), numbers], axis=-1)


def all_numbers(shape, seed):
    """Numbers of all magnitudes, near each other in a block, half of them with few bits: ties."""
    generator = np.random.default_rng(seed)
    high = generator.integers(-150, 128, (shape[0],) + (1,) * (len(shape) - 1))
    mantissa = np.where(generator.integers(0, 2, shape), 1 + generator.random(shape),
                        1 + generator.integers(0, 64, shape) / 64)
    x = np.ldexp(mantissa * generator.choice([-1, 1], shape), high - generator.integers(0, 12, shape))
    x = np.where(generator.random(shape) < 0.05, 0, x)
    return np.clip(x, -np.finfo(np.float32).max, np.finfo(np.float32).max).astype(np.float32)


def quark_node(name, axis, source, result):
    if name in MX:
        return helper.make_node("MXQuantizeDequantize", [source], [result], domain=QUARK, element_dtype=MX[name][2],
                                axis=axis, block_size=32, rounding_mode=2)
    return helper.make_node("BFPQuantizeDequantize", [source], [result], domain=QUARK, bfp_method="to_bfp_prime",
                            bit_width=PAIRED[name][1], axis=axis, block_size=16, rounding_mode=2)


def save(path, nodes, inputs, outputs, weights=(), rank=None):
    """`inputs` are arrays; with `rank` their dims are open."""
    info = helper.make_tensor_value_info
    sides = lambda v: [f"d{i}" for i in range(v.ndim)] if rank else v.shape
    graph = helper.make_graph(nodes, "g", [info(k, TensorProto.FLOAT, sides(v)) for k, v in inputs.items()],
                              [info(k, TensorProto.FLOAT, [None] * n) for k, n in outputs.items()],
                              [numpy_helper.from_array(v, k) for k, v in dict(weights).items()])
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21),
                                                                     helper.make_opsetid(QUARK, 1)]), path)


def differs(name, found, wanted):
    same = (found.view(np.uint32) == wanted.view(np.uint32)) | (np.isnan(found) & np.isnan(wanted))
    if same.all():
        return None
    at = tuple(np.argwhere(~same)[0])
    return f"{name}: {found[at]!r}, expected {wanted[at]!r} at {at}; {(~same).sum()} of {same.size} differ"


def codes(folder):
    """Numbers that a format holds stay, with every scale whose products f32 has."""
    inputs, nodes = {}, []
    for name in FORMATS:
        numbers = all_codes(name)
        scales = np.ldexp(1.0, np.arange(-127, 128))[:, None, None]
        with np.errstate(over="ignore"):
            x = (numbers * scales).astype(np.float32)
        inputs[name] = x[np.isfinite(x).all(axis=(1, 2))]
        nodes.append(quark_node(name, -1, name, name + "_y"))
    save(folder / "model.onnx", nodes, inputs, {name + "_y": 3 for name in inputs})
    write_inputs(folder / "in", inputs)
    found = run(folder / "model.onnx", folder / "in", folder / "out")
    for name, x in inputs.items():
        wanted = x + 0.0 if name == "mxint8" else x
        yield differs(f"codes of {name}", found[f"{name}_y.npy"], wanted)


def rounding(folder):
    """As inputs, with sizes that a run decides, and of constants, which the compiler folds."""
    for number, (shape, axis) in enumerate([((300, 70), 1), ((40, 70, 11), 1), ((200, 1), -1), ((45, 9), 0)]):
        x = all_numbers(shape, number)
        x[-1, -1] = np.inf
        nodes = [quark_node(name, axis, "x", name) for name in FORMATS]
        outputs = {name: x.ndim for name in FORMATS}
        write_inputs(folder / "in", {"x": x})
        for way in ("bound", "open", "constant"):
            path = folder / f"{way}.onnx"
            if way == "constant":
                save(path, nodes, {}, outputs, {"x": x})
            else:
                save(path, nodes, {"x": x}, outputs, rank=way == "open")
            lambent("compile", path, "-o", folder / "model.so")
            found = run(folder / "model.so", folder / "in" if way != "constant" else folder / "none", folder / "out")
            for name in FORMATS:
                yield differs(f"{way} {shape} {axis} {name}", found[f"{name}.npy"], reference(x, name, axis))


def products(folder):
    """Operands of products are rounded where --quantize says so."""
    generator = np.random.default_rng(7)
    normal = lambda *shape: generator.standard_normal(shape).astype(np.float32)
    inputs = {"x": normal(5, 70), "image": normal(1, 40, 6, 7)}
    weights = {"eye": np.eye(70, dtype=np.float32), "w": normal(70, 9), "f": normal(8, 20, 3, 3)}
    nodes = [helper.make_node("MatMul", ["x", "eye"], ["same"]), helper.make_node("MatMul", ["x", "w"], ["product"]),
             helper.make_node("Conv", ["image", "f"], ["conv"], group=2)]
    save(folder / "model.onnx", nodes, inputs, {"same": 2, "product": 2, "conv": 4}, weights)
    write_inputs(folder / "in", inputs)
    for name in FORMATS:
        for up in (False, True):
            found = run(folder / "model.onnx", folder / "in", folder / "out", f"--quantize={name}{':up' if up else ''}")
            of = lambda v, axis: reference(v, name, axis, up).astype(np.float64)
            x = of(inputs["x"], 1)
            yield differs(f"products {name} {up}", found["same.npy"] + 0, (x + 0).astype(np.float32))
            groups = [of(part, 1) for part in np.split(inputs["image"], 2, axis=1)]
            filters = np.split(of(weights["f"], 1), 2)
            conv = np.concatenate([np.einsum("nchwij,ocij->nohw", np.lib.stride_tricks.sliding_window_view(
                image, (3, 3), axis=(2, 3)), one) for image, one in zip(groups, filters)], axis=1)
            for what, value in (("product", x @ of(weights["w"], 0)), ("conv", conv)):
                if not np.allclose(found[f"{what}.npy"], value, rtol=1e-4, atol=1e-4 * np.abs(value).max()):
                    yield f"{what} {name} {up}: {np.abs(found[f'{what}.npy'] - value).max()} off"


def refusals(folder):
    path = folder / "model.onnx"
    x = np.zeros((2, 64), np.float32)
    save(path, [helper.make_node("Relu", ["x"], ["y"])], {"x": x}, {"y": 2})
    for wrong in ("mxfp7", "mxfp8:down", "mxfp8:"):
        said = complain("check", path, f"--quantize={wrong}")
        if "expected a format of blocks, which is one of mxfp8," not in said or f"but got '{wrong}'" not in said:
            yield f"--quantize={wrong}: {said}"
    said = complain("check", path, "--quantize=:up")
    if "expected int8, int16, int8-weights, int4-weights, bf16 or a format of blocks, as mxfp8, for --quantize, but got ':up'" not in said:
        yield f"--quantize=:up: {said}"


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems = []
    for check in (codes, rounding, products, refusals):
        folder = pathlib.Path(scratch, check.__name__)
        folder.mkdir(parents=True)
        (folder / "none").mkdir()
        problems += filter(None, check(folder))
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
