//===- Arithmetic.h - Write expansions as formulas --------------*- C++ -*-===//
//
// Values with operators: Real is a float or a vector of floats, Bits the
// integer of the same width, Mask a condition. Each operation emits one op at
// the site's insertion point.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_ARITHMETIC_H
#define LAMBENT_LOWERING_KERNELS_MATH_ARITHMETIC_H

#include "lambent/Lowering/Kernels/MathExpansion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

namespace lambent::expansion {

/// Where operations are emitted, and for which target.
struct Site {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  const MathTarget &target;
};

/// A condition, one per element.
struct Mask {
  const Site *site;
  mlir::Value value;
};

/// The bits of a Real, as integers.
struct Bits {
  const Site *site;
  mlir::Value value;

  Bits constant(int64_t number) const;
  /// The floats with these bits; `like` gives the type.
  struct Real asReal(const struct Real &like) const;
};

/// Floats of one type.
struct Real {
  const Site *site;
  mlir::Value value;

  mlir::Type type() const { return value.getType(); }
  bool isF64() const { return mlir::getElementTypeOrSelf(type()).isF64(); }
  Real constant(double number) const;
  Bits bits() const;
  /// The same numbers in another element type.
  Real convert(mlir::FloatType element) const;
};

Real operator+(Real a, Real b);
Real operator-(Real a, Real b);
Real operator*(Real a, Real b);
Real operator/(Real a, Real b);
Real operator-(Real a);
inline Real operator+(Real a, double b) { return a + a.constant(b); }
inline Real operator-(Real a, double b) { return a - a.constant(b); }
inline Real operator-(double a, Real b) { return b.constant(a) - b; }
inline Real operator*(Real a, double b) { return a * a.constant(b); }
inline Real operator/(double a, Real b) { return b.constant(a) / b; }

/// Ordered comparisons: false where an operand is NaN.
Mask operator<(Real a, Real b);
Mask operator==(Real a, Real b);
inline Mask operator<(Real a, double b) { return a < a.constant(b); }
inline Mask operator>(Real a, double b) { return a.constant(b) < a; }
inline Mask operator==(Real a, double b) { return a == a.constant(b); }
Mask operator&&(Mask a, Mask b);
/// The other elements; of a comparison's result this includes those with a NaN.
Mask operator!(Mask a);

Bits operator+(Bits a, Bits b);
Bits operator-(Bits a, Bits b);
Bits operator*(Bits a, Bits b);
Bits operator&(Bits a, Bits b);
Bits operator|(Bits a, Bits b);
inline Bits operator+(Bits a, int64_t b) { return a + a.constant(b); }
inline Bits operator-(Bits a, int64_t b) { return a - a.constant(b); }
inline Bits operator&(Bits a, int64_t b) { return a & a.constant(b); }
Bits operator<<(Bits a, unsigned count);
/// Logical shift.
Bits operator>>(Bits a, unsigned count);
Bits operator<<(Bits a, Bits count);
Bits operator>>(Bits a, Bits count);
Mask operator==(Bits a, int64_t b);

Bits select(Mask condition, Bits yes, Bits no);
Real select(Mask condition, Real yes, Real no);
inline Real select(Mask condition, double yes, Real no) {
  return select(condition, no.constant(yes), no);
}
inline Real select(Mask condition, Real yes, double no) {
  return select(condition, yes, yes.constant(no));
}
/// a * b + c, in one rounding where the target can.
Real fma(Real a, Real b, Real c);
inline Real fma(Real a, double b, Real c) { return fma(a, a.constant(b), c); }
inline Real fma(Real a, Real b, double c) { return fma(a, b, a.constant(c)); }
inline Real fma(Real a, double b, double c) {
  return fma(a, a.constant(b), a.constant(c));
}
/// coefficients[0] + x * (coefficients[1] + x * ...).
Real polynomial(Real x, llvm::ArrayRef<double> coefficients);
Real abs(Real x);
Real sqrt(Real x);
Real copySign(Real magnitude, Real sign);
/// min(x, bound) and max(x, bound), each one x86 instruction; a NaN stays one.
Real atMost(Real x, double bound);
Real atLeast(Real x, double bound);
/// The nearest integer, ties to even, for every x.
Real roundToEven(Real x);

/// The number that, added and taken away again, rounds small numbers to
/// integers; the integer stands in the low bits of the sum, and shifting the
/// sum's bits left by the mantissa's width leaves the integer as an exponent.
inline double roundingNumber(Real x) { return x.isF64() ? 0x1.8p52 : 0x1.8p23; }
inline unsigned mantissaBits(Real x) { return x.isF64() ? 52 : 23; }
/// The bits of 1.
inline int64_t oneBits(Real x) {
  return x.isF64() ? 0x3FF0000000000000 : 0x3F800000;
}
/// The smallest normal number.
inline double smallestNormal(Real x) {
  return x.isF64() ? 0x1p-1022 : 0x1p-126;
}
/// x / smallestNormal() of a subnormal x or of 0. It comes from the bits: a
/// thread may read subnormal numbers as 0.
Real normalize(Real x);
/// As f64, also where the thread reads subnormal numbers of f32 as 0.
Real widen(Real x);
/// 2^n of n + roundingNumber(), for normal results.
Real powerOfTwo(Real shifted);
/// x * 2^n, rounded once; `shifted` is n + roundingNumber().
Real scale(Real x, Real n, Real shifted);

} // namespace lambent::expansion

#endif
