#!/usr/bin/env python3
"""Makes a model of small kernels of all families and element types, for tests of the code itself.

usage: kernel_spread.py MODEL.onnx
"""
import sys

import numpy as np
import onnx.parser
from onnx import numpy_helper

# Sizes leave tails in vectors of any width.
TEXT = """
<ir_version: 9, opset_import: ["" : 20]>
agraph (float[1, 3, 20, 20] image, float[37, 48] a, float[48, 40] b, float16[37, 48] ha, float16[48, 40] hb,
        float16[1, 4, 12, 12] hi, bfloat16[37, 41] ba, int8[3, 67] sa, int8[3, 67] sb, uint8[3, 67] ua, uint8[3, 67] ub,
        int64[3, 67] la, int64[3, 67] lb, int32[3, 67] ia, int32[3, 67] ib, uint32[3, 67] wa, bool[3, 67] pa,
        bool[3, 67] pb, int64[5] at, double[5, 33] da, float[2, 3, 16, 8] q, float[2, 3, 16, 8] k,
        float[16, 3, 3, 3] filter, float[16, 1, 3, 3] channel_filter, float16[8, 4, 3, 3] half_filter, float[40] gamma,
        float[40] beta, bfloat16[41, 1] bc, bfloat16[1, 5] br, bfloat16[1, 1, 12, 12] bi, bfloat16[1, 1, 1, 1] bf,
        bfloat16[16, 1, 3, 3] narrow_filter, bfloat16[1, 16, 9, 9] bm, bfloat16[3] be, float[70, 250] many,
        float[250, 270] many_weights)
     => (float conv, float depthwise, float up, float nearest, float product, float softmax, float log_softmax,
         float rows, float tanh, float erf, float pow, int64 arg, float sum, float cumulated, float pool, float average,
         float norm, float transposed, bool nan, float floor, float round, float scores,
         float16 half_exp, float16 half_product, float16 half_conv, float16 half_softmax, float half_cast,
         bfloat16 narrow_exp, float narrow_cast, bfloat16 narrow_pow, bfloat16 narrow_product, bfloat16 narrow_conv,
         bfloat16 narrow_depthwise, bfloat16 narrow_sum, bfloat16 narrow_softmax, bfloat16 narrow_largest,
         double squares, double double_sum,
         int8 mul8, int8 div8, int8 max8, uint8 mul_u8, uint8 left_u8, uint8 right_u8, uint8 transposed_u8, uint8 and_u8,
         int64 mul64, int64 div64, int64 mod64, float cast64, int64 back64, int64 arg64, int32 mul32, int32 abs32,
         int32 div32, uint32 left_u32, bool both, bool neither, int64 chosen, bool less, float cast_bool, int8 cast8,
         uint8 cast_u8, float many_product)
<float[4] scales = {1, 1, 2, 2}, int64[1] last = {1}, int64 axis = {1}, float exponent = {0.37}>
{
  conv = Conv(image, filter)
  depthwise = Conv<group = 16, pads = [1, 1, 1, 1]>(conv, channel_filter)
  up = Resize<mode = "linear">(depthwise, , scales)
  nearest = Resize<mode = "nearest">(depthwise, , scales)
  product = MatMul(a, b)
  many_product = MatMul(many, many_weights)
  softmax = Softmax<axis = 1>(product)
  log_softmax = LogSoftmax<axis = 0>(product)
  rows = Gather<axis = 0>(product, at)
  tanh = Tanh(product)
  erf = Erf(product)
  pow = Pow(softmax, exponent)
  arg = ArgMax<axis = 1, keepdims = 0>(product)
  sum = ReduceSum<keepdims = 0>(product, last)
  cumulated = CumSum(product, axis)
  pool = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(conv)
  average = GlobalAveragePool(conv)
  norm = LayerNormalization<axis = 1>(product, gamma, beta)
  transposed = Transpose<perm = [1, 0]>(product)
  nan = IsNaN(product)
  floor = Floor(product)
  round = Round(product)
  kt = Transpose<perm = [0, 1, 3, 2]>(k)
  scores = MatMul(q, kt)
  half_exp = Exp(ha)
  half_product = MatMul(ha, hb)
  half_conv = Conv(hi, half_filter)
  half_softmax = Softmax<axis = 1>(ha)
  half_cast = Cast<to = 1>(ha)
  narrow_exp = Exp(ba)
  narrow_cast = Cast<to = 1>(ba)
  narrow_pow = Pow(be, be)
  narrow_product = MatMul(bc, br)
  narrow_conv = Conv(bi, bf)
  narrow_depthwise = Conv<group = 16, pads = [1, 1, 1, 1]>(bm, narrow_filter)
  narrow_sum = CumSum(ba, axis)
  narrow_softmax = Softmax<axis = 0>(ba)
  narrow_largest = Max(ba, ba)
  squares = Mul(da, da)
  double_sum = ReduceSum<keepdims = 0>(da, last)
  mul8 = Mul(sa, sb)
  div8 = Div(sa, sb)
  max8 = ReduceMax<keepdims = 0>(sa, last)
  mul_u8 = Mul(ua, ub)
  left_u8 = BitShift<direction = "LEFT">(ua, ub)
  right_u8 = BitShift<direction = "RIGHT">(ua, ub)
  transposed_u8 = Transpose<perm = [1, 0]>(ua)
  and_u8 = BitwiseAnd(ua, ub)
  mul64 = Mul(la, lb)
  div64 = Div(la, lb)
  mod64 = Mod(la, lb)
  cast64 = Cast<to = 1>(la)
  back64 = Cast<to = 7>(cast64)
  arg64 = ArgMax<axis = 0, keepdims = 0>(la)
  mul32 = Mul(ia, ib)
  abs32 = Abs(ia)
  div32 = Div(ia, ib)
  left_u32 = BitShift<direction = "LEFT">(wa, wa)
  both = And(pa, pb)
  neither = Not(pa)
  chosen = Where(pa, la, lb)
  less = Less(la, lb)
  cast_bool = Cast<to = 1>(pa)
  cast8 = Cast<to = 3>(cast64)
  cast_u8 = Cast<to = 2>(cast64)
}
"""
WEIGHTS = ("filter", "channel_filter", "half_filter", "gamma", "beta", "many_weights")


def spread():
    model, rng = onnx.parser.parse_model(TEXT), np.random.default_rng(7)
    for value in [value for value in model.graph.input if value.name in WEIGHTS]:
        kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        model.graph.initializer.append(numpy_helper.from_array(rng.standard_normal(shape).astype(kind), value.name))
        model.graph.input.remove(value)
    for value in model.graph.output:  # left to shape inference
        value.type.tensor_type.ClearField("shape")
    return model


if __name__ == "__main__":
    onnx.save(spread(), sys.argv[1])
