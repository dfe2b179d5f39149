//===- GridNumbers.h - What the grids of weights compute alike --*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_GRIDNUMBERS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_GRIDNUMBERS_H

#include "WeightRounding.h"
#include <cmath>

namespace lambent::quantization {

/// The nearest integer, ties to even, of a magnitude below 2^22: what comes of
/// a sum with 1.5 * 2^23, without a call for each number.
inline float roundSmall(float value) {
  constexpr float shift = 12582912;
  return (value + shift) - shift;
}

/// Comparisons, of which compilers make vectors.
inline float clamp(float value, float least, float most) {
  value = value < least ? least : value;
  return value > most ? most : value;
}

/// Multiplies scales by factors, which become 1 where scales are fixed, or the
/// product is no scale.
inline void stretch(ColumnRow &scale, ColumnRow &factor, bool areFixed) {
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float stretched = scale[n] * factor[n];
    if (!areFixed && stretched > 0 && std::isnormal(stretched))
      scale[n] = stretched;
    else
      factor[n] = 1;
  }
}

} // namespace lambent::quantization

#endif
