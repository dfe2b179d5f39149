//===- TensorDifference.h - How far two tensors are apart -------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_COMPARISON_TENSORDIFFERENCE_H
#define LAMBENT_TOOLS_COMPARISON_TENSORDIFFERENCE_H

#include "lambent-c/profile.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lambent::driver {

/// A tensor that outlives its run.
struct KeptTensor {
  std::vector<int64_t> dims;
  std::vector<float> elements;
};

/// How far a tensor is from what it should be, over all samples. Elements that
/// are the same NaN or Inf in both do not count.
class TensorDifference {
public:
  void add(const KeptTensor &expected, const LambentObservedTensor &actual);

  bool isExact() const { return shapes.empty() && noise == 0 && !isUnlike; }
  /// Ratio of the squares of what is expected to those of differences, in dB,
  /// from -300 to 300; none where both are alike, -300 where one has NaN or
  /// Inf, or another shape.
  std::optional<double> sqnr() const;
  /// The cosine of the angle between both; none where one is 0.
  std::optional<double> cosine() const;

  double largest = 0;      ///< difference
  double largestValue = 0; ///< that is expected
  uint64_t elements = 0;
  std::string shape;  ///< of the first sample
  std::string shapes; ///< "2x3 and 3x2" where they differ, else empty
  /// Whether one of both has NaN or Inf where the other has not.
  bool isUnlike = false;

private:
  double noise = 0, expectedSquares = 0, actualSquares = 0, product = 0;
};

} // namespace lambent::driver

#endif
