//===- Relaxation.h - Weights between the integers beside them --*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_RELAXATION_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_RELAXATION_H

#include "RoundedStrip.h"

namespace lambent::quantization {

/// A strip between the numbers of a grid: at least `lower`, at most a step
/// more. Each has a row for each index of the sum.
struct RelaxedStrip {
  std::unique_ptr<ColumnRow[]> lower, steps;
  /// How much of a step is added: at first any, in the end 0 or 1.
  std::unique_ptr<ColumnRow[]> shares;

  explicit RelaxedStrip(int64_t sums)
      : lower(new ColumnRow[size_t(sums)]), steps(new ColumnRow[size_t(sums)]),
        shares(new ColumnRow[size_t(sums)]) {}
};

/// Moves the shares to where weights cost least. Changes the errors of `strip`,
/// of which it reads the weights.
void relax(RoundedStrip &strip, const ErrorFeedback &feedback,
           RelaxedStrip &relaxed);

} // namespace lambent::quantization

#endif
