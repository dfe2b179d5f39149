//===- Power.cpp - pow and rsqrt ------------------------------------------===//
//
// x^y = 2^(y log2 |x|). For f32 in f64, whose 29 spare bits cover the
// exponent's magnitude; for f64 with the logarithm as a sum of two. Signs and
// special cases as IEEE 754 has them.
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

/// power * log2 base
static DoubleReal multiplyPrecisely(Real power, Real base) {
  DoubleReal logarithm = preciseLog2(base);
  // A logarithm is 0 or above 2^-53: beyond 2^70 its product is far from all
  // exponents.
  Real bounded = atMost(atLeast(power, -0x1p70), 0x1p70);
  DoubleReal product = logarithm * bounded;
  Mask finite = abs(logarithm.high) < std::numeric_limits<double>::infinity();
  return {select(finite, product.high, logarithm.high * bounded), product.low};
}

Real rsqrt(Real x) {
  Mask tiny = abs(x) < smallestNormal(x);
  Real inverse = 1 / sqrt(select(tiny, normalize(x), x));
  return select(tiny, inverse * (x.isF64() ? 0x1p511 : 0x1p63), inverse);
}

Real pow(Real x, Real y) {
  std::optional<double> exponent = constantOf(y.value);
  if (exponent == 1.0)
    return x;
  if (exponent == 2.0)
    return x * x;
  if (exponent == 3.0)
    return x * x * x;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // -infinity gives 0 and -0 infinity.
  if (exponent == -0.5) {
    Real inverse = rsqrt(x);
    inverse = select(inverse == -infinity, infinity, inverse);
    return select(x == -infinity, 0.0, inverse);
  }
  auto element = cast<FloatType>(getElementTypeOrSelf(x.type()));
  auto f64 = Float64Type::get(x.type().getContext());
  Real base = widen(x), power = exponent ? y.convert(f64) : widen(y),
       magnitude = abs(base);
  Real result = x.isF64() ? exp2(multiplyPrecisely(power, magnitude))
                          : exp2(power * log2(magnitude));

  // Beyond 2^54 every number is an even integer.
  Real bounded = atMost(atLeast(power, -0x1p54), 0x1p54), half = bounded * 0.5;
  Mask integral = roundToEven(bounded) == bounded;
  Mask odd = integral && !(roundToEven(half) == half);
  Mask negative = base<0, finite = base> - infinity;
  result = select(odd, copySign(result, base), result);
  result = select(negative && finite && !integral,
                  std::numeric_limits<double>::quiet_NaN(), result);
  // (-1)^inf and 1^anything, anything^0
  result = select(base == 1, 1, result);
  result = select(base == -1 && !(abs(power) < infinity) && power == power, 1,
                  result);
  return select(power == 0, 1, result).convert(element);
}


} // namespace lambent::expansion
