//===- Sigmoidal.cpp - tanh and erf ---------------------------------------===//
//
// tanh: |x| = n ln(2)/2 + r with 0 <= r <= ln(2)/2. With s = 2^n, T = tanh r,
//
//   tanh |x| = d / (d + 2 - 2 T),   d = (s - 1) + (s + 1) T
//
// For n = 0 the quotient is exactly T, so small arguments lose nothing; r >= 0
// keeps d from cancelling.
//
// erf: near 0, x + x p(x^2). Beyond, erf |x| = 1 - q(|x|)^4, where q
// approximates the fourth root of erfc: q needs accuracy in proportion to 1/q^3
// only, so that a low degree serves the whole range and no exp is needed.
//
// 1 + erf x, which is all that a GELU needs, is q(|x|)^4 of negative x and 2 -
// q(|x|)^4 of others, with one q from 0 on: near 0 the 1 hides its error.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

namespace lambent::expansion {

// tanh r = r + r^3 p(r^2)
static constexpr double tanh32[] = {-0x1.55554ep-2, 0x1.110c4p-3,
                                    -0x1.b82be8p-5, 0x1.3eda5ep-6};
static constexpr double tanh64[] = {
    -0x1.55555555554cdp-2,  0x1.11111110ff3bfp-3,  -0x1.ba1ba1a0918bcp-5,
    0x1.664f3fa6e3a4fp-6,   -0x1.226c8110a51f8p-7, 0x1.d6718f2642d4ap-9,
    -0x1.772a17308d353p-10, 0x1.f2b97b8ad3a2cp-12};
// erf x = x + x p(x^2), |x| <= 1
static constexpr double erfNear32[] = {
    0x1.06eba8p-3, -0x1.81273ep-2,  0x1.ce2ce6p-4, -0x1.b7f71ap-6,
    0x1.53f224p-8, -0x1.a3516ap-11, 0x1.47723p-14};
static constexpr double erfNear64[] = {
    0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b20p-4,
    -0x1.b82ce31284999p-6,  0x1.565bcd0db0258p-8,   -0x1.c02db3d8eba45p-11,
    0x1.f9a321a0f4115p-14,  -0x1.f4d1df364eaa8p-17, 0x1.b9def17976e2cp-20,
    -0x1.5f1d359be4e30p-23, 0x1.f7a40668b3ff2p-27,  -0x1.386a9e21c22fap-30,
    0x1.0579517539465p-34};
// erfc(x)^(1/4) = 1 + x p(x), 1 <= x
static constexpr double erfFar32[] = {
    -0x1.2084a2p-2, -0x1.f0d336p-4,  0x1.4c1bc2p-6,
    0x1.80cc3p-7,   0x1.48303p-8,    -0x1.71091ep-8,
    0x1.ab39a4p-10, -0x1.b7c244p-13, 0x1.606006p-17};
static constexpr double erfFar64[] = {
    -0x1.20dd769a06ae8p-2,  -0x1.e8ec43e202631p-4,  0x1.fa9f17f791e19p-7,
    0x1.313fcfa4aaac8p-6,   -0x1.430c7b07022efp-10, -0x1.f98defa6f22f5p-10,
    0x1.954a85c55f50bp-13,  0x1.32f56be52ff14p-13,  -0x1.a530a206e6ae0p-15,
    0x1.ea25701d5aec4p-17,  -0x1.b797088dcae8ap-18, 0x1.44c8cb6741ef2p-19,
    -0x1.73de99f534c10p-21, 0x1.8e7550ae2c24ep-23,  -0x1.9a721df3348dbp-25,
    0x1.63af671a2d7c5p-27,  -0x1.d4a4b883d1405p-30, 0x1.c07ab9924f749p-33,
    -0x1.2db3274da3d77p-36, 0x1.0f33eb2930d6ap-40,  -0x1.25552a3f3c73cp-45,
    0x1.2162be99b57cep-51};

// The same, 0 <= x
static constexpr double erfcRoot32[] = {
    -0x1.20dd6ap-2,  -0x1.e8f016p-4, 0x1.fb699cp-7,  0x1.300144p-6,
    -0x1.21161p-10,  -0x1.0d6d94p-9, 0x1.1873fap-12, 0x1.e552a2p-14,
    -0x1.1a66dcp-15, 0x1.5c0bp-19};

Real tanh(Real x) {
  bool wide = x.isF64();
  double rounding = roundingNumber(x);
  // Beyond, tanh rounds to 1.
  Real magnitude = atMost(abs(x), wide ? 20 : 9.2);
  Real shifted = fma(magnitude, 0x1.71547652b82fep1, -0.5) + rounding;
  Real n = shifted - rounding;
  double high = wide ? 0x1.62e42feep-2 : 0x1.62e4p-2,
         low = wide ? 0x1.a39ef35793c76p-34 : 0x1.7f7d1cp-21;
  Real r = fma(n, -low, fma(n, -high, magnitude));
  Real square = r * r;
  llvm::ArrayRef<double> coefficients = tanh32;
  if (wide)
    coefficients = tanh64;
  Real t = fma(r * square, polynomial(square, coefficients), r);
  Real s = powerOfTwo(shifted), less = s - 1, more = s + 1;
  // The divisor is the dividend plus 2 - 2 T, which keeps the dividend's error
  // from counting twice.
  Real dividend = fma(more, t, less);
  return copySign(dividend / (dividend + fma(t, -2, 2)), x);
}

Real erf(Real x) {
  bool wide = x.isF64();
  llvm::ArrayRef<double> nearCoefficients = erfNear32,
                         farCoefficients = erfFar32;
  if (wide) {
    nearCoefficients = erfNear64;
    farCoefficients = erfFar64;
  }
  // Beyond, erf rounds to 1.
  Real magnitude = atMost(abs(x), wide ? 5.95 : 3.93);
  Real near = fma(polynomial(x * x, nearCoefficients), x, x);
  Real root = fma(polynomial(magnitude, farCoefficients), magnitude, 1),
       square = root * root;
  Real far = copySign(fma(-square, square, 1), x);
  return select(magnitude > 1, far, near);
}

Real onePlusErf(Real x) {
  Real magnitude = abs(x);
  Real slope = polynomial(magnitude, erfcRoot32);
  Real root = fma(slope, magnitude, 1), square = root * root;
  // What rounding took of the root counts four times.
  Real lost = fma(slope, magnitude, 1.0 - root);
  Real power = square * fma(lost, 4, square);
  // Beyond, erf rounds to -1 or 1.
  Real rest = select(magnitude > 3.93, 0.0, power);
  return select(x < 0.0, rest, 2.0 - rest);
}

Real onePlusTanh(Real x) {
  // 2 / (1 + e^(-2x)): an error of the exponent in proportion to x does not
  // count, for the less the result changes with x, the larger |x| is.
  return 2.0 / (exp2(x * -0x1.71547652b82fep1) + 1);
}

} // namespace lambent::expansion
