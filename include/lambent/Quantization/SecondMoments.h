//===- SecondMoments.h - How products' inputs vary together -----*- C++ -*-===//
//
// H = sum x x^T over all vectors x that a product reads: the rows of its input
// along the last axis. What rounding a weight w to q costs is
// (w - q)^T H (w - q), the squared error of what the product gives. Where the
// product reads y in a model whose earlier weights are rounded, and was to read
// x, H = sum y y^T, and sum y (x - y)^T says what w is to make up for.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_SECONDMOMENTS_H
#define LAMBENT_QUANTIZATION_SECONDMOMENTS_H

#include "lambent/Quantization/TensorView.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace lambent::quantization {

/// A symmetric matrix; sums are of f32, in steps of a few vectors.
struct MomentMatrix {
  int64_t size = 0;
  int64_t vectors = 0; ///< how many were added
  /// Vectors are divided by 2^exponent first, so that squares of very large or
  /// small numbers are none that f32 lacks; 0 for all others. None is chosen
  /// before a number that is not 0 was seen.
  std::optional<int> exponent;
  /// Rows of `size` sums, rounded up to a multiple of 16; those up to the
  /// diagonal count.
  std::vector<float> sums;
  /// sum y (x - y)^T in rows of the same length, of whole matrices; empty where
  /// no other model was asked.
  std::vector<float> gaps;

  int64_t getStride() const { return (size + 15) / 16 * 16; }
  float get(int64_t row, int64_t column) const {
    return sums[size_t(std::max(row, column) * getStride() +
                       std::min(row, column))];
  }
  llvm::ArrayRef<float> getGaps(int64_t row) const {
    return llvm::ArrayRef(gaps).slice(size_t(row * getStride()), size_t(size));
  }
  /// Takes an exponent that is as large or larger.
  void raiseExponent(int wanted);
  /// Adds the sums over other vectors of the same size.
  void add(const MomentMatrix &other);
};

class SecondMoments {
public:
  /// Takes in one tensor of a sample. Fails where an element is no finite
  /// number, or where the last axis has another size than before.
  llvm::Error see(const TensorView &tensor);
  /// The same with what it was to hold, in as many elements.
  llvm::Error see(const TensorView &tensor, llvm::ArrayRef<float> wanted);
  /// Null for a tensor that was not seen.
  const MomentMatrix *find(llvm::StringRef tensor) const;

private:
  llvm::StringMap<MomentMatrix> matrices;
};

} // namespace lambent::quantization

#endif
