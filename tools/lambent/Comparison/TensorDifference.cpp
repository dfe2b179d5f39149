//===- TensorDifference.cpp - How far two tensors are apart ---------------===//

#include "TensorDifference.h"
#include "../TensorText.h"
#include <algorithm>
#include <cmath>

namespace lambent::driver {

void TensorDifference::add(const KeptTensor &expected,
                           const LambentObservedTensor &actual) {
  std::string text = shapeText(expected.dims.data(), expected.dims.size());
  if (shape.empty())
    shape = text;
  std::string other = shapeText(actual.dims, actual.rank);
  if (text != other) {
    if (shapes.empty())
      shapes = text + " and " + other;
    return;
  }
  elements += actual.num_elements;
  for (uint64_t i = 0; i < actual.num_elements; ++i) {
    double a = expected.elements[i], b = actual.elements[i];
    if (!std::isfinite(a) || !std::isfinite(b)) {
      bool isAlike = a == b || (std::isnan(a) && std::isnan(b));
      isUnlike |= !isAlike;
      continue;
    }
    largest = std::max(largest, std::fabs(a - b));
    largestValue = std::max(largestValue, std::fabs(a));
    noise += (a - b) * (a - b);
    expectedSquares += a * a;
    actualSquares += b * b;
    product += a * b;
  }
}

std::optional<double> TensorDifference::sqnr() const {
  constexpr double most = 300;
  if (isExact())
    return std::nullopt;
  if (isUnlike || !shapes.empty() || expectedSquares == 0)
    return -most;
  return std::clamp(10 * std::log10(expectedSquares / noise), -most, most);
}

std::optional<double> TensorDifference::cosine() const {
  if (expectedSquares == 0 || actualSquares == 0)
    return std::nullopt;
  return product / (std::sqrt(expectedSquares) * std::sqrt(actualSquares));
}

} // namespace lambent::driver
