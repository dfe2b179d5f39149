//===- Hyperbolic.cpp - sinh, cosh and the inverse functions --------------===//
//
// f32: the definitions by exp and log, in f64. Below 2^-10, where they cancel,
// the first terms of the series.
//
// f64: by expm1 and log1p where exp and log would cancel.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <limits>

namespace lambent::expansion {

/// `function` of |x|, with x + factor x^3 near 0 and the sign of x.
static Real odd(Real x, double factor,
                llvm::function_ref<Real(Real)> function) {
  Real magnitude = abs(x);
  Real series = fma(magnitude * magnitude * magnitude, factor, magnitude);
  return copySign(select(magnitude < 0x1p-10, series, function(magnitude)), x);
}

static Real sinh64(Real x) {
  return odd(x, 1.0 / 6, [](Real magnitude) {
    Real power = exp(magnitude);
    return (power - 1 / power) * 0.5;
  });
}

static Real cosh64(Real x) {
  Real power = exp(abs(x));
  return (power + 1 / power) * 0.5;
}

static Real asinh64(Real x) {
  return odd(x, -1.0 / 6, [](Real magnitude) {
    return log(magnitude + sqrt(fma(magnitude, magnitude, 1)));
  });
}

static Real acosh64(Real x) {
  return select(x < 1, std::numeric_limits<double>::quiet_NaN(),
                log(x + sqrt(fma(x, x, -1))));
}

static Real atanh64(Real x) {
  return odd(x, 1.0 / 3, [](Real magnitude) {
    return log((magnitude + 1) / (1 - magnitude)) * 0.5;
  });
}

static Real sinhWide(Real x) {
  Real magnitude = abs(x);
  Real less = expm1(magnitude), half = halfExp(magnitude);
  Real near = (less + less / (less + 1)) * 0.5, far = half - 0.25 / half;
  return copySign(select(magnitude < 1, near, far), x);
}

static Real coshWide(Real x) {
  Real half = halfExp(abs(x));
  return half + 0.25 / half;
}

/// log(1 + near), or from 2^60 on, where squares would overflow, log(2 x).
static Real logOfSum(Real x, Real near) {
  Mask large = x > 0x1p60;
  return log1p(select(large, x, near)) +
         select(large, 0x1.62e42fefa39efp-1, x.constant(0));
}

static Real asinhWide(Real x) {
  Real magnitude = abs(x), square = magnitude * magnitude;
  Real near = magnitude + square / (sqrt(square + 1) + 1);
  return copySign(logOfSum(magnitude, near), x);
}

static Real acoshWide(Real x) {
  Real more = x - 1;
  return select(x < 1, std::numeric_limits<double>::quiet_NaN(),
                logOfSum(x, more + sqrt(more * (more + 2))));
}

static Real atanhWide(Real x) {
  Real magnitude = abs(x);
  return copySign(log1p(magnitude * 2 / (1 - magnitude)) * 0.5, x);
}

Real sinh(Real x) { return x.isF64() ? sinhWide(x) : inF64<sinh64>(x); }
Real cosh(Real x) { return x.isF64() ? coshWide(x) : inF64<cosh64>(x); }
Real asinh(Real x) { return x.isF64() ? asinhWide(x) : inF64<asinh64>(x); }
Real acosh(Real x) { return x.isF64() ? acoshWide(x) : inF64<acosh64>(x); }
Real atanh(Real x) { return x.isF64() ? atanhWide(x) : inF64<atanh64>(x); }

} // namespace lambent::expansion
