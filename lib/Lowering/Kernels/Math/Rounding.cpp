//===- Rounding.cpp - floor, ceil, trunc, round ---------------------------===//
//
// From round-to-even: exact for every x, the sign of zero kept.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

namespace lambent::expansion {

Real floor(Real x) {
  Real nearest = roundToEven(x);
  return copySign(select(x < nearest, nearest - 1, nearest), x);
}

Real ceil(Real x) {
  Real nearest = roundToEven(x);
  return copySign(select(nearest < x, nearest + 1, nearest), x);
}

Real trunc(Real x) {
  if (x.site->target.hasRound)
    return {x.site,
            mlir::math::TruncOp::create(x.site->builder, x.site->loc, x.value)};
  Real magnitude = abs(x), nearest = roundToEven(magnitude);
  return copySign(select(magnitude < nearest, nearest - 1, nearest), x);
}

Real round(Real x) {
  // Ties away from zero, which no instruction does.
  Real magnitude = abs(x), down = abs(trunc(x));
  return copySign(select(magnitude - down < 0.5, down, down + 1), x);
}

} // namespace lambent::expansion
