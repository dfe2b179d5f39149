//===- Trigonometric.cpp - sin, cos, tan and their inverses ---------------===//
//
// f32 computes in f64 and rounds at the end. Arguments are reduced as Payne and
// Hanek do: 2/pi in parts of 29 bits, so that a part's product with an f32 is
// exact; whole turns drop out of each product, and what is left is added up.
// This holds for every f32 without a branch or a table. f64 has AngleReduction,
// and polynomials of higher degrees.
//
//===----------------------------------------------------------------------===//

#include "AngleReduction.h"
#include "Functions.h"
#include <limits>

namespace lambent::expansion {

static constexpr double twoOverPi[] = {
    0x1.45f306dp-1,   0x1.9391054p-30, 0x1.4fe13abp-59, 0x1.d1f534dp-88,
    0x1.b81b6c5p-117, 0x1.5993c4p-148, 0x1.c820ff2p-175};
static constexpr double halfPi = 0x1.921fb54442d18p0,
                        halfPiLow = 0x1.1a62633145c07p-54;
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

static constexpr double sinTail64[] = {
    -0x1.5555555555555p-3, 0x1.111111111106ap-7,   -0x1.a01a019ffea60p-13,
    0x1.71de3a343c7f4p-19, -0x1.ae642d45ef8a0p-26, 0x1.610a7391a5d5ap-33,
    -0x1.a063604672436p-41};
// cos r = 1 - r^2/2 + r^4 p(r^2)
static constexpr double cosTail64[] = {
    0x1.555555555554bp-5,   -0x1.6c16c16c15003p-10, 0x1.a01a019c8b2f2p-16,
    -0x1.27e4f7ed09616p-22, 0x1.1ee9d79c378bdp-29,  -0x1.8fa3c9ac6143ep-37};
static constexpr double atanTail64[] = {
    -0x1.5555555555554p-2,  0x1.9999999999731p-3,  -0x1.24924924864dbp-3,
    0x1.c71c71c353b08p-4,   -0x1.745d16e993198p-4, 0x1.3b13ab6438958p-4,
    -0x1.1110ce15b6431p-4,  0x1.e1dd71fde7dbap-5,  -0x1.af0bb964adaafp-5,
    0x1.858770d706cc4p-5,   -0x1.61e658af62ed7p-5, 0x1.404f524274e2cp-5,
    -0x1.1be69fb6731dep-5,  0x1.dfb7ece13ee12p-6,  -0x1.7506217b1ed4ap-6,
    0x1.00a6dbf157065p-6,   -0x1.2be3abca5dcdap-7, 0x1.1cc906fd1c151p-8,
    -0x1.a170937e65c4dp-10, 0x1.b7a2b57b7fcdcp-12, -0x1.267a0a8a0598fp-14,
    0x1.778353e3c8b9ap-18};
static constexpr double asinTail64[] = {
    0x1.5555555555553p-3,  0x1.33333333339edp-4,  0x1.6db6db6d4bea4p-5,
    0x1.f1c71ca7187ccp-6,  0x1.6e8b9b112815ep-6,  0x1.1c4f833a85e59p-6,
    0x1.c98119418ccdfp-7,  0x1.7ba242f246e4cp-7,  0x1.36cf1f102a263p-7,
    0x1.47d41ab695f25p-7,  0x1.6dca5ce271368p-11, 0x1.9643c4e2a9583p-6,
    -0x1.abe100178d517p-6, 0x1.1378aad57e93bp-5};

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

/// The same of an f64 that is not negative.
static Turned turnWide(Real x) {
  auto [quarter, rest] = reduceAngle(x);
  Real r = rest.high, square = r * r, half = square * 0.5, start = 1 - half;
  Real sine = fma(r * square, polynomial(square, sinTail64),
                  fma(rest.low, -half, rest.low));
  // What 1 - half lost, and the terms behind it.
  Real cosine = fma(square * square, polynomial(square, cosTail64),
                    ((1 - start) - half) - r * rest.low);
  return {quarter, r + sine, start + cosine};
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

/// An odd function of an f64: `function` of |x|, with the sign of x put in; NaN
/// for infinities.
static Real oddWide(Real x, Real (*function)(const Turned &)) {
  Real magnitude = abs(x), value = function(turnWide(magnitude));
  value = select(magnitude < std::numeric_limits<double>::infinity(), value,
                 std::numeric_limits<double>::quiet_NaN());
  return select(x == 0, x, select(x < 0, -value, value));
}

static Real sinWide(Real x) {
  return oddWide(
      x, [](const Turned &angle) { return sineOf(angle, angle.quarter); });
}

static Real cosWide(Real x) {
  Real magnitude = abs(x);
  Turned angle = turnWide(magnitude);
  return select(magnitude < std::numeric_limits<double>::infinity(),
                sineOf(angle, angle.quarter + 1),
                std::numeric_limits<double>::quiet_NaN());
}

static Real tanWide(Real x) {
  return oddWide(x, [](const Turned &angle) {
    return sineOf(angle, angle.quarter) / sineOf(angle, angle.quarter + 1);
  });
}

static Real atanBy(Real x, llvm::ArrayRef<double> tail) {
  Real magnitude = abs(x);
  Mask large = magnitude > 1;
  Real small = oddPolynomial(select(large, 1 / magnitude, magnitude), tail);
  return copySign(select(large, halfPi - (small - halfPiLow), small), x);
}

/// asin |x| for |x| <= 1/2; beyond, asin sqrt((1 - |x|)/2), which is half of
/// acos |x|.
static std::pair<Mask, Real> asinPart(Real x, llvm::ArrayRef<double> tail) {
  Real magnitude = abs(x);
  Mask large = magnitude > 0.5;
  Real inner = select(large, sqrt((1 - magnitude) * 0.5), magnitude);
  return {large, oddPolynomial(inner, tail)};
}

static Real asinBy(Real x, llvm::ArrayRef<double> tail) {
  auto [large, part] = asinPart(x, tail);
  return copySign(select(large, halfPi - (part * 2 - halfPiLow), part), x);
}

static Real acosBy(Real x, llvm::ArrayRef<double> tail) {
  auto [large, part] = asinPart(x, tail);
  Real twice = part * 2;
  Real far = select(x < 0, 2 * halfPi - (twice - 2 * halfPiLow), twice);
  return select(large, far, halfPi - (copySign(part, x) - halfPiLow));
}

static Real atan64(Real x) { return atanBy(x, atanTail); }
static Real asin64(Real x) { return asinBy(x, asinTail); }
static Real acos64(Real x) { return acosBy(x, asinTail); }

Real sin(Real x) { return x.isF64() ? sinWide(x) : inF64<sin64>(x); }
Real cos(Real x) { return x.isF64() ? cosWide(x) : inF64<cos64>(x); }
Real tan(Real x) { return x.isF64() ? tanWide(x) : inF64<tan64>(x); }
Real asin(Real x) {
  return x.isF64() ? asinBy(x, asinTail64) : inF64<asin64>(x);
}
Real acos(Real x) {
  return x.isF64() ? acosBy(x, asinTail64) : inF64<acos64>(x);
}
Real atan(Real x) {
  return x.isF64() ? atanBy(x, atanTail64) : inF64<atan64>(x);
}

} // namespace lambent::expansion
