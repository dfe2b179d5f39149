#!/usr/bin/env python3
"""Every op that the importer knows, with each of its sizes 0 in turn.

usage: zero_sizes.py

A case's operands are written by their dims: "nchw" is a tensor whose dims are named so, "oc33" one with two dims of 3.
Each letter becomes 0 in turn, and the results must be those of ONNX Runtime or of ONNX's own reference. Where neither
computes them (many refuse what is empty) they must have the shape that inference gives, or be refused with a message.
All of it three times: with one operand an input, with all of them inputs, and with all constant.
"""
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper

from command import Failed, call_main, file_name, lambent, run, write_inputs
from near import difference
from reference import NoReference, evaluate, make_model

SIZES = dict(b=2, c=4, d=5, h=4, i=3, j=2, k=3, m=2, n=2, o=4, p=1, s=3, t=4, w=6)
F32, F16, I32, I64, U8, BOOL = (np.dtype(t) for t in ("f4", "f2", "i4", "i8", "u1", "?"))


def ints(*values):
    return np.array(values, np.int64)


def elementwise():
    unary = ("Abs Neg Sign Exp Log Sqrt Erf Tanh Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Ceil Floor Round "
             "Reciprocal Relu Sigmoid Softplus Softsign Mish HardSwish HardSigmoid LeakyRelu Elu Selu Celu ThresholdedRelu "
             "Gelu IsNaN IsInf Identity Dropout Shrink").split()
    for op in unary:
        yield op, ["id"]
    yield "Swish", ["id"], {}, 24
    for op in "Add Sub Mul Div Pow Equal Less Greater LessOrEqual GreaterOrEqual PRelu".split():
        yield op, ["mid", "d"]
        yield op, ["id", "pd"]
    for op in "Max Min Sum Mean".split():
        yield op, ["mid", "id", "d"]
        yield op, ["id"]
    for op in "And Or Xor".split():
        yield op, ["id?", "d?"]
    yield "Not", ["id?"]
    for op in "BitwiseAnd BitwiseOr BitwiseXor".split():
        yield op, ["id/i4", "d/i4"]
    for op in "Div Mod".split():
        yield op, ["id/i4", "d/i4+"]  # a constant divisor of 0 is refused
    yield "BitwiseNot", ["id/i4"]
    yield "BitShift", ["id/u1", "d/u1"], dict(direction="LEFT")
    yield "Where", ["id?", "mid", "d"]
    yield "Clip", ["id", np.float32(-1), np.float32(1)]
    yield "Clip", ["id"], dict(min=-1.0, max=1.0), 6
    yield "Cast", ["id"], dict(to=onnx.TensorProto.INT64)
    yield "CastLike", ["id", "m/i4"]


def movement():
    yield "Shape", ["mid"]
    yield "Size", ["mid"]
    yield "Reshape", ["mid", lambda s: ints(s["i"], s["m"], s["d"])], dict(allowzero=1)
    yield "Reshape", ["mid", ints(0, -1)]
    yield "Flatten", ["mid"], dict(axis=1)
    yield "Flatten", ["mid"], dict(axis=3)
    yield "Squeeze", ["mpd", ints(1)]
    yield "Squeeze", ["mpd"], dict(axes=[1]), 11
    yield "Unsqueeze", ["md", ints(1, 3)]
    yield "Transpose", ["mid"], dict(perm=[2, 0, 1])
    yield "Concat", ["mid", "mjd"], dict(axis=1)
    yield "Concat", ["i", "j", "i"], dict(axis=0)
    yield "Concat", ["mid", "kid", "mid"], dict(axis=0)
    yield "Split", ["mid", lambda s: ints(s["i"] // 2, s["i"] - s["i"] // 2)], dict(axis=1), 21, 2
    yield "Split", ["mid"], dict(axis=0, num_outputs=2), 21, 2
    yield "Split", ["mid"], dict(axis=0), 11, 2
    yield "Slice", ["mid", ints(1), ints(9), ints(1), ints(2)]
    yield "Slice", ["mid", ints(-1), ints(-9), ints(2), ints(-1)]
    yield "Slice", ["mid"], dict(starts=[0], ends=[1], axes=[1]), 9
    yield "Expand", ["pd", lambda s: ints(s["i"], s["d"])]
    yield "Expand", ["d", lambda s: ints(s["m"], s["i"], s["d"])]
    yield "Tile", ["id", lambda s: ints(s["m"], 2)]
    for mode in ("constant", "edge", "reflect", "wrap"):
        yield "Pad", ["id", ints(1, 0, 0, 2)], dict(mode=mode)
    yield "Pad", ["id", ints(1, 0, 0, 2), np.float32(7)], dict(mode="constant")
    yield "Pad", ["id"], dict(pads=[1, 0, 0, 2], value=2.0), 10
    for mode in ("DCR", "CRD"):
        yield "DepthToSpace", ["nchw"], dict(blocksize=2, mode=mode)
    yield "SpaceToDepth", ["nchw"], dict(blocksize=2)
    yield "Gather", ["mid", "st/i8"], dict(axis=1)
    yield "Gather", ["mid", ints(1)], dict(axis=2)
    yield "GatherElements", ["id", "kd/i8"], dict(axis=0)
    yield "GatherND", ["mid", "st2/i8"]
    yield "GatherND", ["mid", "mt1/i8"], dict(batch_dims=1)
    for reduction in ("none", "add", "max"):
        yield "ScatterND", ["mid", "st1/i8", "stid"], dict(reduction=reduction)
        yield "ScatterND", ["mid/i4", "s3/i8", "s/i4"], dict(reduction=reduction)
        yield "ScatterElements", ["id", "kd/i8", "kd"], dict(axis=0, reduction=reduction)
    yield "Scatter", ["id", "jd/i8", "jd"], dict(axis=0), 9
    yield "TensorScatter", ["bitd", "bisd", "b/i8"], dict(mode="circular"), 24
    yield "TensorScatter", ["bitd", "bisd"], {}, 24
    yield "Range", [np.int64(0), lambda s: np.int64(s["i"]), np.int64(1)]
    yield "Constant", [], dict(value=onnx.numpy_helper.from_array(np.zeros((2, 0), np.float32)))
    yield "ConstantOfShape", [lambda s: ints(s["m"], s["i"])]
    yield "Trilu", ["mid"]
    yield "EyeLike", ["id"]
    yield "Upsample", ["nchw"], dict(scales=[1.0, 1.0, 2.0, 2.0]), 8
    yield "Upsample", ["nchw", np.array([1, 1, 2, 2], F32)], {}, 9
    yield "Resize", ["nchw", np.array([1, 1, 2, 2], F32)], {}, 10
    for mode in ("nearest", "linear", "cubic"):
        yield "Resize", ["nchw", None, np.array([1, 1, 2, 0.5], F32)], dict(mode=mode)
        yield "Resize", ["nchw", None, None, lambda s: ints(s["n"], s["c"], 8, 3)], dict(mode=mode)
    yield "If", [np.array(True)], dict(
        then_branch=helper.make_graph([], "t", [], [helper.make_tensor_value_info("e", 1, [0])],
                                      [onnx.numpy_helper.from_array(np.zeros(0, F32), "e")]),
        else_branch=helper.make_graph([], "e", [], [helper.make_tensor_value_info("f", 1, [1])],
                                      [onnx.numpy_helper.from_array(np.zeros(1, F32), "f")]))


def reductions():
    kinds = "Sum Mean Max Min Prod L1 L2 SumSquare LogSum LogSumExp".split()
    for op in ("Reduce" + kind for kind in kinds):
        yield op, ["mid", ints(1)]
        yield op, ["mid", ints(0, 2)], dict(keepdims=0)
        yield op, ["mid"], dict(keepdims=0)
        yield op, ["d", ints(0)]
        yield op, ["mid/i4", ints(2)]
        yield op, ["mid"], dict(axes=[1]), 11
    for op in ("ReduceMax", "ReduceMin"):
        for dtype in ("u1", "i1", "i8", "f2"):
            yield op, ["id/" + dtype, ints(1)]
    for op in ("ArgMax", "ArgMin"):
        yield op, ["mid"], dict(axis=1)
        yield op, ["mid"], dict(axis=0, keepdims=0, select_last_index=1)
    yield "CumSum", ["mid", np.int64(1)]
    yield "CumSum", ["mid", np.int64(0)], dict(exclusive=1, reverse=1)


def products():
    for dtype in ("f4", "i4"):
        yield "MatMul", [f"mk/{dtype}", f"kd/{dtype}"]
    yield "MatMul", ["bmk", "bkd"]
    yield "MatMul", ["bimk", "kd"]
    yield "MatMul", ["mk", "bkd"]
    yield "MatMul", ["k", "k"]
    yield "MatMul", ["mk", "k"]
    yield "MatMul", ["k", "bkd"]
    for a, b in ((0, 0), (1, 0), (0, 1), (1, 1)):
        yield "Gemm", ["km" if a else "mk", "dk" if b else "kd", "d"], dict(transA=a, transB=b, alpha=0.5, beta=2.0)
    yield "Gemm", ["mk", "kd"]
    yield "Gemm", ["mk", "kd", "mp"]
    for equation in ("ij,jk->ik", "bij,bjk->bik", "ij->", "ii->i", "bhid,bhjd->bhij", "ij,jk,kd->id", "i,j->ij", "...i,...i->..."):
        terms = equation.split("->")[0].replace("...", "b").split(",")
        yield "Einsum", terms, dict(equation=equation)


def windows():
    for pads in ([0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]):
        yield "Conv", ["nchw", "oc33", "o"], dict(pads=pads)
    yield "Conv", ["nchw", "oc33"]
    yield "Conv", ["nchw", "oc11", "o"]
    yield "Conv", ["nchw", "oc33", "o"], dict(auto_pad="SAME_UPPER", strides=[2, 2])
    yield "Conv", ["nchw", "oc22", "o"], dict(dilations=[2, 2], pads=[0, 1, 0, 1])
    yield "Conv", ["nchw", "op33", "o"], lambda s: dict(group=max(s["c"], 1))
    yield "Conv", ["ncw", "oc3", "o"], dict(pads=[1, 1])
    yield "Conv", ["ncshw", "oc222", "o"], dict(pads=[1] * 6)
    yield "ConvTranspose", ["nchw", "co33", "o"]
    yield "ConvTranspose", ["nchw", "co33"], dict(strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    yield "ConvTranspose", ["nchw", "co22", "o"], dict(strides=[2, 2])
    yield "ConvTranspose", ["nchw", "cp33"], lambda s: dict(group=max(s["c"], 1), strides=[2, 2])
    yield "ConvTranspose", ["nchw", "co33", "o"], dict(auto_pad="SAME_UPPER", strides=[2, 2])
    yield "ConvTranspose", ["ncw", "co3", "o"], dict(dilations=[2])
    for op in ("MaxPool", "AveragePool", "LpPool"):
        yield op, ["nchw"], dict(kernel_shape=[2, 2])
        yield op, ["nchw"], dict(kernel_shape=[3, 3], pads=[2, 2, 2, 2], strides=[2, 2])
        yield op, ["nchw"], dict(kernel_shape=[3, 3], auto_pad="SAME_UPPER")
        yield op, ["ncw"], dict(kernel_shape=[2])
        yield "Global" + op, ["nchw"]
    yield "AveragePool", ["nchw"], dict(kernel_shape=[3, 3], pads=[2, 2, 2, 2], count_include_pad=1)
    yield "MaxPool", ["nchw"], dict(kernel_shape=[2, 2]), 21, 2


def norms():
    for op in ("Softmax", "LogSoftmax"):
        for axis in (0, 1, 2):
            yield op, ["mid"], dict(axis=axis)
            yield op, ["mid"], dict(axis=axis), 11
        yield op, ["d"]
    yield "BatchNormalization", ["nchw", "c", "c", "c", "c+"]
    yield "BatchNormalization", ["nchw", "c", "c", "c", "c+"], dict(training_mode=1), 21, 3
    yield "LayerNormalization", ["mid", "d", "d"], dict(axis=-1)
    yield "LayerNormalization", ["mid", "id"], dict(axis=1)
    yield "LayerNormalization", ["mid", "d"], dict(axis=-1), 21, 3
    yield "RMSNormalization", ["mid", "d"], dict(axis=-1), 23
    yield "InstanceNormalization", ["nchw", "c", "c"]
    yield "GroupNormalization", ["nchw", "c", "c"], dict(num_groups=2)
    yield "GroupNormalization", ["nchw", "j", "j"], dict(num_groups=2), 18
    yield "MeanVarianceNormalization", ["nchw"]
    yield "LpNormalization", ["mid"], dict(axis=1)
    yield "LpNormalization", ["mid"], dict(axis=2, p=1)
    yield "LRN", ["nchw"], dict(size=3)


def composites():
    for op in ("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"):
        yield op, ["nch", "nh/i8"], dict(reduction="none")
        yield op, ["nc", "n/i8", "c+"], dict(reduction="sum")
    yield "Attention", ["bhsd", "bhtd", "bhtk"], dict(is_causal=1), 23
    yield "RotaryEmbedding", ["bhsw", "bsk", "bsk"], {}, 23
    yield "OneHot", ["id/i8", np.int64(3), np.array([0, 1], F32)]
    yield "Hardmax", ["mid"], dict(axis=1)
    yield "Hardmax", ["mid"], dict(axis=1), 11
    yield "ReverseSequence", ["tbd", "b/i8"]
    yield "CenterCropPad", ["id", ints(2, 7)]
    yield "Col2Im", ["b8w", ints(3, 4), ints(2, 2)]
    yield "GridSample", ["nchw", "nst2"]
    yield "AffineGrid", ["b23", ints(2, 3, 4, 5)]
    yield "DFT", ["bd1", None, np.int64(1)]
    yield "STFT", ["bt1", np.int64(2), None, np.int64(2)]
    for op in ("HannWindow", "HammingWindow", "BlackmanWindow"):
        yield op, [np.int64(0)]
    yield "MelWeightMatrix", [np.int64(2), np.int64(8), np.int64(8000), np.float32(0), np.float32(4000)]
    yield "Det", ["bkk"]


def quantized():
    scale, zero = np.float32(0.5), np.uint8(4)  # even: the reference of QLinearConv adds it before it rounds ties to even
    yield "QuantizeLinear", ["id", scale, zero]
    yield "QuantizeLinear", ["id", "d+", "d/u1"], dict(axis=1)
    yield "DequantizeLinear", ["id/u1", scale, zero]
    yield "DequantizeLinear", ["id/u1", "d+", "d/u1"], dict(axis=1)
    yield "DynamicQuantizeLinear", ["id"], {}, 21, 3
    yield "MatMulInteger", ["mk/u1", "kd/u1", zero, zero]
    yield "ConvInteger", ["nchw/u1", "oc33/u1", zero]
    yield "QLinearMatMul", ["mk/u1", scale, zero, "kd/u1", scale, zero, scale, zero]
    yield "QLinearConv", ["nchw/u1", scale, zero, "oc33/u1", scale, zero, scale, zero, "o/i4"]


def sequences():
    for op, rows, outputs in (("RNN", 2, 2), ("GRU", 6, 2), ("LSTM", 8, 3)):
        yield op, ["tbd", f"1{rows}d", f"1{rows}2"], dict(hidden_size=2), 21, outputs
    yield "TopK", ["mid", lambda s: ints(min(1, s["i"]))], dict(axis=1), 21, 2


def selections():
    for kind in ("", "/i8", "?"):
        yield "NonZero", ["mid" + kind]
    yield "Compress", ["mid", "i?"], dict(axis=1)
    yield "Compress", ["mid", "k?"]
    yield "Unique", ["mi/i8"], {}, 21, 4
    yield "Unique", ["mid/i8"], dict(axis=1), 21, 4
    yield "NonMaxSuppression", ["bi4", "bmi", np.int64(2), np.float32(0.5), np.float32(0.1)]
    yield "NonMaxSuppression", ["bi4", "bmi", ints(3)], dict(center_point_box=1)


FAMILIES = elementwise, movement, reductions, products, windows, norms, composites, quantized, sequences, selections


class Case:
    """One node with one size 0."""

    def __init__(self, index, op, operands, attributes=None, opset=21, outputs=1, zero=""):
        self.name, self.opset = f"{op}_{index}", opset
        sizes = {**SIZES, zero: 0}
        rng = np.random.default_rng(index)
        attributes = attributes(sizes) if callable(attributes) else attributes or {}
        names = [None if operand is None else f"{self.name}_x{i}" for i, operand in enumerate(operands)]
        self.arrays = {name: tensor(operand, sizes, rng) for name, operand in zip(names, operands) if name}
        self.tensors = [name for name, operand in zip(names, operands) if isinstance(operand, str)]
        self.node = helper.make_node(op, [name or "" for name in names], [f"{self.name}_y{i}" for i in range(outputs)],
                                     name=self.name, **attributes)
        self.title = f"{op} of {[list(array.shape) for array in self.arrays.values()]} {attributes or ''} opset {opset}"
        # ONNX Runtime refuses windows of padding only, and the maximum of none is no number of the reference.
        if op == "MaxPool" and 0 in next(iter(self.arrays.values())).shape[2:]:
            self.expected = None
            return
        try:
            self.expected = dict(zip(self.node.output, evaluate(self.node, self.arrays, opset)))
        except NoReference:
            self.expected = None

    def inferred_shapes(self):
        model = make_model([self.node], self.arrays, dict.fromkeys(self.node.output), opset=self.opset)
        try:
            graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
        except onnx.shape_inference.InferenceError:
            return {}
        return {value.name: [d.dim_value if d.HasField("dim_value") else -1 for d in value.type.tensor_type.shape.dim]
                for value in graph.output if value.type.tensor_type.HasField("shape")}


def tensor(operand, sizes, rng):
    if not isinstance(operand, str):
        return np.asarray(operand(sizes) if callable(operand) else operand)
    dims, _, kind = operand.rstrip("?+").partition("/")
    shape, dtype = [sizes[dim] if dim in sizes else int(dim) for dim in dims], BOOL if "?" in operand else np.dtype(kind or F32)
    if dtype == BOOL:
        return rng.random(shape) < 0.5
    if dtype.kind == "f":
        return (rng.random(shape) * 2 - (0 if "+" in operand else 1)).astype(dtype)
    return rng.integers(1 if "+" in operand else 0, 3, shape).astype(dtype)


def all_cases():
    index = 0
    for family in FAMILIES:
        for row in family():
            letters = {c for operand in row[1] if isinstance(operand, str) for c in operand.partition("/")[0] if c in SIZES}
            for zero in sorted(letters or "im"):
                yield Case(index, *row, zero=zero)
                index += 1


def execute(cases, inputs_of, folder):
    """Runs one model of all cases; yields a line for each result that is wrong."""
    arrays = {name: array for case in cases for name, array in case.arrays.items()}
    inputs = {"unused": np.zeros(1, F32), **{name: arrays[name] for case in cases for name in inputs_of(case)}}
    constants = {name: array for name, array in arrays.items() if name not in inputs}
    outputs = {name: array for case in cases for name, array in case.expected.items()}
    model = make_model([case.node for case in cases], inputs, outputs, constants, cases[0].opset)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", inputs)
    for old in (folder / "out").glob("*"):
        old.unlink()
    found = run(folder / "model.onnx", folder / "in", folder / "out")
    for case in cases:
        for name, array in case.expected.items():
            why = difference(array, found[file_name(name)], 1e-4, 1e-5) if file_name(name) in found else "no such file"
            if why:
                yield f"{case.title}: {why}"


def examine(cases, inputs_of, folder):
    """The same; where the model fails, each case by itself."""
    try:
        return list(execute(cases, inputs_of, folder))
    except Failed as failed:
        if len(cases) == 1:
            return [f"{cases[0].title}: {failed}"]
    half = len(cases) // 2
    return examine(cases[:half], inputs_of, folder) + examine(cases[half:], inputs_of, folder)


def examine_undefined(case, folder):
    """A case that no reference computes: the inferred shape, or an error with a message."""
    shapes = case.inferred_shapes()
    model = make_model([case.node], case.arrays, dict.fromkeys(case.node.output), opset=case.opset)
    onnx.save(model, folder / "model.onnx")
    write_inputs(folder / "in", case.arrays)
    for refused in (0, 1, 3):
        try:
            found = run(folder / "model.onnx", folder / "in", folder / f"undefined-{case.name}", expect=refused)
        except Failed as failed:
            reason = str(failed)
            continue
        if refused:
            return []
        return [f"{case.title}: {list(found[file_name(name)].shape)}, expected {shape}" for name, shape in shapes.items()
                if -1 not in shape and list(found[file_name(name)].shape) != shape]
    return [f"{case.title}: {reason}"]


def compile_no_work(folder):
    """A model of one op on nothing has no kernels, no arena and no weights; it runs ahead of time all the same."""
    case = Case(0, "Relu", ["id"], zero="i")
    onnx.save(make_model([case.node], case.arrays, case.expected), folder / "model.onnx")
    write_inputs(folder / "in", case.arrays)
    for form, file in (("library", "model.so"), ("bundle", "bundle.o")):
        lambent("compile", folder / "model.onnx", "-o", folder / file, f"--emit={form}")
        found = run(folder / file, folder / "in", folder / form)
        if [value.shape for value in found.values()] != [(0, SIZES["d"])]:
            return [f"a model of no work as a {form}: {found}"]
    return []


# Ops on bodies, lists, random numbers and regions of images have tests of their own: control_flow.py, sequences.py,
# drawn.py and regions.py.
ELSEWHERE = set("""Loop Scan SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap
    ConcatFromSequence SplitToSequence Optional OptionalHasElement OptionalGetElement Bernoulli Multinomial RandomNormal
    RandomNormalLike RandomUniform RandomUniformLike DeformConv MaxRoiPool MaxUnpool RoiAlign""".split())


def unknown_to_table(folder):
    """Ops that the importer takes but the table lacks."""
    table = {row[0] for family in FAMILIES for row in family()} | ELSEWHERE
    others = sorted({schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""} - table)
    nodes = [helper.make_node(op, ["x"], [f"y{i}"], name=op) for i, op in enumerate(others)]
    onnx.save(make_model(nodes, {"x": np.zeros(1, F32)}, {f"y{i}": None for i in range(len(others))}, opset=23),
              folder / "model.onnx")
    told = lambent("check", folder / "model.onnx", expect=3)
    return [f"{op} is imported, but not in the table" for op in others if f"{op} (opset" not in told]


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder, cases = pathlib.Path(scratch), list(all_cases())
        problems = unknown_to_table(folder) + compile_no_work(folder)
        defined = [case for case in cases if case.expected is not None]
        for inputs_of in (lambda case: case.tensors[:1], lambda case: case.tensors, lambda case: []):
            for opset in sorted({case.opset for case in defined}):
                same = [case for case in defined if case.opset == opset]
                for first in range(0, len(same), 64):
                    problems += examine(same[first:first + 64], inputs_of, folder)
        for case in cases:
            if case.expected is None:
                problems += examine_undefined(case, folder)
    print("\n".join(problems))
    print(f"{len(cases)} cases, {len(cases) - len(defined)} without a reference, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    call_main(main, __doc__)
