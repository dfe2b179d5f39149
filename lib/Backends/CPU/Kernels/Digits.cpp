//===- Digits.cpp - f32 as digits of 8 bits -------------------------------===//

#include "Digits.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Multiples are below 2^kMagnitude: times a code of 4 bits, 32 of them make
/// sums below 2^30.
static constexpr int64_t kMagnitude = 22;
static constexpr int64_t kMantissa = 23, kBias = 127;

Value Digits::getMagnitudes(KernelBuilder &builder, Value numbers) {
  VectorType integers = builder.vectorType(builder.getI32Type(), lanes);
  return builder.create<arith::AndIOp>(
      builder.create<vector::BitCastOp>(integers, numbers),
      builder.constant(integers, double(0x7fffffff)));
}

Digits::Digits(KernelBuilder &builder, Value bound) : builder(builder) {
  auto asFloat = [&](Value exponent) -> Value {
    return builder.create<arith::BitcastOp>(
        builder.getF32Type(),
        builder.create<arith::ShLIOp>(exponent, number(kMantissa)));
  };
  Value isZero =
      builder.create<arith::CmpIOp>(arith::CmpIPredicate::eq, bound, number(0));
  Value exponent = builder.create<arith::SelectOp>(
      isZero, number(kBias),
      builder.create<arith::ShRUIOp>(bound, number(kMantissa)));
  // Numbers are below 2^(exponent - 126).
  constexpr int64_t shift = kMagnitude + kBias - 1;
  up = builder.broadcast(
      asFloat(builder.create<arith::SubIOp>(number(shift + kBias), exponent)),
      lanes);
  scale =
      asFloat(builder.create<arith::SubIOp>(exponent, number(shift - kBias)));
  // Both scales are normal numbers.
  Value isUsable = builder.create<arith::CmpIOp>(
      arith::CmpIPredicate::ult,
      builder.create<arith::SubIOp>(exponent, number(shift - kBias + 1)),
      number(255 - (shift - kBias + 1)));
  flaw = builder.create<arith::SelectOp>(isUsable, number(0), number(1));
}

Value Digits::getMultiples(Value numbers) const {
  VectorType integers = builder.vectorType(builder.getI32Type(), lanes),
             floats = builder.vectorType(builder.getF32Type(), lanes);
  // With 1.5 * 2^23 added, floats end at the ones, rounded to even.
  constexpr int64_t ones = 3 << (kMantissa - 1);
  Value shifted = builder.create<vector::BitCastOp>(
      integers,
      builder.fma(numbers, up, builder.constant(floats, double(ones))));
  return builder.create<arith::SubIOp>(
      shifted,
      builder.constant(integers, double(((kMantissa + kBias) << kMantissa) +
                                        (1 << (kMantissa - 1)))));
}

Value Digits::split(Value multiples) const {
  // Bytes count from -128, so that a carry comes from each into the next.
  Value middle = builder.constant(multiples.getType(), double(0x808080));
  return builder.create<arith::XOrIOp>(
      builder.create<arith::AddIOp>(multiples, middle), middle);
}

Value Digits::arrange(Value digits, ArrayRef<int64_t> order) const {
  if (!order.empty())
    digits = builder.create<vector::ShuffleOp>(digits, digits, order);
  SmallVector<int64_t> bytes;
  for (int64_t i = 0; i < 4 * lanes; ++i)
    bytes.push_back(i / 16 * 16 + i % 4 * 4 + i % 16 / 4);
  Value narrow = builder.create<vector::BitCastOp>(
      builder.vectorType(builder.getI8Type(), 4 * lanes), digits);
  return builder.create<vector::ShuffleOp>(narrow, narrow, bytes);
}
