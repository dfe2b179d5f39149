//===- Narrow.cpp - Elements of f8, f4, int4 and int2 in a region ---------===//
//
// Floats are taken apart and put together in integers: no target has
// instructions for all of these formats. ONNX's Cast has the tables of what
// becomes of NaN, infinities and numbers out of range.
//
//===----------------------------------------------------------------------===//

#include "Narrow.h"
#include "Names.h"
#include <cmath>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// A float of one sign bit, which f8e8m0 is not.
struct Format {
  int64_t bits, mantissa, bias;
  int64_t largest;  ///< the code of the largest number
  int64_t overflow; ///< that of what is larger, where nothing saturates
  int64_t nan;      ///< -1: there is none
  bool isUnsignedZero = false; ///< -0 is the code of NaN
};

Format getFormat(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return {8, 3, 7, 0x7e, 0x7f, 0x7f};
  if (isa<Float8E4M3FNUZType>(type))
    return {8, 3, 8, 0x7f, 0x80, 0x80, true};
  if (isa<Float8E5M2Type>(type))
    return {8, 2, 15, 0x7b, 0x7c, 0x7e};
  if (isa<Float8E5M2FNUZType>(type))
    return {8, 2, 16, 0x7f, 0x80, 0x80, true};
  return {4, 1, 1, 7, 7, -1}; // f4e2m1
}

/// Arithmetic on the bits of an f32.
class Bits {
public:
  explicit Bits(Scalar &s, Value like)
      : s(s), i32(IntegerType::get(like.getContext(), 32)),
        f32(Float32Type::get(like.getContext())) {}

  Value number(int64_t value) { return s.integer(i32, value); }
  Value mask(Value a, int64_t bits) {
    return s.make<arith::AndIOp>(a, number(bits));
  }
  Value set(Value a, Value b) { return s.make<arith::OrIOp>(a, b); }
  Value left(Value a, int64_t count) {
    return s.make<arith::ShLIOp>(a, number(count));
  }
  Value right(Value a, int64_t count) {
    return s.make<arith::ShRUIOp>(a, number(count));
  }
  Value plus(Value a, int64_t value) { return s.add(a, number(value)); }
  Value exceeds(Value a, int64_t value) { return s.less(number(value), a); }
  Value equals(Value a, int64_t value) { return s.equal(a, number(value)); }
  Value pick(Value condition, int64_t value, Value otherwise) {
    return s.select(condition, number(value), otherwise);
  }
  Value asFloat(Value a) { return s.make<arith::BitcastOp>(f32, a); }
  Value toFloat(Value number) {
    return s.make<arith::SIToFPOp>(f32, number);
  }
  Value ofFloat(Value a) { return s.make<arith::BitcastOp>(i32, a); }
  Value widen(Value code) { return s.make<arith::ExtUIOp>(i32, code); }
  Value narrow(Value a) {
    return s.make<arith::TruncIOp>(IntegerType::get(a.getContext(), 8), a);
  }

private:
  Scalar &s;
  Type i32, f32;
};

constexpr int64_t quietNaN = 0x7fc00000, infinity = 0x7f800000,
                  smallestNormal = 0x800000;

Value decodeScale(Scalar &s, Value code) {
  Bits b(s, code);
  Value wide = b.widen(code);
  // The smallest power, 2^-127, is a subnormal f32.
  Value bits = b.pick(b.equals(wide, 0), 0x400000, b.left(wide, 23));
  return b.asFloat(b.pick(b.equals(wide, 255), quietNaN, bits));
}

Value decodeFloat(Scalar &s, Value code, const Format &format) {
  Bits b(s, code);
  Value wide = b.widen(code);
  int64_t signBit = int64_t(1) << (format.bits - 1);
  Value size = b.mask(wide, signBit - 1);
  // An f32 of the same fields, with another bias. Below the smallest normal
  // number codes count steps. Nothing is a subnormal f32, which targets flush.
  Value normal = b.plus(b.left(size, 23 - format.mantissa),
                        (127 - format.bias) << 23);
  Value steps = b.toFloat(size);
  steps = s.mul(steps, s.number(steps, std::ldexp(1.0, 1 - format.bias -
                                                           format.mantissa)));
  Value bits =
      s.select(b.exceeds(size, (int64_t(1) << format.mantissa) - 1), normal,
               b.ofFloat(steps));
  if (format.overflow == 0x7c) { // an infinity
    bits = b.pick(b.equals(size, 0x7c), infinity, bits);
    bits = b.pick(b.exceeds(size, 0x7c), quietNaN, bits);
  } else if (format.nan == 0x7f) {
    bits = b.pick(b.equals(size, 0x7f), quietNaN, bits);
  }
  bits = b.set(bits, b.left(b.mask(wide, signBit), 32 - format.bits));
  if (format.isUnsignedZero)
    bits = b.pick(b.equals(wide, format.nan), quietNaN, bits);
  return b.asFloat(bits);
}

Value encodeScale(Scalar &s, Value number, const NarrowRounding &rounding) {
  Bits b(s, number);
  Value size = b.mask(b.ofFloat(number), 0x7fffffff);
  bool up = rounding.mode == "up", nearest = rounding.mode == "nearest";
  // Carries into the exponent where the number is rounded up.
  int64_t carry = up ? 0x7fffff : nearest ? 0x400000 : 0;
  Value code = b.right(b.plus(size, carry), 23);
  // Below the smallest normal f32 there is one more power, 2^-127.
  int64_t limit = up ? 0x400000 : nearest ? 0x5fffff : smallestNormal;
  Value below = b.pick(b.exceeds(size, limit), 1, b.number(0));
  code = s.select(b.exceeds(size, smallestNormal - 1), code, below);
  if (rounding.saturate) {
    code = s.min(code, b.number(254));
  } else {
    Value isOut = s.make<arith::OrIOp>(b.exceeds(code, 254),
                                       s.less(size, b.number(0x400000)));
    code = b.pick(isOut, 255, code);
  }
  return b.narrow(b.pick(b.exceeds(size, infinity), 255, code));
}

Value encodeFloat(Scalar &s, Value number, const Format &format,
                  const NarrowRounding &rounding) {
  Bits b(s, number);
  Value bits = b.ofFloat(number), size = b.mask(bits, 0x7fffffff);
  int64_t dropped = 23 - format.mantissa;
  // Half of the last place, less one where it is even: ties stay there.
  Value carry = b.plus(b.mask(b.right(size, dropped), 1),
                       (int64_t(1) << (dropped - 1)) - 1);
  Value normal = b.plus(b.right(s.add(size, carry), dropped),
                        -((127 - format.bias) << format.mantissa));
  // Below the smallest normal number the codes are multiples of a power of two,
  // and the next one is that number's.
  Value scaled = s.mul(
      b.asFloat(size),
      s.number(number, std::ldexp(1.0, format.bias - 1 + format.mantissa)));
  scaled = s.make<arith::MinNumFOp>(
      scaled, s.number(number, double(1 << format.mantissa)));
  Value subnormal = s.make<arith::FPToSIOp>(size.getType(),
                                            s.make<math::RoundEvenOp>(scaled));
  Value code = s.select(b.exceeds(size, ((128 - format.bias) << 23) - 1),
                        normal, subnormal);
  if (rounding.saturate)
    code = s.min(code, b.number(format.largest));
  else
    code = b.pick(b.exceeds(code, format.largest), format.overflow, code);
  Value isNaN = b.exceeds(size, infinity);
  Value sign =
      b.mask(b.right(bits, 32 - format.bits), int64_t(1) << (format.bits - 1));
  if (format.isUnsignedZero) {
    Value isZero = b.equals(code, 0);
    code = b.pick(isZero, 0, b.set(code, sign));
    return b.narrow(b.pick(isNaN, format.nan, code));
  }
  if (format.nan >= 0)
    return b.narrow(b.set(b.pick(isNaN, format.nan, code), sign));
  // Without a NaN it becomes zero, of the other sign as ml_dtypes has it.
  Value zero = b.mask(s.make<arith::XOrIOp>(sign, b.number(8)), 8);
  return b.narrow(s.select(isNaN, zero, b.set(code, sign)));
}

} // namespace

Value decodeNarrow(Scalar &s, Value code, Type elementType) {
  if (isa<Float8E8M0FNUType>(elementType))
    return decodeScale(s, code);
  if (isa<FloatType>(elementType))
    return decodeFloat(s, code, getFormat(elementType));
  if (elementType.isUnsignedInteger())
    return code;
  Value unused = s.integer(code.getType(),
                           8 - int64_t(elementType.getIntOrFloatBitWidth()));
  return s.make<arith::ShRSIOp>(s.make<arith::ShLIOp>(code, unused), unused);
}

Value encodeNarrow(Scalar &s, Value number, bool isUnsigned, Type elementType,
                   const NarrowRounding &rounding) {
  MLIRContext *context = elementType.getContext();
  Type i8 = IntegerType::get(context, 8), i32 = IntegerType::get(context, 32);
  if (isa<IntegerType>(elementType)) {
    if (isa<FloatType>(number.getType()))
      number = s.convert(number, i32, false, false);
    Value byte = s.convert(number, i8, isUnsigned, false);
    unsigned bits = elementType.getIntOrFloatBitWidth();
    return s.make<arith::AndIOp>(byte, s.integer(i8, (1 << bits) - 1));
  }
  number = s.convertToOdd(number, isUnsigned);
  return isa<Float8E8M0FNUType>(elementType)
             ? encodeScale(s, number, rounding)
             : encodeFloat(s, number, getFormat(elementType), rounding);
}

} // namespace lambent::graph
