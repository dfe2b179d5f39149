//===- WeightRounding.h - Round a matrix by what it is multiplied with ----===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_WEIGHTROUNDING_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_WEIGHTROUNDING_H

#include "lambent/Quantization/SecondMoments.h"
#include <optional>

namespace lambent::quantization {

/// So many columns of a matrix are rounded at once, each by itself.
constexpr int64_t roundedColumns = 32;

/// Numbers of a strip of columns: those of an index that is summed over.
using ColumnRow = float[roundedColumns];

/// row += sum_j factors[j] * rows[j]
void addRows(ColumnRow &row, llvm::ArrayRef<float> factors,
             const ColumnRow *rows);

/// The numbers that weights may become: each group of indices along the sum
/// has scales, one for each column of a strip.
class WeightGrid {
public:
  virtual ~WeightGrid() = default;
  /// How many indices share scales.
  virtual int64_t getGroup() const = 0;
  /// Chooses the scales of a group for the rows that it begins with.
  /// `importance` says what the squared error at each index costs.
  virtual void chooseScales(int64_t group, llvm::ArrayRef<float> importance,
                            const ColumnRow *rows) = 0;
  /// Rounds the row of an index, whose group has its scales.
  virtual void round(int64_t index, const ColumnRow &row,
                     ColumnRow &rounded) const = 0;
  /// Whether `stretchScales` may change any.
  virtual bool hasScales() const { return true; }
  /// Multiplies the scales of a group, each by its factor, which becomes 1
  /// where that cannot be.
  virtual void stretchScales(int64_t group, ColumnRow &factor) = 0;
  /// Notes what a strip became, whose first columns are those from `column` on.
  virtual void keep(int64_t column, int64_t columns,
                    const ColumnRow *rounded) = 0;
};

/// A matrix that is summed over the index k, with columns n.
struct SummedMatrix {
  llvm::ArrayRef<float> elements;
  int64_t sums, columns;
  int64_t sumStep, columnStep; ///< how far apart elements lie

  float get(int64_t k, int64_t n) const {
    return elements[size_t(k * sumStep + n * columnStep)];
  }
};

/// How the rounding of an index makes up for that of others, from the moments
/// of what the matrix is multiplied with.
class ErrorFeedback {
public:
  /// Adds to the diagonal a hundredth of its mean, or as much more as makes the
  /// moments positive definite. Fails where they are no finite numbers.
  static llvm::Expected<ErrorFeedback> create(const MomentMatrix &moments);

  /// For index k, how much of the error at each j < k its target takes.
  llvm::ArrayRef<float> getFactors(int64_t k) const {
    return llvm::ArrayRef(factors).slice(size_t(k * size), size_t(k));
  }
  /// What the squared error of the targets costs, [size].
  llvm::ArrayRef<float> getImportance() const { return importance; }
  /// The moments with what was added to their diagonal: row k.
  llvm::ArrayRef<float> getMoments(int64_t k) const {
    return llvm::ArrayRef(moments).slice(size_t(k * size), size_t(size));
  }
  /// Adds to a strip of columns what makes up for the gaps of the moments, in
  /// the sense of least squares.
  void closeGaps(ColumnRow *columns) const;

private:
  int64_t size = 0;
  std::vector<float> factors, moments, importance;
  std::vector<float> gaps; ///< [size, size], or none
};

/// The squares of a matrix and of what rounding adds.
struct RoundingNoise {
  double signal = 0, noise = 0;
  /// Adds those of a strip.
  void add(const SummedMatrix &matrix, int64_t column, int64_t columns,
           const ColumnRow *rounded);
};

/// Rounds a matrix to the nearest numbers of a grid, or with feedback to those
/// that change least of what the product gives.
RoundingNoise roundMatrix(const SummedMatrix &matrix, WeightGrid &grid,
                          const ErrorFeedback *feedback);

} // namespace lambent::quantization

#endif
