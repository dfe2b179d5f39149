//===- Logarithm.cpp - log, log2, log10, log1p ----------------------------===//
//
// x = 2^e (1 + f) with 1 + f around 1; then log x = e ln 2 + log(1 + f).
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <limits>

namespace lambent::expansion {

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
static constexpr double ln2 = 0x1.62e42fefa39efp-1;
// log(1 + f) = f - f^2/2 + f^3 p(f), f in [-1/3, 1/3]
static constexpr double logTail[] = {
    0x1.555506p-2, -0x1.fffefp-3,  0x1.99d028p-3, -0x1.559dc4p-3,
    0x1.1ed72p-3,  -0x1.f31210p-4, 0x1.1e668cp-3, -0x1.0803cep-3};
// log2(1 + f) = f/ln 2 + f^2 p(f)
static constexpr double log2Tail[] = {
    -0x1.715476p-1, 0x1.ec7014p-2,  -0x1.715492p-2,
    0x1.27a38cp-2,  -0x1.ec8b76p-3, 0x1.9d1fbep-3,
    -0x1.6c5fccp-3, 0x1.a0a9b6p-3,  -0x1.690752p-3};
// As logTail, f in [-1/4, 1/2]
static constexpr double log1pTail[] = {
    0x1.5555a4p-2, -0x1.00004p-2,  0x1.9969bp-3,  -0x1.54efd8p-3,
    0x1.28846ap-3, -0x1.0d8aa6p-3, 0x1.ac91f6p-4, -0x1.71432p-5};
// log((1 + s)/(1 - s)) = 2 s + 2/3 s^3 + s^5 p(s^2)
static constexpr double logRest[] = {0x1.9999999999b31p-2, 0x1.2492492457b67p-2,
                                     0x1.c71c722d94bb2p-3, 0x1.745ce9d2ace62p-3,
                                     0x1.3b1eef2f44289p-3, 0x1.0f7f9d6bb2a69p-3,
                                     0x1.0e4589953a661p-3};
// log((1 + s)/(1 - s)) = 2 s + s^3 p(s^2)
static constexpr double log64[] = {0x1.5555555555592p-1, 0x1.999999997fed5p-2,
                                   0x1.24924941e7702p-2, 0x1.c71c520df380dp-3,
                                   0x1.74663e777545bp-3, 0x1.39a1bbec4cb6ap-3,
                                   0x1.2f05ac2da2683p-3};

namespace {
/// x = 2^e (1 + f). `normal` is x, or a multiple where that is subnormal.
struct Split {
  Real e, f, normal;
};
} // namespace

static Split split(Real x) {
  bool wide = x.isF64();
  // Subnormal numbers have no exponent of their own.
  Mask tiny = abs(x) < smallestNormal(x);
  Real normal = select(tiny, normalize(x), x);
  // sqrt(1/2) or 2/3: 1 + f is above it.
  int64_t lowest = wide ? 0x3FE6A09E667F3BCD : 0x3F2AAAAB;
  unsigned width = mantissaBits(x);
  Bits biased = normal.bits() - lowest + oneBits(x);
  Real one = ((biased & ((int64_t(1) << width) - 1)) + lowest).asReal(x);
  // The biased exponent, put into the low bits of the rounding number, is a
  // float.
  double rounding = roundingNumber(x), bias = wide ? 1023 : 127;
  Real shifted = ((biased >> width) + x.constant(rounding).bits()).asReal(x);
  Real offset = select(tiny, x.constant(rounding + bias + (wide ? 1022 : 126)),
                       x.constant(rounding + bias));
  return {shifted - offset, one - 1, normal};
}

/// Puts in the results for zero, negative numbers, infinity and NaN.
static Real withSpecials(Real result, Real x) {
  result = select(x < infinity, result, x);
  result = select(x < 0, notANumber, result);
  return select(x == 0, -infinity, result);
}

static Real log32(Real x) {
  auto [e, f, normal] = split(x);
  Real tail = fma(polynomial(f, logTail), f, -0.5);
  return withSpecials(fma(e, ln2, fma(tail, f * f, f)), normal);
}

/// log(2^e (1 + f)) in f64.
static Real logWide(Real e, Real f) {
  Real s = f / (f + 2), z = s * s, halfSquare = f * f * 0.5;
  Real rest = z * polynomial(z, log64);
  Real low = fma(e, 0x1.a39ef35793c76p-33, s * (halfSquare + rest));
  return fma(e, 0x1.62e42feep-1, f - (halfSquare - low));
}

Real log(Real x) {
  if (!x.isF64())
    return log32(x);
  auto [e, f, normal] = split(x);
  return withSpecials(logWide(e, f), normal);
}

DoubleReal preciseLog2(Real x) {
  auto [e, f, normal] = split(x);
  // s = f / (2 + f): the quotient, and the rest by the divisor.
  Real divisor = f + 2, divisorLow = f - (divisor - 2), s = f / divisor;
  DoubleReal back = exactProduct(s, divisor);
  Real rest = ((f - back.high) - back.low) - s * divisorLow;
  DoubleReal quotient = {s, rest / divisor};
  DoubleReal square = quotient * quotient;
  // 2 s + s^3 (2/3 + tail): the tail is small enough for one float.
  Real tail = square.high * polynomial(square.high, logRest);
  DoubleReal third = {x.constant(0x1.5555555555555p-1),
                      x.constant(0x1.5555555555555p-55)};
  DoubleReal factor = fastSum(third.high, tail);
  factor.low = factor.low + third.low;
  DoubleReal cube = quotient * (square * factor);
  cube.low = fma(quotient.low, 2, cube.low);
  DoubleReal inverseLn2 = {x.constant(0x1.71547652b82fep0),
                           x.constant(0x1.777d0ffda0d24p-56)};
  DoubleReal result = e + (s * 2 + cube) * inverseLn2;
  return {withSpecials(result.high, normal), result.low};
}

Real log2(Real x) {
  if (x.isF64())
    return log(x) * 0x1.71547652b82fep0;
  auto [e, f, normal] = split(x);
  // f / ln 2 = f + 0.44 f, and e + f is exact where the sum cancels.
  Real rest = fma(f * f, polynomial(f, log2Tail), f * 0x1.c551d94ae0bf8p-2);
  return withSpecials(e + f + rest, normal);
}

static Real log10Wide(Real x) { return log(x) * 0x1.bcb7b1526e50ep-2; }
Real log10(Real x) {
  auto element = mlir::cast<mlir::FloatType>(getElementTypeOrSelf(x.type()));
  return log10Wide(widen(x)).convert(element);
}

Real log1p(Real x) {
  bool wide = x.isF64();
  unsigned width = mantissaBits(x);
  // 1 + x = 2^e (1 + f): scaling x and 1 apart keeps the bits that 1 + x would
  // lose. 1 + f is above 3/4 or sqrt(1/2).
  Bits exponent =
      (x + 1).bits() - (wide ? 0x3FE6A09E667F3BCD : int64_t(0x3F400000));
  Bits e = exponent & -(int64_t(1) << width);
  Real scaled = (x.bits() - e).asReal(x);
  Real inverse = (x.constant(4).bits() - e).asReal(x); // 4 / 2^e
  Real f = scaled + fma(inverse, 0.25, -1);
  // The exponent as a positive number in the low bits of the rounding number.
  int64_t bias = wide ? 1024 : 128;
  double rounding = roundingNumber(x);
  Bits index =
      ((exponent + (bias << width)) >> width) + x.constant(rounding).bits();
  Real number = index.asReal(x) - (rounding + double(bias));
  Real result = x;
  if (wide) {
    result = logWide(number, f);
  } else {
    Real tail = fma(polynomial(f, log1pTail), f, -0.5);
    result = fma(number, ln2, fma(tail, f * f, f));
  }
  result = copySign(result, x);
  result = select(x < infinity, result, x);
  result = select(x < -1, notANumber, result);
  return select(x == -1, -infinity, result);
}

} // namespace lambent::expansion
