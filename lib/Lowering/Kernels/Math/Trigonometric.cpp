//===- Trigonometric.cpp - sin, cos, tan and their inverses ---------------===//
//
// All in f64, rounded at the end. Arguments are reduced as Payne and Hanek do:
// 2/pi in parts of 29 bits, so that a part's product with an f32 is exact;
// whole turns drop out of each product, and what is left is added up. This
// holds for every f32 without a branch or a table.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <limits>

namespace lambent::expansion {

static constexpr double twoOverPi[] = {
    0x1.45f306dp-1,   0x1.9391054p-30, 0x1.4fe13abp-59, 0x1.d1f534dp-88,
    0x1.b81b6c5p-117, 0x1.5993c4p-148, 0x1.c820ff2p-175};
static constexpr double halfPi = 0x1.921fb54442d18p0;
// sin r = r + r^3 p(r^2), cos r = 1 + r^2 p(r^2), |r| <= pi/4
static constexpr double sinTail[] = {
    -0x1.5555555551f9bp-3, 0x1.1111110c57e2bp-7, -0x1.a019f8f82004bp-13,
    0x1.71d74a136131ap-19, -0x1.a954d3ed9041cp-26};
static constexpr double cosTail[] = {
    -0x1.fffffffffff9dp-2, 0x1.555555554f4b3p-5,   -0x1.6c16c1643d1e1p-10,
    0x1.a019f83e35448p-16, -0x1.27df4fb61c466p-22, 0x1.1b8d88d363bb1p-29};
// atan x = x + x^3 p(x^2), |x| <= 1; asin x = x + x^3 p(x^2), |x| <= 1/2
static constexpr double atanTail[] = {
    -0x1.5555552f27ef2p-2, 0x1.9999846ca0841p-3,  -0x1.2490392b576b4p-3,
    0x1.c6e85ba5eab35p-4,  -0x1.72d6354d2b80dp-4, 0x1.33a17f4baba79p-4,
    -0x1.f02ff37106d06p-5, 0x1.69eadeb98c516p-5,  -0x1.b2f69f7040c05p-6,
    0x1.81f7e8afb3a5fp-7,  -0x1.b40493d9b1713p-9, 0x1.ce1c78e79f115p-12};
static constexpr double asinTail[] = {
    0x1.555555565bc2fp-3, 0x1.333331f126c3ap-4,  0x1.6db7632c6d377p-5,
    0x1.f1ab2dcaa98c3p-6, 0x1.7028fb92b68b3p-6,  0x1.0e0995a53fc07p-6,
    0x1.30fb65be79defp-6, -0x1.724ed8af67d01p-9, 0x1.05933eae6c45cp-5};

namespace {
/// An angle as quarter turns and a rest in [-pi/4, pi/4], with the rest's sine
/// and cosine.
struct Turned {
  Bits quarter;
  Real sine, cosine;
};
} // namespace

/// x + x^3 p(x^2).
static Real oddPolynomial(Real x, llvm::ArrayRef<double> tail) {
  Real square = x * x;
  return fma(x * square, polynomial(square, tail), x);
}

static Turned turn(Real x) {
  llvm::SmallVector<Real> parts;
  for (double factor : twoOverPi) {
    Real product = x * factor;
    parts.push_back(product - roundToEven(product * 0.25) * 4);
  }
  Real sum = parts[0];
  for (Real part : llvm::drop_begin(parts))
    sum = sum + part;
  double rounding = roundingNumber(x);
  Real shifted = sum + rounding;
  // Again from the upper end: where the rest is tiny every partial sum is
  // exact.
  Real rest = parts[0] - (shifted - rounding);
  for (Real part : llvm::drop_begin(parts))
    rest = rest + part;
  rest = rest * halfPi;
  Real square = rest * rest;
  return {shifted.bits(), oddPolynomial(rest, sinTail),
          fma(square, polynomial(square, cosTail), 1)};
}

/// The sine `quarter` quarter turns further on.
static Real sineOf(const Turned &angle, Bits quarter) {
  Real value = select((quarter & 1) == 0, angle.sine, angle.cosine);
  return select((quarter & 2) == 0, value, -value);
}

static Real sin64(Real x) {
  Turned angle = turn(x);
  return select(x == 0, x, sineOf(angle, angle.quarter));
}

static Real cos64(Real x) {
  Turned angle = turn(x);
  return sineOf(angle, angle.quarter + 1);
}

static Real tan64(Real x) {
  Turned angle = turn(x);
  return select(x == 0, x,
                sineOf(angle, angle.quarter) /
                    sineOf(angle, angle.quarter + 1));
}

static Real atan64(Real x) {
  Real magnitude = abs(x);
  Mask large = magnitude > 1;
  Real small = oddPolynomial(select(large, 1 / magnitude, magnitude), atanTail);
  return copySign(select(large, halfPi - small, small), x);
}

/// asin |x| for |x| <= 1/2; beyond, asin sqrt((1 - |x|)/2), which is half of
/// acos |x|.
static std::pair<Mask, Real> asinPart(Real x) {
  Real magnitude = abs(x);
  Mask large = magnitude > 0.5;
  Real inner = select(large, sqrt((1 - magnitude) * 0.5), magnitude);
  return {large, oddPolynomial(inner, asinTail)};
}

static Real asin64(Real x) {
  auto [large, part] = asinPart(x);
  return copySign(select(large, halfPi - part * 2, part), x);
}

static Real acos64(Real x) {
  auto [large, part] = asinPart(x);
  Real twice = part * 2;
  Real far = select(x < 0, 2 * halfPi - twice, twice);
  return select(large, far, halfPi - copySign(part, x));
}

Real sin(Real x) { return inF64<sin64>(x); }
Real cos(Real x) { return inF64<cos64>(x); }
Real tan(Real x) { return inF64<tan64>(x); }
Real asin(Real x) { return inF64<asin64>(x); }
Real acos(Real x) { return inF64<acos64>(x); }
Real atan(Real x) { return inF64<atan64>(x); }

} // namespace lambent::expansion
