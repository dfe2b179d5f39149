//===- SecondMoments.h - How products' inputs vary together -----*- C++ -*-===//
//
// H = sum x x^T over all vectors x that a product reads: the rows of its input
// along the last axis. What rounding a weight w to q costs is
// (w - q)^T H (w - q), the squared error of what the product gives.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_SECONDMOMENTS_H
#define LAMBENT_QUANTIZATION_SECONDMOMENTS_H

#include "lambent/Quantization/TensorView.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <algorithm>
#include <string>
#include <vector>

namespace lambent::quantization {

/// A symmetric matrix; sums are of f32, in steps of a few vectors.
struct MomentMatrix {
  int64_t size = 0;
  int64_t vectors = 0; ///< how many were added
  /// Rows of `size` sums, rounded up to a multiple of 8; those up to the
  /// diagonal count.
  std::vector<float> sums;

  float get(int64_t row, int64_t column) const {
    return sums[size_t(std::max(row, column) * ((size + 7) / 8 * 8) +
                       std::min(row, column))];
  }
};

class SecondMoments {
public:
  /// Takes in one tensor of a sample. Fails where an element is no finite
  /// number, or where the last axis has another size than before.
  llvm::Error see(const TensorView &tensor);
  /// Null for a tensor that was not seen.
  const MomentMatrix *find(llvm::StringRef tensor) const;

private:
  llvm::StringMap<MomentMatrix> matrices;
};

} // namespace lambent::quantization

#endif
