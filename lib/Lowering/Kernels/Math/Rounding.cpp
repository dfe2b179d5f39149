//===- Rounding.cpp - floor, ceil, trunc, round, fma ----------------------===//
//
// The first from round-to-even: exact for every x, the sign of zero kept.
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

Real multiplyAdd(Real a, Real b, Real c) {
  if (a.isF64())
    return a * b + c;
  mlir::FloatType wide = mlir::Float64Type::get(a.type().getContext());
  // f64 holds the product exactly.
  Real product = a.convert(wide) * b.convert(wide), addend = c.convert(wide),
       sum = product + addend;
  // What the sum lost (Knuth's 2Sum). A sum that is rounded to an odd number
  // instead keeps on which side of f32's middles it lies.
  Real part = sum - product, lost = (product - (sum - part)) + (addend - part);
  Bits bits = sum.bits();
  Mask isPositive = sum.constant(0) < sum;
  Bits up = select(isPositive, bits + 1, bits - 1),
       down = select(isPositive, bits - 1, bits + 1);
  Bits moved = select(lost > 0.0, up, select(lost < 0.0, down, bits));
  Bits odd = select((bits & 1) == 0, moved, bits);
  return odd.asReal(sum).convert(
      mlir::cast<mlir::FloatType>(mlir::getElementTypeOrSelf(a.type())));
}

} // namespace lambent::expansion
