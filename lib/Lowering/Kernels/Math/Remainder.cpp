//===- Remainder.cpp - fmod -----------------------------------------------===//
//
// In f64, where the product of an f32 and a quotient's upper 29 bits is exact:
// each round takes those bits off, and the largest quotient of two f32, 2^277,
// is done after ten.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include <limits>

using namespace mlir;

namespace lambent::expansion {

Real remainder(Real x, Real y) {
  auto f32 = Float32Type::get(x.type().getContext());
  auto f64 = Float64Type::get(x.type().getContext());
  Real dividend = x.convert(f64), divisor = abs(y.convert(f64));
  Real rest = abs(dividend);
  for (int round = 0; round < 10; ++round) {
    Real quotient = trunc(rest / divisor);
    quotient = (quotient.bits() & -(int64_t(1) << 24)).asReal(quotient);
    rest = rest - quotient * divisor;
  }
  // The last quotient may have been rounded up.
  rest = select(rest < 0, rest + divisor, rest);
  rest = select(abs(dividend) < divisor, abs(dividend), rest);
  return copySign(rest, dividend).convert(f32);
}

} // namespace lambent::expansion
