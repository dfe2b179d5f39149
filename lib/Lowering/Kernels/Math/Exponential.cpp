//===- Exponential.cpp - exp, exp2, expm1 ---------------------------------===//
//
// x = n ln 2 + r with |r| <= ln(2)/2; e^x = 2^n (1 + r + r^2 q(r)). ln 2 is
// split so that n times its upper part is exact, with or without fused
// products.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <optional>

namespace lambent::expansion {

namespace {
/// The constants of one float type.
struct ExpNumbers {
  double low, high; ///< e^low rounds to 0, e^high to infinity
  double ln2High, ln2Low;
  llvm::ArrayRef<double> tail; ///< q
};

/// x = n ln 2 + r.
struct Reduced {
  Real n, shifted, r;
};
} // namespace

static constexpr double log2e = 0x1.71547652b82fep0;
static constexpr double tail32[] = {0x1.fffffcp-2, 0x1.55548cp-3, 0x1.555858p-5,
                                    0x1.123dep-7, 0x1.6ac748p-10};
static constexpr double tail64[] = {
    0x1.000000000000ap-1,  0x1.5555555555503p-3,  0x1.5555555550603p-5,
    0x1.1111111124d0ep-7,  0x1.6c16c184b64e4p-10, 0x1.a01a013d727a0p-13,
    0x1.a01998895c9b1p-16, 0x1.71def390f09dbp-19, 0x1.28aedf217c41cp-22,
    0x1.add9298663896p-26};
static constexpr double expm1Tail[] = {
    0x1.fffffep-2, 0x1.5554aap-3, 0x1.55579ep-5, 0x1.122c8ap-7, 0x1.6ab0fcp-10};
static constexpr double exp2Tail[] = {0x1.62e43p-1,   0x1.ebfb94p-3,
                                      0x1.c6af9ep-5,  0x1.3b6816p-7,
                                      0x1.5ef4dep-10, 0x1.179a5p-13};

/// 2^r for r in [0, 1).
static constexpr double exp2Fraction[] = {0x1.fffffep-1, 0x1.62e4eap-1,
                                          0x1.ebd6c2p-3, 0x1.c949b8p-5,
                                          0x1.26bbd2p-7, 0x1.ebaf3ep-10};

/// (2^r - 1) / r for r in [-1/2, 1/2], with one term less than exp2Tail and an
/// error of 2^r that may grow with |r|.
static constexpr double exp2ShortTail[] = {0x1.62e42ap-1, 0x1.ebf9e2p-3,
                                           0x1.c6b728p-5, 0x1.3cdf48p-7,
                                           0x1.5ba53p-10};

static ExpNumbers numbers(Real x) {
  if (x.isF64())
    return {-746, 710, 0x1.62e42feep-1, 0x1.a39ef35793c76p-33, tail64};
  return {-104, 89, 0x1.62e4p-1, 0x1.7f7d1cp-20, tail32};
}

static Reduced reduce(Real x, const ExpNumbers &with) {
  double rounding = roundingNumber(x);
  Real shifted = fma(x, log2e, rounding);
  Real n = shifted - rounding;
  return {n, shifted, fma(n, -with.ln2Low, fma(n, -with.ln2High, x))};
}

Real exp(Real x) {
  ExpNumbers with = numbers(x);
  auto [n, shifted, r] = reduce(atMost(atLeast(x, with.low), with.high), with);
  Real tail = polynomial(r, with.tail);
  return scale(fma(fma(tail, r, 1), r, 1), n, shifted);
}

/// 2^x by instructions that take a fraction and scale.
static std::optional<Real> scaleFraction(Real x) {
  const Site &site = *x.site;
  if (!site.target.fraction || !site.target.scaleByPowerOfTwo)
    return std::nullopt;
  mlir::Value fraction =
      site.target.fraction(site.builder, site.loc, x.value);
  if (!fraction)
    return std::nullopt;
  // No bounds: powers overflow to infinity and underflow to 0.
  return Real{&site,
              site.target.scaleByPowerOfTwo(
                  site.builder, site.loc,
                  polynomial({&site, fraction}, exp2Fraction).value, x.value)};
}

/// 2^x by adding to the exponent, once: at both bounds 2^r is 1, so that the
/// sums are the bits of infinity and 0.
static Real addToExponent(Real x) {
  x = atMost(atLeast(x, -127), 128);
  double rounding = roundingNumber(x);
  Real shifted = x + rounding, r = x - (shifted - rounding);
  Real power = fma(polynomial(r, exp2ShortTail), r, 1);
  return (power.bits() + (shifted.bits() << mantissaBits(x))).asReal(x);
}

Real approximateExp(Real x) {
  if (x.isF64() || !x.site->target.hasFMA)
    return exp(x);
  Real power = x * log2e;
  if (std::optional<Real> result = scaleFraction(power))
    return *result;
  return addToExponent(power);
}

Real halfExp(Real x) {
  ExpNumbers with = numbers(x);
  auto [n, shifted, r] =
      reduce(atMost(atLeast(x, with.low), with.high + 1), with);
  Real tail = polynomial(r, with.tail);
  return scale(fma(fma(tail, r, 1), r, 1), n - 1, shifted - 1);
}

Real exp2(DoubleReal x) {
  Real bounded = atMost(atLeast(x.high, -1080), 1025);
  Real low = select(bounded == x.high, x.low, 0.0);
  double rounding = roundingNumber(bounded);
  Real shifted = bounded + rounding, n = shifted - rounding;
  Real scaled = ((bounded - n) + low) * 0x1.62e42fefa39efp-1;
  return scale(fma(fma(polynomial(scaled, tail64), scaled, 1), scaled, 1), n,
               shifted);
}

/// 2^r, |r| <= 1/2.
static Real exp2OfFraction(Real r) {
  if (!r.isF64())
    return fma(polynomial(r, exp2Tail), r, 1);
  Real scaled = r * 0x1.62e42fefa39efp-1;
  return fma(fma(polynomial(scaled, tail64), scaled, 1), scaled, 1);
}

Real exp2(Real x) {
  bool wide = x.isF64();
  const Site &site = *x.site;
  if (site.target.splitNearest) {
    auto [nearest, rest] =
        site.target.splitNearest(site.builder, site.loc, x.value);
    // Scaling takes any integer, so that no x is out of bounds.
    if (nearest)
      return {&site, site.target.scaleByPowerOfTwo(
                         site.builder, site.loc,
                         exp2OfFraction({&site, rest}).value, nearest)};
  }
  x = atMost(atLeast(x, wide ? -1080 : -152), wide ? 1025 : 129);
  double rounding = roundingNumber(x);
  Real shifted = x + rounding, n = shifted - rounding, r = x - n;
  return scale(exp2OfFraction(r), n, shifted);
}

Real expm1(Real x) {
  ExpNumbers with = numbers(x);
  bool wide = x.isF64();
  // Below, the result rounds to -1.
  auto [n, shifted, r] =
      reduce(atMost(atLeast(x, wide ? -60 : -30), with.high), with);
  llvm::ArrayRef<double> tail = expm1Tail;
  if (wide)
    tail = tail64;
  Real small = fma(r * r, polynomial(r, tail), r);
  // Half the result, since 2^n itself may overflow.
  Real half = powerOfTwo(shifted - 1);
  Real large = fma(small, half, half - 0.5) * 2;
  return copySign(select(n == 0, small, large), x);
}

} // namespace lambent::expansion
