//===- Scalar.cpp - Arithmetic inside an element-wise region --------------===//

#include "Scalar.h"
#include "Names.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

static bool isFloat(Value value) { return isa<FloatType>(value.getType()); }

Value Scalar::number(Type type, double value) {
  if (isa<FloatType>(type))
    return make<arith::ConstantOp>(
        cast<TypedAttr>(builder.getFloatAttr(type, value)));
  return integer(type, int64_t(value));
}

Value Scalar::integer(Type type, int64_t value) {
  APInt bits(64, uint64_t(value));
  return make<arith::ConstantOp>(cast<TypedAttr>(
      builder.getIntegerAttr(type, bits.trunc(type.getIntOrFloatBitWidth()))));
}

Value Scalar::div(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return make<arith::DivFOp>(a, b);
  Value zero = integer(a.getType(), 0), one = integer(a.getType(), 1);
  Value byZero = equal(b, zero);
  if (isUnsigned)
    return select(byZero, zero,
                  make<arith::DivUIOp>(a, select(byZero, one, b)));
  // The smallest number / -1 overflows: divide by -1 with a subtraction, which
  // wraps.
  Value byMinusOne = equal(b, integer(a.getType(), -1));
  Value safe = select(make<arith::OrIOp>(byZero, byMinusOne), one, b);
  Value quotient = make<arith::DivSIOp>(a, safe);
  return select(byZero, zero, select(byMinusOne, neg(a), quotient));
}

Value Scalar::rem(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return make<arith::RemFOp>(a, b);
  Value zero = integer(a.getType(), 0), one = integer(a.getType(), 1);
  if (isUnsigned) {
    Value byZero = equal(b, zero);
    return select(byZero, zero,
                  make<arith::RemUIOp>(a, select(byZero, one, b)));
  }
  // x rem 1 is 0, which is also right for -1, where the division would
  // overflow.
  Value special =
      make<arith::OrIOp>(equal(b, zero), equal(b, integer(a.getType(), -1)));
  return make<arith::RemSIOp>(a, select(special, one, b));
}

Value Scalar::max(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return make<arith::MaximumFOp>(a, b);
  return isUnsigned ? make<arith::MaxUIOp>(a, b) : make<arith::MaxSIOp>(a, b);
}

Value Scalar::min(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return make<arith::MinimumFOp>(a, b);
  return isUnsigned ? make<arith::MinUIOp>(a, b) : make<arith::MinSIOp>(a, b);
}

Value Scalar::neg(Value a) {
  return isFloat(a) ? make<arith::NegFOp>(a)
                    : make<arith::SubIOp>(integer(a.getType(), 0), a);
}

Value Scalar::abs(Value a, bool isUnsigned) {
  if (isFloat(a))
    return make<math::AbsFOp>(a);
  return isUnsigned ? a : max(a, neg(a));
}

Value Scalar::less(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return compare(arith::CmpFPredicate::OLT, a, b);
  return compare(
      isUnsigned ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt, a, b);
}

Value Scalar::lessOrEqual(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return compare(arith::CmpFPredicate::OLE, a, b);
  return compare(
      isUnsigned ? arith::CmpIPredicate::ule : arith::CmpIPredicate::sle, a, b);
}

Value Scalar::equal(Value a, Value b) {
  return isFloat(a) ? compare(arith::CmpFPredicate::OEQ, a, b)
                    : compare(arith::CmpIPredicate::eq, a, b);
}

Value Scalar::clamp(Value a, double low, double high) {
  return min(max(a, number(a, low)), number(a, high));
}

Value Scalar::sigmoid(Value a) {
  return div(number(a, 1), add(number(a, 1), exp(neg(a))));
}

Value Scalar::softplus(Value a) {
  return add(max(a, number(a, 0)), make<math::Log1pOp>(exp(neg(abs(a)))));
}

/// An f64 as the f32 next to it whose last bit is set, unless it is an f32
/// itself: rounding that to a narrower type gives what rounding the f64 gives.
/// No processor rounds f64 to f16 or bf16, and LLVM would call a library.
Value Scalar::roundToOdd(Value a) {
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Value near = make<arith::TruncFOp>(f32, a);
  Value back = make<arith::ExtFOp>(a.getType(), near);
  Value bits = make<arith::BitcastOp>(i32, near);
  Value towardZero =
      select(less(abs(a), abs(back)), sub(bits, integer(i32, 1)), bits);
  Value odd = make<arith::OrIOp>(towardZero, integer(i32, 1));
  Value isInexact = compare(arith::CmpFPredicate::ONE, back, a);
  return select(isInexact, make<arith::BitcastOp>(f32, odd), near);
}

Value Scalar::convertToOdd(Value a, bool isUnsigned) {
  Type f32 = builder.getF32Type(), f64 = builder.getF64Type();
  if (!isFloat(a) && a.getType().getIntOrFloatBitWidth() > 16)
    a = convert(a, f64, isUnsigned, false);
  return a.getType() == f64 ? roundToOdd(a)
                            : convert(a, f32, isUnsigned, false);
}

Value Scalar::convert(Value a, Type type, bool fromUnsigned, bool toUnsigned) {
  Type from = a.getType();
  if (from == type)
    return a;
  if (auto to = dyn_cast<FloatType>(type)) {
    if (!isFloat(a))
      return fromUnsigned || from.isInteger(1) ? make<arith::UIToFPOp>(type, a)
                                               : make<arith::SIToFPOp>(type, a);
    unsigned width = from.getIntOrFloatBitWidth();
    if (to.getWidth() > width)
      return make<arith::ExtFOp>(type, a);
    if (to.getWidth() < 32 && width == 64)
      return make<arith::TruncFOp>(type, roundToOdd(a));
    if (to.getWidth() < width)
      return make<arith::TruncFOp>(type, a);
    // Between f16 and bf16.
    return make<arith::TruncFOp>(type,
                                 make<arith::ExtFOp>(builder.getF32Type(), a));
  }

  unsigned width = type.getIntOrFloatBitWidth();
  if (width == 1)
    return isFloat(a) ? compare(arith::CmpFPredicate::UNE, a, number(a, 0))
                      : compare(arith::CmpIPredicate::ne, a, integer(from, 0));
  if (!isFloat(a)) {
    if (from.getIntOrFloatBitWidth() > width)
      return make<arith::TruncIOp>(type, a);
    if (from.getIntOrFloatBitWidth() == width)
      return a;
    return fromUnsigned || from.isInteger(1) ? make<arith::ExtUIOp>(type, a)
                                             : make<arith::ExtSIOp>(type, a);
  }

  // The conversion is undefined out of range: clamp to the outermost floats
  // inside it. A NaN becomes the low end.
  const llvm::fltSemantics &semantics =
      cast<FloatType>(from).getFloatSemantics();
  auto bound = [&](APInt limit) {
    APFloat value(semantics);
    value.convertFromAPInt(limit, !toUnsigned, APFloat::rmTowardZero);
    return make<arith::ConstantOp>(
        cast<TypedAttr>(builder.getFloatAttr(from, value)));
  };
  Value low = bound(toUnsigned ? APInt::getZero(width)
                               : APInt::getSignedMinValue(width));
  Value high = bound(toUnsigned ? APInt::getMaxValue(width)
                                : APInt::getSignedMaxValue(width));
  // Comparisons and choices become one instruction.
  auto choose = [&](arith::CmpFPredicate predicate, Value value, Value limit) {
    return select(make<arith::CmpFOp>(predicate, value, limit), value, limit);
  };
  Value inside = choose(arith::CmpFPredicate::OLT,
                        choose(arith::CmpFPredicate::OGT, a, low), high);
  return toUnsigned ? make<arith::FPToUIOp>(type, inside)
                    : make<arith::FPToSIOp>(type, inside);
}

} // namespace lambent::graph
