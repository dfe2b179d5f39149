//===- QuantizedProduct.cpp - Products and convolutions of integers -------===//
//
// Zero points are subtracted first, so that padding with zeros pads with the
// zero point. Sums are exact: they are i32, and wrap as ONNX's do.
//
//===----------------------------------------------------------------------===//

#include "QuantizedProduct.h"
#include "Conv.h"
#include "Matmul.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value centerRows(Node &node, Value a, Value zeroPoint) {
  return center(node, a, alignVector(node, zeroPoint, 1));
}

Value centerColumns(Node &node, Value b, Value zeroPoint) {
  return center(node, b, alignVector(node, zeroPoint, 0));
}

Value requantize(Node &node, Value sums, ArrayRef<Value> scales,
                 Quantization to, Type elementType, double factor) {
  if (!sums || is_contained(scales, Value()) || !to.scale || !elementType ||
      node.hasFailed()) {
    (void)node.abandon();
    return {};
  }
  SmallVector<Value> operands{sums, to.scale};
  operands.append(scales.begin(), scales.end());
  if (to.zeroPoint)
    operands.push_back(to.zeroPoint);
  Type f32 = Float32Type::get(node.getContext());
  return node.map(operands, elementType, [&](Scalar &s, ArrayRef<Value> args) {
    ArrayRef<Value> factors = args.slice(2, scales.size());
    Value multiplier = factors.front();
    for (Value scale : factors.drop_front())
      multiplier = s.mul(multiplier, scale);
    if (factor != 1)
      multiplier = s.mul(multiplier, s.number(multiplier, factor));
    multiplier = s.div(multiplier, args[1]);
    Value number = s.mul(s.convert(args[0], f32, false, false), multiplier);
    return quantizeScalar(s, number, to.zeroPoint ? args.back() : Value(),
                          elementType);
  });
}

/// The result's type: the zero point's, else the first operand's.
static Type getResultType(Value zeroPoint, Value x) {
  return zeroPoint || x ? getType(zeroPoint ? zeroPoint : x).getElementType()
                        : Type();
}

namespace {

LogicalResult importMatMulInteger(Node &node) {
  Value a = node.input(0, "A", IntegerKind),
        b = node.input(1, "B", IntegerKind);
  Value zeroA = node.optionalInput(2, "a_zero_point", IntegerKind),
        zeroB = node.optionalInput(3, "b_zero_point", IntegerKind);
  return node.result(createMatmul(node, centerRows(node, a, zeroA),
                                  centerColumns(node, b, zeroB)));
}

LogicalResult importQLinearMatMul(Node &node) {
  Value a = node.input(0, "a", IntegerKind),
        b = node.input(3, "b", IntegerKind);
  Quantization forA = readQuantization(node, 1, "a"),
               forB = readQuantization(node, 4, "b"),
               forY = readQuantization(node, 6, "y");
  Value sums = createMatmul(node, centerRows(node, a, forA.zeroPoint),
                            centerColumns(node, b, forB.zeroPoint));
  forY = {alignVector(node, forY.scale, 1),
          alignVector(node, forY.zeroPoint, 1)};
  return node.result(requantize(
      node, sums,
      {alignVector(node, forA.scale, 1), alignVector(node, forB.scale, 0)},
      forY, getResultType(forY.zeroPoint, a)));
}

/// A parameter of the filter's output channels, for the filter.
Value alignToFilter(Node &node, Value parameter, Value filter) {
  return parameter && filter
             ? alignVector(node, parameter, getType(filter).getRank() - 1)
             : parameter;
}

LogicalResult importConvInteger(Node &node) {
  Value x = node.input(0, "x", IntegerKind),
        w = node.input(1, "w", IntegerKind);
  Value zeroX = node.optionalInput(2, "x_zero_point", IntegerKind),
        zeroW = node.optionalInput(3, "w_zero_point", IntegerKind);
  return node.result(
      createConv(node, center(node, x, alignVector(node, zeroX, 0)),
                 center(node, w, alignToFilter(node, zeroW, w)), {}));
}

LogicalResult importQLinearConv(Node &node) {
  Value x = node.input(0, "x", IntegerKind),
        w = node.input(3, "w", IntegerKind);
  Quantization forX = readQuantization(node, 1, "x"),
               forW = readQuantization(node, 4, "w"),
               forY = readQuantization(node, 6, "y");
  Value bias = node.optionalInput(8, "B", SignedKind);
  if (node.hasFailed())
    return failure();
  Value sums =
      createConv(node, center(node, x, alignVector(node, forX.zeroPoint, 0)),
                 center(node, w, alignToFilter(node, forW.zeroPoint, w)), bias);
  forY = {alignVector(node, forY.scale, 0),
          alignVector(node, forY.zeroPoint, 0)};
  // Of an image [N, C, spatial...] the channel's is dim 1.
  Value scaleW = alignVector(node, forW.scale, getType(w).getRank() - 2);
  return node.result(requantize(node, sums,
                                {alignVector(node, forX.scale, 0), scaleW},
                                forY, getResultType(forY.zeroPoint, x)));
}

/// The sums of products as floats, plus a bias.
Value scaleSums(Node &node, Value sums, Value scaleA, Value scaleB,
                Value bias) {
  SmallVector<Value> operands{sums, alignVector(node, scaleA, 1),
                              alignVector(node, scaleB, 0)};
  if (!scaleA || !sums)
    return {};
  if (bias)
    operands.push_back(bias);
  Type type = getType(scaleA).getElementType(),
       f32 = Float32Type::get(node.getContext());
  return node.map(operands, type, [&](Scalar &s, ArrayRef<Value> args) {
    Value number =
        s.mul(s.convert(args[0], f32, false, false), s.mul(args[1], args[2]));
    return bias ? s.add(number, args[3]) : number;
  });
}

LogicalResult importMatMulIntegerToFloat(Node &node) {
  Value a = node.input(0, "A", IntegerKind),
        b = node.input(1, "B", IntegerKind);
  Value scaleA = node.input(2, "a_scale", FloatKind),
        scaleB = node.input(3, "b_scale", FloatKind);
  Value zeroA = node.optionalInput(4, "a_zero_point", IntegerKind),
        zeroB = node.optionalInput(5, "b_zero_point", IntegerKind);
  Value bias = node.optionalInput(6, "bias", FloatKind);
  Value sums = createMatmul(node, centerRows(node, a, zeroA),
                            centerColumns(node, b, zeroB));
  return node.result(scaleSums(node, sums, scaleA, scaleB, bias));
}

LogicalResult importDynamicQuantizeMatMul(Node &node) {
  Value a = node.input(0, "A", FloatKind), b = node.input(1, "B", IntegerKind),
        scaleB = node.input(2, "b_scale", FloatKind),
        zeroB = node.optionalInput(3, "b_zero_point", IntegerKind),
        bias = node.optionalInput(4, "bias", FloatKind);
  DynamicQuantization forA = quantizeDynamically(node, a);
  Value sums =
      createMatmul(node, center(node, forA.elements, forA.parameters.zeroPoint),
                   centerColumns(node, b, zeroB));
  return node.result(
      scaleSums(node, sums, forA.parameters.scale, scaleB, bias));
}

/// alpha * A' * B' + C, whose scale is alpha times those of A and B; with a
/// scale of its own y is quantized, else float.
LogicalResult importQGemm(Node &node) {
  Value a = node.input(0, "A", IntegerKind),
        b = node.input(3, "B", IntegerKind);
  Quantization forA = readQuantization(node, 1, "a"),
               forB = readQuantization(node, 4, "b");
  Value c = node.optionalInput(6, "C", SignedKind);
  Quantization forY = readQuantization(node, 7, "y", /*optional=*/true);
  float alpha = node.getFloat("alpha", 1);
  bool transposeA = node.getBool("transA", false),
       transposeB = node.getBool("transB", false);
  if (node.hasFailed())
    return failure();
  // One per column of the product, which are the rows of a transposed B.
  Value zeroB = alignVector(node, forB.zeroPoint, transposeB ? 1 : 0),
        scaleB = alignVector(node, forB.scale, 0);
  Value sums = node.create<MatmulOp>(
      center(node, a, alignVector(node, forA.zeroPoint, 0)),
      center(node, b, zeroB), transposeA, transposeB);
  if (c)
    sums = node.map({sums, c}, IntegerType::get(node.getContext(), 32),
                    [](Scalar &s, ArrayRef<Value> args) {
                      return s.add(args[0], args[1]);
                    });
  Value scaleA = alignVector(node, forA.scale, 0);
  if (forY.scale)
    return node.result(requantize(node, sums, {scaleA, scaleB},
                                  {alignVector(node, forY.scale, 0),
                                   alignVector(node, forY.zeroPoint, 0)},
                                  getResultType(forY.zeroPoint, a), alpha));
  Value result = scaleSums(node, sums, scaleA, scaleB, {});
  if (alpha != 1)
    result = node.map(result, [&](Scalar &s, Value value) {
      return s.mul(value, s.number(value, alpha));
    });
  return node.result(result);
}

} // namespace

void addQuantizedProductRows(OpTable &table) {
  table.add("MatMulInteger", 10, importMatMulInteger);
  table.add("QLinearMatMul", 10, importQLinearMatMul);
  table.add("ConvInteger", 10, importConvInteger);
  table.add("QLinearConv", 10, importQLinearConv);
  table.add("com.microsoft.MatMulIntegerToFloat", 1,
            importMatMulIntegerToFloat);
  table.add("com.microsoft.DynamicQuantizeMatMul", 1,
            importDynamicQuantizeMatMul);
  table.add("com.microsoft.QGemm", 1, importQGemm);
}

} // namespace lambent::graph
