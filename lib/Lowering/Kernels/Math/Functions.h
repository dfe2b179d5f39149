//===- Functions.h - The elementary functions -------------------*- C++ -*-===//
//
// Each takes f32 and f64.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_FUNCTIONS_H
#define LAMBENT_LOWERING_KERNELS_MATH_FUNCTIONS_H

#include "DoubleDouble.h"

namespace lambent::expansion {

// Exponential.cpp
Real exp(Real x);
/// With a relative error of up to 2^-23 (1 + |x|), at half the cost where the
/// target has fused multiply-adds.
Real approximateExp(Real x);
Real exp2(Real x);
Real expm1(Real x);
/// e^x / 2, which is finite where e^x just is not.
Real halfExp(Real x);
/// For f64.
Real exp2(DoubleReal x);
// Logarithm.cpp
Real log(Real x);
Real log2(Real x);
Real log10(Real x);
Real log1p(Real x);
/// log2 of an f64, to 65 bits.
DoubleReal preciseLog2(Real x);
// Sigmoidal.cpp
Real tanh(Real x);
Real erf(Real x);
/// 1 + tanh x and 1 + erf x, for f32.
Real onePlusTanh(Real x);
Real onePlusErf(Real x);
// Power.cpp
Real pow(Real x, Real y);
Real rsqrt(Real x);
// Remainder.cpp
Real remainder(Real x, Real y);
// Trigonometric.cpp
Real sin(Real x);
Real cos(Real x);
Real tan(Real x);
Real asin(Real x);
Real acos(Real x);
Real atan(Real x);
// Hyperbolic.cpp
Real sinh(Real x);
Real cosh(Real x);
Real asinh(Real x);
Real acosh(Real x);
Real atanh(Real x);
// Rounding.cpp
Real floor(Real x);
Real ceil(Real x);
Real trunc(Real x);
Real round(Real x);
/// a * b + c in one rounding, for f32 by instructions for f64.
Real multiplyAdd(Real a, Real b, Real c);

/// The f32 function that computes `function` in f64 and rounds at the end.
template <Real (*function)(Real)> Real inF64(Real x) {
  auto f32 = mlir::Float32Type::get(x.type().getContext());
  return function(x.convert(mlir::Float64Type::get(x.type().getContext())))
      .convert(f32);
}

} // namespace lambent::expansion

#endif
