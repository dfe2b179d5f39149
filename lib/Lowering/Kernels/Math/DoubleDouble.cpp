//===- DoubleDouble.cpp - Sums of two floats as one number ----------------===//

#include "DoubleDouble.h"

namespace lambent::expansion {

DoubleReal fastSum(Real a, Real b) {
  Real sum = a + b;
  return {sum, b - (sum - a)};
}

/// The upper 26 bits of `x` and the rest (Veltkamp).
static DoubleReal halve(Real x) {
  Real scaled = x * (0x1p27 + 1), high = scaled - (scaled - x);
  return {high, x - high};
}

DoubleReal exactProduct(Real a, Real b) {
  Real product = a * b;
  if (a.site->target.hasFMA)
    return {product, fma(a, b, -product)};
  auto [aHigh, aLow] = halve(a);
  auto [bHigh, bLow] = halve(b);
  Real rest = aHigh * bHigh - product;
  rest = rest + aHigh * bLow + aLow * bHigh;
  return {product, rest + aLow * bLow};
}

DoubleReal operator*(DoubleReal a, DoubleReal b) {
  auto [high, low] = exactProduct(a.high, b.high);
  return fastSum(high, fma(a.high, b.low, fma(a.low, b.high, low)));
}

DoubleReal operator*(DoubleReal a, Real b) {
  auto [high, low] = exactProduct(a.high, b);
  return fastSum(high, fma(a.low, b, low));
}

DoubleReal operator+(Real a, DoubleReal b) {
  auto [high, low] = fastSum(a, b.high);
  return fastSum(high, low + b.low);
}

} // namespace lambent::expansion
