//===- Arithmetic.cpp - Write expansions as formulas ----------------------===//
//
// Emission of the operations of Arithmetic.h.
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include <limits>

using namespace mlir;

namespace lambent::expansion {

/// `type` with its element type replaced.
static Type withElement(Type type, Type element) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(element);
  return element;
}

static Value emitConstant(const Site &site, Type type, Attribute number) {
  TypedAttr attr = cast<TypedAttr>(number);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shaped, number);
  return arith::ConstantOp::create(site.builder, site.loc, attr);
}

template <typename OpTy, typename T> static T emit(T a, T b) {
  return {a.site, OpTy::create(a.site->builder, a.site->loc, a.value, b.value)};
}

static Mask compare(arith::CmpFPredicate predicate, Real a, Real b) {
  return {a.site, arith::CmpFOp::create(a.site->builder, a.site->loc, predicate,
                                        a.value, b.value)};
}

Bits Bits::constant(int64_t number) const {
  auto element = cast<IntegerType>(getElementTypeOrSelf(value));
  APInt wide(64, static_cast<uint64_t>(number), /*isSigned=*/true);
  return {site,
          emitConstant(
              *site, value.getType(),
              IntegerAttr::get(element, wide.sextOrTrunc(element.getWidth())))};
}

Real Bits::asReal(const Real &like) const {
  return {site, arith::BitcastOp::create(site->builder, site->loc, like.type(),
                                         value)};
}

Real Real::constant(double number) const {
  return {site,
          emitConstant(*site, type(),
                       FloatAttr::get(getElementTypeOrSelf(type()), number))};
}

Bits Real::bits() const {
  Type element =
      IntegerType::get(type().getContext(),
                       getElementTypeOrSelf(type()).getIntOrFloatBitWidth());
  return {site, arith::BitcastOp::create(site->builder, site->loc,
                                         withElement(type(), element), value)};
}

Real Real::convert(FloatType element) const {
  unsigned from = getElementTypeOrSelf(type()).getIntOrFloatBitWidth();
  Type to = withElement(type(), element);
  if (to == type())
    return *this;
  if (from < element.getWidth())
    return {site, arith::ExtFOp::create(site->builder, site->loc, to, value)};
  return {site, arith::TruncFOp::create(site->builder, site->loc, to, value)};
}

Real operator+(Real a, Real b) { return emit<arith::AddFOp>(a, b); }
Real operator-(Real a, Real b) { return emit<arith::SubFOp>(a, b); }
Real operator*(Real a, Real b) { return emit<arith::MulFOp>(a, b); }
Real operator/(Real a, Real b) { return emit<arith::DivFOp>(a, b); }
Real operator-(Real a) {
  return {a.site, arith::NegFOp::create(a.site->builder, a.site->loc, a.value)};
}

Mask operator<(Real a, Real b) {
  return compare(arith::CmpFPredicate::OLT, a, b);
}
Mask operator==(Real a, Real b) {
  return compare(arith::CmpFPredicate::OEQ, a, b);
}
Mask operator&&(Mask a, Mask b) { return emit<arith::AndIOp>(a, b); }
Mask operator!(Mask a) {
  Bits condition{a.site, a.value};
  return {a.site, emit<arith::XOrIOp>(condition, condition.constant(-1)).value};
}

Bits operator+(Bits a, Bits b) { return emit<arith::AddIOp>(a, b); }
Bits operator-(Bits a, Bits b) { return emit<arith::SubIOp>(a, b); }
Bits operator&(Bits a, Bits b) { return emit<arith::AndIOp>(a, b); }
Bits operator*(Bits a, Bits b) { return emit<arith::MulIOp>(a, b); }
Bits operator|(Bits a, Bits b) { return emit<arith::OrIOp>(a, b); }
Bits operator<<(Bits a, Bits count) { return emit<arith::ShLIOp>(a, count); }
Bits operator>>(Bits a, Bits count) { return emit<arith::ShRUIOp>(a, count); }
Bits operator<<(Bits a, unsigned count) { return a << a.constant(count); }
Bits operator>>(Bits a, unsigned count) { return a >> a.constant(count); }
Mask operator==(Bits a, int64_t b) {
  return {a.site, arith::CmpIOp::create(a.site->builder, a.site->loc,
                                        arith::CmpIPredicate::eq, a.value,
                                        a.constant(b).value)};
}

template <typename T> static T choose(Mask condition, T yes, T no) {
  const Site &site = *condition.site;
  return {&site, arith::SelectOp::create(site.builder, site.loc,
                                         condition.value, yes.value, no.value)};
}
Bits select(Mask condition, Bits yes, Bits no) {
  return choose(condition, yes, no);
}
Real select(Mask condition, Real yes, Real no) {
  return choose(condition, yes, no);
}

Real fma(Real a, Real b, Real c) {
  const Site &site = *a.site;
  if (!site.target.hasFMA)
    return a * b + c;
  return {&site, math::FmaOp::create(site.builder, site.loc, a.value, b.value,
                                     c.value)};
}

Real polynomial(Real x, ArrayRef<double> coefficients) {
  Real sum = x.constant(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, coefficient);
  return sum;
}

Real abs(Real x) {
  return {x.site, math::AbsFOp::create(x.site->builder, x.site->loc, x.value)};
}
Real sqrt(Real x) {
  return {x.site, math::SqrtOp::create(x.site->builder, x.site->loc, x.value)};
}

Real copySign(Real magnitude, Real sign) {
  const Site &site = *magnitude.site;
  return {&site, math::CopySignOp::create(site.builder, site.loc,
                                          magnitude.value, sign.value)};
}

// minps and maxps return their second operand where one is NaN, which is what
// this order of operands says.
Real atMost(Real x, double bound) {
  return select(x.constant(bound) < x, bound, x);
}
Real atLeast(Real x, double bound) { return select(x < bound, bound, x); }

Real roundToEven(Real x) {
  const Site &site = *x.site;
  if (site.target.hasRound)
    return {&site, math::RoundEvenOp::create(site.builder, site.loc, x.value)};
  // From here on every number is an integer.
  double integral = x.isF64() ? 0x1p52 : 0x1p23;
  Real magnitude = abs(x);
  Real rounded = (magnitude + integral) - integral;
  return select(magnitude < integral, copySign(rounded, x), x);
}

Real powerOfTwo(Real shifted) {
  return ((shifted.bits() << mantissaBits(shifted)) + oneBits(shifted))
      .asReal(shifted);
}

Real scale(Real x, Real n, Real shifted) {
  const Site &site = *x.site;
  if (site.target.scaleByPowerOfTwo)
    if (Value scaled = site.target.scaleByPowerOfTwo(site.builder, site.loc,
                                                     x.value, n.value))
      return {&site, scaled};
  // 2^n alone may overflow or be subnormal, the two halves never; the first
  // product is exact.
  Bits number = shifted.bits(), half = number >> 1;
  unsigned width = mantissaBits(x);
  Real first = ((half << width) + oneBits(x)).asReal(x);
  Real second = (((number - half) << width) + oneBits(x)).asReal(x);
  return x * first * second;
}

Real normalize(Real x) {
  // 1 and the fraction, less 1.
  int64_t fraction = (int64_t(1) << mantissaBits(x)) - 1;
  Real magnitude = ((x.bits() & fraction) + oneBits(x)).asReal(x) - 1;
  return copySign(magnitude, x);
}

Real widen(Real x) {
  if (x.isF64())
    return x;
  auto f64 = Float64Type::get(x.type().getContext());
  Real wide = x.convert(f64), small = normalize(x).convert(f64) * 0x1p-126;
  Mask isTiny = abs(x) < smallestNormal(x);
  return select(isTiny, small, wide);
}

} // namespace lambent::expansion
