//===- Remainder.cpp - fmod -----------------------------------------------===//
//
// f32: in f64, where the product of an f32 and a quotient's upper 29 bits is
// exact: each round takes those bits off, and the largest quotient of two f32,
// 2^277, is done after ten.
//
// f64: the rest after a rounded quotient of 53 bits is a float too, however
// large the quotient, so that each round takes 52 bits off. A quotient has up
// to 2098 bits: a loop divides by the divisor times 2^1560, then 2^1040 and so
// on, so that no quotient overflows.
//
//===----------------------------------------------------------------------===//

#include "DoubleDouble.h"
#include "Functions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace mlir;

namespace lambent::expansion {

static Real remainder32(Real x, Real y) {
  auto f32 = Float32Type::get(x.type().getContext());
  auto f64 = Float64Type::get(x.type().getContext());
  Real dividend = x.convert(f64), divisor = abs(y.convert(f64));
  Real rest = abs(dividend);
  for (int round = 0; round < 10; ++round) {
    Real quotient = trunc(rest / divisor);
    quotient = (quotient.bits() & -(int64_t(1) << 24)).asReal(quotient);
    rest = rest - quotient * divisor;
  }
  // The last quotient may have been rounded up.
  rest = select(rest < 0, rest + divisor, rest);
  rest = select(abs(dividend) < divisor, abs(dividend), rest);
  return copySign(rest, dividend).convert(f32);
}

/// `rest` with the quotients by `divisor`, up to 2^560, taken off: what is left
/// is at most half the divisor, of either sign.
static Real takeQuotients(Real rest, Real divisor) {
  const Site &site = *rest.site;
  OpBuilder &builder = site.builder;
  auto index = [&](int64_t number) -> Value {
    return arith::ConstantOp::create(builder, site.loc,
                                     builder.getI64IntegerAttr(number));
  };
  auto loop = scf::ForOp::create(
      builder, site.loc, index(0), index(11), index(1), ValueRange{rest.value},
      [&](OpBuilder &inner, Location loc, Value, ValueRange carried) {
        Site body{inner, loc, site.target};
        Real left{&body, carried.front()}, by{&body, divisor.value};
        Real quotient = roundToEven(left / by);
        DoubleReal product = exactProduct(quotient, by);
        Real next = (left - product.high) - product.low;
        // Exact products need room above them.
        next = select(by > 0x1p960, left, next);
        scf::YieldOp::create(inner, loc, next.value);
      });
  return {&site, loop.getResult(0)};
}

static Real remainder64(Real x, Real y) {
  Real dividend = abs(x), divisor = abs(y);
  // Both far from overflow: scaled together, or half the dividend first.
  Mask huge = divisor > 0x1p900;
  Real a = select(huge, dividend * 0x1p-64, dividend);
  Real b = select(huge, divisor * 0x1p-64, divisor);
  Mask halved = a > 0x1p960;
  Real rest = select(halved, a * 0.5, a);
  Real once = b * 0x1p520, twice = once * 0x1p520, thrice = twice * 0x1p520;
  for (Real scaled : {thrice, twice, once, b})
    rest = takeQuotients(rest, scaled);
  rest = select(rest < 0, rest + b, rest);
  Real whole = rest + rest;
  whole = select(whole < b, whole, whole - b);
  rest = select(halved, whole, rest);
  rest = select(huge, rest * 0x1p64, rest);
  rest = select(dividend < divisor, dividend, rest);
  return copySign(rest, x);
}

Real remainder(Real x, Real y) {
  return x.isF64() ? remainder64(x, y) : remainder32(x, y);
}

} // namespace lambent::expansion
