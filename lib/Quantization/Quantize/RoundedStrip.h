//===- RoundedStrip.h - Columns of a matrix that become integers *- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_ROUNDEDSTRIP_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_ROUNDEDSTRIP_H

#include "WeightRounding.h"
#include <memory>

namespace lambent::quantization {

/// A strip of columns on its way: what weights are to be, what they became, and
/// the difference. Each has a row for each index of the sum.
struct RoundedStrip {
  int64_t sums;
  std::unique_ptr<ColumnRow[]> weights, errors, targets, rounded;

  explicit RoundedStrip(int64_t sums)
      : sums(sums), weights(new ColumnRow[size_t(sums)]),
        errors(new ColumnRow[size_t(sums)]),
        targets(new ColumnRow[size_t(sums)]),
        rounded(new ColumnRow[size_t(sums)]) {}

  /// Reads weights; columns behind the matrix's last are 0.
  void read(const SummedMatrix &matrix, int64_t column, int64_t columns);
  void round(const WeightGrid &grid, int64_t k, const ColumnRow &target);
};

/// What the errors of all indices ask for at those from `first` to `end`: row k
/// is sum_j H[k, j] e[j].
void findGradients(const RoundedStrip &strip, const ErrorFeedback &feedback,
                   int64_t first, int64_t end, ColumnRow *gradients);

/// Rounds one index after the other, each by the errors before it, in groups
/// that first choose their scales.
void roundByFeedback(RoundedStrip &strip, WeightGrid &grid,
                     const ErrorFeedback &feedback);

/// Fits scales and rounds each index again, given all others: e^T H e falls or
/// stays. `gradients` has room for a group.
void roundAgain(RoundedStrip &strip, WeightGrid &grid,
                const ErrorFeedback &feedback, ColumnRow *gradients);

} // namespace lambent::quantization

#endif
