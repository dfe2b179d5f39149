"""Every op that the importer knows, with small operands of every form.

A case is (op, operands, attributes, opset, outputs). Operands are written by their dims: "nchw" is a tensor whose dims
are named so, "oc33" one with two dims of 3; "/i8" says its type, "?" that it is of bools, "+" that its elements are
positive. What is no text is a constant, or makes one of the sizes.
"""
import numpy as np
import onnx
from onnx import helper

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
