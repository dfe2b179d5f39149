//===- BlockFormat.h - The table of microscaling formats --------*- C++ -*-===//
//
// Blocks of numbers that share a power of two. OCP Microscaling Formats (MX)
// v1.0 and, where pairs have a bit of their own that halves it, shared
// microexponents (arXiv 2302.08007). docs/quantization.md has what becomes of a
// number.
//
// Plain C++17 without the standard library.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_ELEMENTTYPES_BLOCKFORMAT_H
#define LAMBENT_ELEMENTTYPES_BLOCKFORMAT_H

#include <stdint.h>

namespace lambent {

/// A row of the table. An element is a multiple of 2^(e - mantissa), where e is
/// its own exponent, but at least `leastExponent`; times the block's power of
/// two.
struct BlockFormat {
  const char *name;
  int32_t size;          ///< elements of a block
  int32_t mantissa;      ///< bits behind the leading one
  int32_t leastExponent; ///< with it, what is smaller has fewer bits
  int32_t mostExponent;  ///< of the largest element
  double largest;        ///< the largest element
  bool hasPairs;         ///< every two elements may halve the power of two
  bool hasNegativeZero;

  /// How far the exponent of the finest step lies below that of the block.
  constexpr int32_t stepsBelow() const {
    return mantissa - leastExponent + (hasPairs ? 1 : 0);
  }
  /// Whether every element is an integer of 8 bits times the finest step.
  constexpr bool isInteger() const {
    return stepsBelow() < 8 && largest * (1 << stepsBelow()) <= 127;
  }
};

inline constexpr BlockFormat blockFormats[] = {
    {"mxfp8", 32, 3, -6, 8, 448, false, true},
    {"mxfp8-e5m2", 32, 2, -14, 15, 57344, false, true},
    {"mxfp6", 32, 3, 0, 2, 7.5, false, true},
    {"mxfp6-e3m2", 32, 2, -2, 4, 28, false, true},
    {"mxfp4", 32, 1, 0, 2, 6, false, true},
    {"mxint8", 32, 6, 0, 0, 127.0 / 64, false, false},
    {"mx9", 16, 6, 0, 0, 127.0 / 64, true, true},
    {"mx6", 16, 3, 0, 0, 15.0 / 8, true, true},
    {"mx4", 16, 1, 0, 0, 3.0 / 2, true, true},
};

/// The format of this name, which ends with a zero; null where there is none.
constexpr const BlockFormat *findBlockFormat(const char *name) {
  for (const BlockFormat &format : blockFormats) {
    const char *a = format.name, *b = name;
    while (*a && *a == *b) {
      ++a;
      ++b;
    }
    if (*a == *b)
      return &format;
  }
  return nullptr;
}

} // namespace lambent

#endif
