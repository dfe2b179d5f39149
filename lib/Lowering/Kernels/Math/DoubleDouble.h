//===- DoubleDouble.h - Sums of two floats as one number --------*- C++ -*-===//
//
// An unevaluated sum of two f64 has twice the bits of one (Dekker 1971). These
// operations keep about 100 of them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_DOUBLEDOUBLE_H
#define LAMBENT_LOWERING_KERNELS_MATH_DOUBLEDOUBLE_H

#include "Arithmetic.h"

namespace lambent::expansion {

/// high + low, low being at most half a unit in the last place of high.
struct DoubleReal {
  Real high, low;
};

/// a + b exactly, for |a| >= |b| or a = 0.
DoubleReal fastSum(Real a, Real b);
/// a * b exactly, for |a|, |b| and |a * b| below 2^970.
DoubleReal exactProduct(Real a, Real b);

DoubleReal operator*(DoubleReal a, DoubleReal b);
DoubleReal operator*(DoubleReal a, Real b);
/// For |a| >= |b| or a = 0.
DoubleReal operator+(Real a, DoubleReal b);

} // namespace lambent::expansion

#endif
