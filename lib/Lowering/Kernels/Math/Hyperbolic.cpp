//===- Hyperbolic.cpp - sinh, cosh and the inverse functions --------------===//
//
// The definitions by exp and log, in f64. Below 2^-10, where they cancel, the
// first terms of the series.
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

Real sinh(Real x) { return inF64<sinh64>(x); }
Real cosh(Real x) { return inF64<cosh64>(x); }
Real asinh(Real x) { return inF64<asinh64>(x); }
Real acosh(Real x) { return inF64<acosh64>(x); }
Real atanh(Real x) { return inF64<atanh64>(x); }

} // namespace lambent::expansion
