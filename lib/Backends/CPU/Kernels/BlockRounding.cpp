//===- BlockRounding.cpp - Numbers as a microscaling format holds them ----===//
//
// With 2^E as the block's power of two, u = |x| / 2^E is normal wherever it
// matters. u + c - c, where c's last place is that of u's element, rounds u to
// the nearest, ties to even. E is put in and taken out as an exponent; numbers
// that are subnormal in f32, where that is no sum, count its smallest steps.
//
//===----------------------------------------------------------------------===//

#include "BlockRounding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {
constexpr int64_t fraction = 23, one = 1 << fraction, bias = 127,
                  infinity = 255 * one, quietNaN = 0x7fc00000,
                  sign = int64_t(INT32_MIN), stepExponent = 149,
                  mostScale = 254;
} // namespace

BlockRounding::BlockRounding(KernelBuilder &builder, const BlockFormat &format,
                             bool up, int64_t lanes)
    : builder(builder), format(format), up(up), bitsType(builder.getI32Type()),
      floatType(builder.getF32Type()),
      largestBits(llvm::bit_cast<uint32_t>(float(format.largest))) {
  if (lanes) {
    bitsType = builder.vectorType(bitsType, lanes);
    floatType = builder.vectorType(floatType, lanes);
  }
}

Value BlockRounding::number(int64_t value) {
  return builder.constant(bitsType, double(value));
}
Value BlockRounding::add(Value a, int64_t b) {
  return arith::AddIOp::create(builder, a, number(b));
}
Value BlockRounding::less(Value a, Value b) {
  return arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, a, b);
}
Value BlockRounding::max(Value a, Value b) {
  return arith::MaxSIOp::create(builder, a, b);
}
Value BlockRounding::select(Value condition, Value yes, Value no) {
  return arith::SelectOp::create(builder, condition, yes, no);
}
Value BlockRounding::asFloat(Value bits) {
  return arith::BitcastOp::create(builder, floatType, bits);
}
Value BlockRounding::asBits(Value x) {
  return arith::BitcastOp::create(builder, bitsType, x);
}

Value BlockRounding::getMagnitude(Value x) {
  return arith::AndIOp::create(builder, asBits(x), number(~sign));
}

/// E + 127 of the smallest 2^E for which no element is out of range.
Value BlockRounding::getCodeUp(Value largest) {
  int64_t mantissa = largestBits % one;
  // Carries into the exponent where the mantissa is larger.
  Value code = arith::ShRUIOp::create(builder, add(largest, one - 1 - mantissa),
                                      number(fraction));
  code = add(code, -format.mostExponent);
  if (format.mostExponent > 0)
    return code;
  // Below normal numbers a mantissa has no leading one, and there is no 2^128.
  Value exceeds = less(number((one + mantissa) / 2), largest);
  code = select(less(largest, number(one)),
                select(exceeds, number(1), number(0)), code);
  return arith::MinSIOp::create(builder, code, number(mostScale));
}

/// The largest magnitude of a pair that would do with 2^(E - 1).
Value BlockRounding::getPairLimit(Value code) {
  Value exponent = arith::ShLIOp::create(builder, code, number(fraction));
  if (!up) // all below 2^E, of which the smallest, 2^-127, is subnormal
    return add(max(exponent, number(one / 2)), -1);
  int64_t mantissa = largestBits % one;
  Value normal = add(exponent, mantissa - one);
  Value subnormal = select(less(code, number(1)), number((one + mantissa) / 4),
                           number((one + mantissa) / 2));
  return select(less(number(1), code), normal, subnormal);
}

BlockScale BlockRounding::getScale(Value largest) {
  Value code =
      up ? getCodeUp(largest)
         : add(arith::ShRUIOp::create(builder, largest, number(fraction)),
               -format.mostExponent);
  code = max(code, number(0));
  BlockScale scale;
  scale.exponent =
      arith::ShLIOp::create(builder, add(code, -bias), number(fraction));
  scale.isInvalid = less(number(infinity - 1), largest);
  if (format.hasPairs)
    scale.pairLimit = getPairLimit(code);
  return scale;
}

Value BlockRounding::round(Value x, const BlockScale &scale, Value pair) {
  Value bits = asBits(x), magnitude = getMagnitude(x);
  // Of 0, too, the exponents that follow fit their bits.
  Value steps =
      max(asBits(arith::SIToFPOp::create(builder, floatType, magnitude)),
          number(bias * one));
  steps = add(steps, -stepExponent * one);
  Value normalized = select(less(magnitude, number(one)), steps, magnitude);
  Value u = max(arith::SubIOp::create(builder, normalized, scale.exponent),
                number(0));
  Value least = number((bias + format.leastExponent) * one),
        most = number(largestBits);
  if (pair) {
    Value isLarge = less(scale.pairLimit, pair);
    least =
        select(isLarge, least, number((bias + format.leastExponent - 1) * one));
    most = select(isLarge, most, number(largestBits - one));
  }
  Value exponent = arith::AndIOp::create(builder, u, number(infinity));
  Value c =
      asFloat(add(max(exponent, least), (fraction - format.mantissa) * one));
  Value sum = arith::AddFOp::create(builder, asFloat(u), c);
  Value rounded = arith::MinSIOp::create(
      builder, asBits(arith::SubFOp::create(builder, sum, c)), most);
  Value normal = arith::AddIOp::create(builder, rounded, scale.exponent);
  // As an integer in the lowest bits of a float.
  int64_t integers = (bias + fraction) * one;
  Value subnormal =
      arith::AddFOp::create(builder, asFloat(add(normal, stepExponent * one)),
                            asFloat(number(integers)));
  Value result = select(less(normal, number(one)),
                        add(asBits(subnormal), -integers), normal);
  Value signs = arith::AndIOp::create(builder, bits, number(sign));
  result = arith::OrIOp::create(builder, result, signs);
  result = select(less(rounded, number(1)),
                  format.hasNegativeZero ? signs : number(0), result);
  return asFloat(select(scale.isInvalid, number(quietNaN), result));
}
