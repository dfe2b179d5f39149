//===- AngleReduction.h - Angles as quarter turns and a rest ----*- C++ -*-===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_ANGLEREDUCTION_H
#define LAMBENT_LOWERING_KERNELS_MATH_ANGLEREDUCTION_H

#include "DoubleDouble.h"

namespace lambent::expansion {

/// An angle: `quarter` quarter turns (only the last two bits count) and a rest
/// in [-pi/4, pi/4].
struct ReducedAngle {
  Bits quarter;
  DoubleReal rest;
};

/// Reduces any finite f64 that is not negative.
ReducedAngle reduceAngle(Real x);

} // namespace lambent::expansion

#endif
