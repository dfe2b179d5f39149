//===- AngleReduction.cpp - Angles as quarter turns and a rest ------------===//
//
// Payne and Hanek in integers: x = m 2^s with an integer m of 53 bits. Bits of
// 2/pi that make multiples of 4 with 2^s make multiples of 4 with m too, which
// are whole turns. So m times the 192 bits of 2/pi that follow those, modulo
// 2^192, is the angle in quarter turns to 137 bits after the point. No f64 is
// closer than 2^-61 to a multiple of pi/2, other than 0.
//
// The bits are chosen by the exponent: the word by a tree of selects, as a
// vector has no table to look into, and the bit in it by shifts.
//
//===----------------------------------------------------------------------===//

#include "AngleReduction.h"

namespace lambent::expansion {

/// A word of zeros, then 2/pi from its first bit behind the point on.
static constexpr uint64_t twoOverPi[] = {
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0,
    0xDB6295993C439041, 0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0,
    0x06492EEA09D1921C, 0xFE1DEB1CB129A73E, 0xE88235F52EBB4484,
    0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7,
    0x4F463F669E5FEA2D, 0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA,
    0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB};
static constexpr unsigned windowWords = 3;
static constexpr int64_t lowHalf = 0xFFFFFFFF;

/// The windowWords words from bit `offset` of twoOverPi on.
static llvm::SmallVector<Bits> getWindow(Bits offset) {
  llvm::SmallVector<Bits> words;
  for (uint64_t word : twoOverPi)
    words.push_back(offset.constant(static_cast<int64_t>(word)));
  Bits index = offset >> 6, shift = offset & 63;
  // One word more, of which the shift takes in a part.
  for (unsigned step : {16, 8, 4, 2, 1}) {
    Mask stay = (index & step) == 0;
    llvm::SmallVector<Bits> chosen;
    for (unsigned i = 0; i < windowWords + step; ++i)
      chosen.push_back(select(stay, words[i],
                              i + step < words.size() ? words[i + step]
                                                      : offset.constant(0)));
    words = chosen;
  }
  llvm::SmallVector<Bits> window;
  for (unsigned i = 0; i < windowWords; ++i)
    window.push_back((words[i] << shift) |
                     ((words[i + 1] >> 1) >> (offset.constant(63) - shift)));
  return window;
}

/// mantissa * window modulo 2^192, in halves of words, lowest first.
static llvm::SmallVector<Bits> multiply(Bits mantissa,
                                        llvm::ArrayRef<Bits> window) {
  llvm::SmallVector<Bits> factor;
  for (Bits word : llvm::reverse(window)) {
    factor.push_back(word & lowHalf);
    factor.push_back(word >> 32);
  }
  llvm::SmallVector<Bits> product(factor.size(), mantissa.constant(0));
  Bits halves[] = {mantissa & lowHalf, mantissa >> 32};
  for (unsigned place : {0, 1}) {
    Bits carry = mantissa.constant(0);
    for (unsigned i = place; i < factor.size(); ++i) {
      Bits sum = halves[place] * factor[i - place] + product[i] + carry;
      product[i] = sum & lowHalf;
      carry = sum >> 32;
    }
  }
  return product;
}

/// An integer of 32 bits as a float.
static Real toReal(Bits number, Real like) {
  return (number + 0x4330000000000000).asReal(like) - 0x1p52;
}

ReducedAngle reduceAngle(Real x) {
  Mask small = x < 0x1.921fb54442d18p-1;
  // Below, the window would begin before the zeros.
  Bits bits = select(small, 0.5, x).bits();
  // The first bit of 2/pi has the weight 1/2, that of the window 2.
  Bits offset = (bits >> 52) - 1013;
  Bits mantissa = (bits & 0xFFFFFFFFFFFFF) + 0x10000000000000;
  llvm::SmallVector<Bits> product = multiply(mantissa, getWindow(offset));

  // Two bits before the point and 128 behind it, of which the first makes the
  // rest negative.
  Bits quarter = product[5] >> 30;
  Bits upper = ((product[5] << 34) | (product[4] << 2)) + (product[3] >> 30);
  Bits lower = ((product[3] << 34) | (product[2] << 2)) + (product[1] >> 30);
  quarter = quarter + (upper >> 63);
  Bits offsetBinary = upper - std::numeric_limits<int64_t>::min();
  Real first = (toReal(offsetBinary >> 32, x) - 0x1p31) * 0x1p-32;
  Real second = toReal(upper & lowHalf, x) * 0x1p-64;
  Real third = toReal(lower >> 32, x) * 0x1p-96;
  Real fourth = toReal(lower & lowHalf, x) * 0x1p-128;
  DoubleReal sum = fastSum(first, second);
  DoubleReal more = fastSum(sum.high, third);
  DoubleReal turns = fastSum(more.high, (sum.low + more.low) + fourth);
  DoubleReal halfPi = {x.constant(0x1.921fb54442d18p0),
                       x.constant(0x1.1a62633145c07p-54)};
  DoubleReal rest = turns * halfPi;
  return {select(small, quarter.constant(0), quarter),
          {select(small, x, rest.high), select(small, 0.0, rest.low)}};
}

} // namespace lambent::expansion
