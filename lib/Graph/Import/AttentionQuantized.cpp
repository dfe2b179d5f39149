//===- AttentionQuantized.cpp - com.microsoft's QAttention ----------------===//
//
// The product of the input with the weights is one of integers, whose sums are
// exact; what follows is computed in floats.
//
//===----------------------------------------------------------------------===//

#include "AttentionContrib.h"
#include "Elementwise.h"
#include "QuantizedProduct.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

LogicalResult importQuantizedAttention(Node &node) {
  Value x = node.input(0, "input", IntegerKind),
        weights = node.input(1, "weight", IntegerKind),
        bias = node.input(2, "bias", FloatKind),
        scaleX = node.input(3, "input_scale", FloatKind),
        scaleW = node.input(4, "weight_scale", FloatKind);
  PackedAttention packed;
  packed.mask = node.optionalInput(5, "mask_index", IntegerKind);
  Value zeroX = node.optionalInput(6, "input_zero_point", IntegerKind),
        zeroW = node.optionalInput(7, "weight_zero_point", IntegerKind);
  packed.past = node.optionalInput(8, "past", FloatKind);
  if (!checkSameType(node, {bias, scaleX, scaleW}) ||
      failed(checkPacked(node, x, weights)))
    return failure();
  Value sums =
      node.create<MatmulOp>(centerRows(node, x, zeroX),
                            centerColumns(node, weights, zeroW), false, false);
  Type type = getType(bias).getElementType();
  packed.product = node.map(
      {sums, alignVector(node, scaleX, 0), alignVector(node, scaleW, 0), bias},
      type, [&](Scalar &s, ArrayRef<Value> args) {
        Value scale = s.mul(args[1], args[2]);
        Value number = s.convert(args[0], scale.getType(), false, false);
        return s.add(s.mul(number, scale), args[3]);
      });
  if (node.hasFailed())
    return failure();
  return attendPacked(node, packed);
}

} // namespace

void addQuantizedAttentionRows(OpTable &table) {
  table.add("com.microsoft.QAttention", 1, importQuantizedAttention);
}

} // namespace lambent::graph
