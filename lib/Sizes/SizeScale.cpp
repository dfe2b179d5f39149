//===- SizeScale.cpp - Sizes times a factor of single precision -----------===//
//
// ONNX and ONNX Runtime multiply a size by a factor in f32 and round the
// product down. Rounded to f32, a product that lies just below a whole number
// becomes that number: 10 * 0.7f is 7, though 0.7f is less than 0.7. Such a
// factor means a quotient of small numbers, up / down, and of an open size
//
//   floor(f32(size * factor)) = floor(size * up / down),
//
// which holds for sizes up to a bound. With factor = up / down * (1 + d):
//
// - Where size * up / down is not whole, at least 1 / down is missing to the
//   next whole number. The product is at most (1 + d) * (1 + 2^-24) times as
//   large, which with |d| <= 2^-24 does not reach it below size * up = 2^23,
//   and where d is 0 not below 2^24. Nor does it fall below the last one, which
//   f32 holds.
// - Where it is a whole number K, d must be at least -2^-25. Then K * (1 + d)
//   is K or nearer to it than to the f32 before it, or in the middle of both,
//   and K is the even one.
//
//===----------------------------------------------------------------------===//

#include "lambent/Sizes/SizeScale.h"
#include "Polynomial.h"
#include <cmath>

using namespace lambent;

namespace {
/// A factor as a quotient, and the sizes for which it stands for the factor.
struct Quotient {
  int64_t up, down, most;
};
} // namespace

/// Sizes that a quotient must hold for, to be of use.
static constexpr int64_t leastRange = 1 << 14;

/// Whether products are taken exactly: f32 has all of those that memory holds,
/// but for large ones, which it would round to a number that nobody means.
static bool isWhole(float factor) {
  return factor == std::floor(factor) && factor < 0x1p40f;
}

/// Up to which size up / down stands for the factor numerator / denominator, or
/// 0.
static int64_t getRange(int64_t up, int64_t down, int64_t numerator,
                        int64_t denominator) {
  // d * denominator * up
  Wide off = Wide(numerator) * down - Wide(up) * denominator,
       unit = Wide(denominator) * up;
  if (off == 0)
    return ((1 << 24) - 1) / up;
  bool isNear = off > 0 ? off <= unit >> 24 : -off <= unit >> 25;
  return isNear ? ((1 << 23) - 1) / up : 0;
}

/// The quotient of the smallest numbers: one of those that the factor's
/// continued fraction begins with.
static std::optional<Quotient> findQuotient(float factor) {
  if (isWhole(factor))
    return Quotient{int64_t(factor), 1, INT64_MAX};
  if (!(factor >= 0x1p-14f && factor < 0x1p10f))
    return std::nullopt;
  int64_t numerator = int64_t(std::ldexp(double(factor), 38)),
          denominator = int64_t(1) << 38;
  int64_t up = 1, down = 0, lastUp = 0, lastDown = 1;
  for (int64_t a = numerator, b = denominator; b != 0;) {
    int64_t whole = a / b;
    a = std::exchange(b, a % b);
    lastUp = std::exchange(up, whole * up + lastUp);
    lastDown = std::exchange(down, whole * down + lastDown);
    if (up > (1 << 24) / leastRange)
      return std::nullopt;
    int64_t most = up ? getRange(up, down, numerator, denominator) : 0;
    if (most >= leastRange)
      return Quotient{up, down, most};
  }
  return std::nullopt;
}

Size lambent::scaleDown(const Size &size, float factor) {
  std::optional<Quotient> quotient = findQuotient(factor);
  if (!size.isNumber())
    return quotient ? (size * quotient->up).floorDiv(quotient->down)
                    : Size::unknown();
  if (isWhole(factor))
    return size * int64_t(factor);
  float product = float(size.getNumber()) * factor;
  return int64_t(std::floor(std::min(product, 0x1p60f)));
}

int64_t lambent::getMostScaled(float factor) {
  std::optional<Quotient> quotient = findQuotient(factor);
  return quotient ? quotient->most : 0;
}
