//===- SparseWord.cpp - What products of few weights multiply -------------===//

#include "SparseWord.h"
#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

SparseWord SparseWord::find(Type element, const TargetInfo &target) {
  if (!element.isInteger(8))
    return {element, element, 1};
  return {element, IntegerType::get(element.getContext(), 32),
          target.hasVNNI ? 4 : 2};
}

std::string SparseWord::explainRefusal(Type element, Type accumulator,
                                       const TargetInfo &target) {
  if (element.isF32() && accumulator.isF32())
    return "";
  if (!element.isInteger(8) || !accumulator.isInteger(32))
    return "the operands are neither f32 nor bytes with sums of i32";
  return target.isX86 ? "" : "the CPU does not add up products of bytes";
}

Value SparseWord::load(KernelBuilder &builder, int64_t lanes, Value place,
                       Value count) const {
  Value values = builder.loadVector(element, lanes * channels, place,
                                    builder.i64(0), count);
  if (!areBytes())
    return values;
  // Two are widened.
  if (channels == 2)
    values = builder.create<arith::ExtUIOp>(
        builder.vectorType(builder.getIntegerType(16), lanes * channels),
        values);
  return builder.create<vector::BitCastOp>(builder.vectorType(sum, lanes),
                                           values);
}

Value SparseWord::multiplyAdd(KernelBuilder &builder, Value weight, Value value,
                              Value sum) const {
  return areBytes() ? addDwordProducts(builder, channels, value, weight, sum)
                    : builder.fma(weight, value, sum);
}
