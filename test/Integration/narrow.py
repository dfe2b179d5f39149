#!/usr/bin/env python3
"""Conversions to and from f8, f4, int4 and int2, code by code, and quantized ops on random values.

usage: narrow.py SCRATCH

Casts are compared with ml_dtypes as ONNX's reference uses it, over all f16 numbers and all codes; packed elements are
inputs, outputs and weights with counts that leave a byte half full. Quantization is compared with ONNX's reference.
"""
import pathlib
import shutil
import warnings

import ml_dtypes
import numpy as np
import onnx
from command import call_main, lambent, run, write_inputs
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FLOATS = {"FLOAT8E4M3FN": ml_dtypes.float8_e4m3fn, "FLOAT8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
          "FLOAT8E5M2": ml_dtypes.float8_e5m2, "FLOAT8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
          "FLOAT4E2M1": ml_dtypes.float4_e2m1fn, "FLOAT8E8M0": ml_dtypes.float8_e8m0fnu}
INTEGERS = {"INT4": ml_dtypes.int4, "UINT4": ml_dtypes.uint4, "INT2": ml_dtypes.int2, "UINT2": ml_dtypes.uint2}
TYPES = FLOATS | INTEGERS


def codes_of(array):
    """A byte for each element, the bits above it 0."""
    bits = {"FLOAT4E2M1": 4, "INT4": 4, "UINT4": 4, "INT2": 2, "UINT2": 2}
    number = helper.np_dtype_to_tensor_dtype(array.dtype)
    return array.view(np.uint8) & ((1 << bits.get(TensorProto.DataType.Name(number), 8)) - 1)


def save(folder, nodes, inputs, outputs, initializers=(), opset=25, defaults=()):
    """`inputs` are arrays by name, `outputs` element types and shapes by name; `defaults` names initializers that are
    inputs too, and are not written."""
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "g", [info(name, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
                     for name, v in [*inputs.items(), *((name, initializers[name]) for name in defaults)]],
        [info(name, *value) for name, value in outputs.items()],
        [numpy_helper.from_array(v, name) for name, v in dict(initializers).items()])
    model = helper.make_model(graph, ir_version=13, opset_imports=[
        helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)])
    write_inputs(folder / "in", inputs)
    onnx.save(model, folder / "model.onnx")
    return model


def execute(folder, ahead):
    if not ahead:
        return run(folder / "model.onnx", folder / "in", folder / "out")
    lambent("compile", folder / "model.onnx", "-o", folder / "model.so")
    return run(folder / "model.so", folder / "in", folder / "out")


def differs(name, found, wanted):
    same = np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    if found.shape == wanted.shape and same:
        return None
    at = np.flatnonzero(found != wanted)[:3] if found.shape == wanted.shape else []
    return f"{name}: {found.ravel()[at]} {found.shape}, expected {wanted.ravel()[at]} {wanted.shape}, at {at}"


def all_floats():
    """Every f16 number, and f32 and f64 numbers around the places where narrow floats round."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    wide = np.concatenate([all_codes(kind).astype(np.float64) for kind in ("FLOAT8E4M3FN", "FLOAT8E5M2")])
    wide = np.unique(wide[np.isfinite(wide)])
    middles = np.concatenate([wide, (wide[1:] + wide[:-1]) / 2])
    near = np.concatenate([middles, middles * (1 + 2.0**-40), middles * (1 - 2.0**-40)])
    singles = near.astype(np.float32)
    singles = np.concatenate([singles, np.nextafter(singles, np.float32(np.inf)),
                              np.array([np.inf, -np.inf, np.nan, 3e38, 1e-45, -0.0], np.float32)])
    return {"f16": halves, "f32": singles, "f64": near}


def all_codes(kind):
    bits = {"FLOAT4E2M1": 4, "INT4": 4, "UINT4": 4, "INT2": 2, "UINT2": 2}.get(kind, 8)
    return np.arange(1 << bits, dtype=np.uint8).view(TYPES[kind])


def reference_codes(x, kind, saturate):
    if x.dtype == np.float64:
        # The reference rounds twice, to f32 first: give it one that lies on the same side of every middle.
        near = x.astype(np.float32)
        x = np.where(near == x, near, np.nextafter(near, np.where(x > near, np.float32(np.inf), np.float32(-np.inf))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = numpy_helper.saturate_cast(x, TYPES[kind]) if saturate and kind != "FLOAT4E2M1" else x.astype(TYPES[kind])
    return codes_of(y)


def casts_to(folder):
    """All floats to all narrow floats; each output as the bytes of an .npy file."""
    inputs = all_floats()
    nodes, outputs, wanted = [], {}, {}
    for kind in FLOATS:
        for saturate in (1, 0):
            for name, x in inputs.items():
                if kind == "FLOAT8E8M0":
                    continue
                out = f"{kind}_{saturate}_{name}"
                nodes.append(helper.make_node("Cast", [name], [out], to=getattr(TensorProto, kind), saturate=saturate))
                outputs[out] = getattr(TensorProto, kind), x.shape
                wanted[out] = reference_codes(x, kind, saturate)
    for mode in ("up", "down", "nearest"):
        # ONNX leaves open what becomes of negative numbers; infinity and what is below 2^-127 saturate.
        powers = np.exp2(np.random.default_rng(1).uniform(-126, 127, 500)).astype(np.float32)
        powers = np.concatenate([powers, np.exp2(np.arange(-126, 128, dtype=np.float32))])
        inputs["powers"] = powers
        nodes.append(helper.make_node("Cast", ["powers"], [f"scale_{mode}"], to=TensorProto.FLOAT8E8M0,
                                      round_mode=mode))
        outputs[f"scale_{mode}"] = TensorProto.FLOAT8E8M0, powers.shape
        wanted[f"scale_{mode}"] = codes_of(numpy_helper.to_float8e8m0(powers, True, mode))
    save(folder, nodes, inputs, outputs)
    found = execute(folder, ahead=True)
    for name, codes in wanted.items():
        yield differs(name, found[f"{name}.npy"].view(np.uint8), codes)


def casts_from(folder):
    """All codes, as inputs and as weights, to f32, i32 and bool; integers to all narrow integers."""
    nodes, inputs, outputs, wanted, weights = [], {}, {}, {}, {}
    for kind in TYPES:
        codes = all_codes(kind)[:-1]  # an odd number
        inputs[kind] = codes
        weights["w" + kind] = codes
        for source in (kind, "w" + kind):
            for target, dtype in (("FLOAT", np.float32), ("INT32", np.int32), ("BOOL", np.bool_)):
                if target == "INT32" and kind in FLOATS:
                    continue
                out = f"{source}_{target}"
                nodes.append(helper.make_node("Cast", [source], [out], to=getattr(TensorProto, target)))
                outputs[out] = getattr(TensorProto, target), codes.shape
                wanted[out] = codes.astype(np.float32).astype(dtype) if dtype == np.bool_ else codes.astype(dtype)
    numbers = np.arange(-300, 301, dtype=np.int32)
    inputs["numbers"] = numbers
    for kind, dtype in INTEGERS.items():
        nodes.append(helper.make_node("Cast", ["numbers"], [f"{kind}_numbers"], to=getattr(TensorProto, kind)))
        outputs[f"{kind}_numbers"] = getattr(TensorProto, kind), numbers.shape
        wanted[f"{kind}_numbers"] = codes_of(numbers.astype(dtype))
    save(folder, nodes, inputs, outputs, weights)
    for ahead in (False, True):
        found = execute(folder, ahead)
        for name, value in wanted.items():
            result = found[f"{name}.npy"]
            result = result.view(np.uint8) if result.dtype.kind == "V" else result
            yield differs(f"{name}, ahead={ahead}", result, value)


def movement(folder):
    """Packed elements that are only moved: an input, an input's default, and a weight that is too large for folders."""
    x = np.arange(15).reshape(3, 5).astype(np.int32).astype(ml_dtypes.int4)
    weight = np.arange(47 * 101).reshape(47, 101).astype(np.int32).astype(ml_dtypes.int2)
    scales = np.array([120, 255, 1], np.uint8).view(ml_dtypes.float8_e8m0fnu)
    weights = {"d": x, "w": weight, "shape": np.array([15]), "low": np.array([1]), "high": np.array([4]),
               "axis": np.array([0]), "ends": np.array([1, 1])}
    steps = {"turned": ("Transpose", ["x"], x.T), "flat": ("Reshape", ["x", "shape"], x.reshape(15)),
             "part": ("Slice", ["turned", "low", "high", "axis"], x.T[1:4]), "same": ("Identity", ["x"], x),
             "default": ("Transpose", ["d"], x.T), "large": ("Transpose", ["w"], weight.T),
             # The smallest scale is what stands for zero.
             "padded": ("Pad", ["k", "ends"], np.pad(scales.view(np.uint8), 1).view(scales.dtype))}
    nodes = [helper.make_node(op, operands, [name]) for name, (op, operands, _) in steps.items()]
    wanted = {name: np.ascontiguousarray(value) for name, (_, _, value) in steps.items()}
    outputs = {name: (helper.np_dtype_to_tensor_dtype(value.dtype), value.shape) for name, value in wanted.items()}
    save(folder, nodes, {"x": x, "k": scales}, outputs, weights, defaults=["d"])
    for ahead in (False, True):
        found = execute(folder, ahead)
        for name, value in wanted.items():
            yield differs(f"{name}, ahead={ahead}", found[f"{name}.npy"].view(np.uint8), codes_of(value))


def quantizations(folder):
    """QuantizeLinear and DequantizeLinear of each type: for all, along an axis, in blocks; then back."""
    generator = np.random.default_rng(5)
    types = {"UINT8": np.uint8, "INT8": np.int8, "UINT16": np.uint16, "INT16": np.int16} | TYPES
    nodes, inputs, outputs, weights = [], {}, {}, {}
    inputs["x"] = (generator.standard_normal((3, 7, 4)) * 20).astype(np.float32)
    for kind, dtype in types.items():
        if kind == "FLOAT8E8M0":
            continue
        for way, shape, attributes in (("all", (), {}), ("axis", (7,), {"axis": 1}),
                                       ("block", (3, 4, 4), {"axis": -2, "block_size": 2})):
            name = f"{kind}_{way}"
            weights[name + "_scale"] = generator.uniform(0.5, 4, shape).astype(np.float32)
            zeros = generator.integers(0, 2, shape) if kind not in FLOATS else np.zeros(shape)
            weights[name + "_zero"] = np.asarray(zeros, np.float32).astype(dtype)
            parameters = [name + "_scale", name + "_zero"]
            nodes.append(helper.make_node("QuantizeLinear", ["x", *parameters], [name + "_q"], **attributes))
            nodes.append(helper.make_node("DequantizeLinear", [name + "_q", *parameters], [name], **attributes))
            outputs[name] = TensorProto.FLOAT, [3, 7, 4]
    model = save(folder, nodes, inputs, outputs, weights)
    wanted = ReferenceEvaluator(model).run(None, inputs)
    found = execute(folder, ahead=True)
    for name, value in zip(outputs, wanted):
        yield differs(name, found[f"{name}.npy"], value)


def microscaling(folder):
    """Blocks of 32 f4 or f8 numbers with an f8e8m0 scale, as OCP's MX formats have them."""
    generator = np.random.default_rng(8)
    inputs, nodes, outputs, wanted, weights = {}, [], {}, {}, {}
    x = (generator.standard_normal((3, 70)) * 5).astype(np.float32)
    inputs["x"] = x
    scales = generator.integers(120, 134, (3, 3)).astype(np.uint8).view(ml_dtypes.float8_e8m0fnu)
    weights["scales"] = scales
    wide = np.repeat(scales.astype(np.float32), 32, axis=1)[:, :70]
    blocks = {"axis": 1, "block_size": 32}
    for kind in ("FLOAT4E2M1", "FLOAT8E4M3FN", "FLOAT8E5M2"):
        number, dtype = getattr(TensorProto, kind), TYPES[kind]
        nodes.append(helper.make_node("QuantizeLinear", ["x", "scales"], [kind + "_q"], output_dtype=number, **blocks))
        nodes.append(helper.make_node("DequantizeLinear", [kind + "_q", "scales"], [kind], **blocks,
                                      output_dtype=TensorProto.FLOAT))
        outputs[kind] = TensorProto.FLOAT, x.shape
        codes = reference_codes(x / wide, kind, True).view(dtype)
        wanted[kind] = codes.astype(np.float32) * wide
    save(folder, nodes, inputs, outputs, weights)
    found = execute(folder, ahead=True)
    for name, value in wanted.items():
        yield differs(name, found[f"{name}.npy"], value)


def main(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    problems = []
    for check in (casts_to, casts_from, movement, quantizations, microscaling):
        folder = pathlib.Path(scratch, check.__name__)
        folder.mkdir(parents=True)
        problems += filter(None, check(folder))
    return "\n".join(problems) or None


if __name__ == "__main__":
    call_main(main, __doc__)
