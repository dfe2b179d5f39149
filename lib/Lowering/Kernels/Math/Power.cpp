//===- Power.cpp - pow and rsqrt ------------------------------------------===//
//
// x^y = 2^(y log2 |x|) in f64, whose 29 spare bits cover the exponent's
// magnitude; signs and special cases as IEEE 754 has them.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <limits>

using namespace mlir;

namespace lambent::expansion {

/// The number that every element of `value` is known to be.
static std::optional<double> constantOf(Value value) {
  Attribute attr;
  if (auto constant = value.getDefiningOp<arith::ConstantOp>())
    attr = constant.getValue();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(attr))
    attr = splat.getSplatValue<Attribute>();
  if (auto number = dyn_cast_or_null<FloatAttr>(attr))
    return number.getValueAsDouble();
  return std::nullopt;
}

Real pow(Real x, Real y) {
  std::optional<double> exponent = constantOf(y.value);
  if (exponent == 1.0)
    return x;
  if (exponent == 2.0)
    return x * x;
  if (exponent == 3.0)
    return x * x * x;
  auto f32 = Float32Type::get(x.type().getContext());
  auto f64 = Float64Type::get(x.type().getContext());
  Real base = x.convert(f64), power = y.convert(f64);
  Real result = exp2(power * log2(abs(base)));

  // Beyond 2^25 every f32 is an even integer.
  Real bounded = atMost(atLeast(power, -0x1p25), 0x1p25), half = bounded * 0.5;
  Mask integral = roundToEven(bounded) == bounded;
  Mask odd = integral && !(roundToEven(half) == half);
  Mask negative =
      base<0, finite = base> - std::numeric_limits<double>::infinity();
  result = select(odd, copySign(result, base), result);
  result = select(negative && finite && !integral,
                  std::numeric_limits<double>::quiet_NaN(), result);
  // (-1)^inf and 1^anything, anything^0
  result = select(base == 1, 1, result);
  result = select(base == -1 &&
                      !(abs(power) < std::numeric_limits<double>::infinity()) &&
                      power == power,
                  1, result);
  return select(power == 0, 1, result).convert(f32);
}

Real rsqrt(Real x) { return 1 / sqrt(x); }

} // namespace lambent::expansion
