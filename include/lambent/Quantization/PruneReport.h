//===- PruneReport.h - What became of the layers of a pruning ---*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_PRUNEREPORT_H
#define LAMBENT_QUANTIZATION_PRUNEREPORT_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lambent::quantization {

/// What became of one product.
struct PrunedLayer {
  std::string node, op;
  /// Why it stayed as it is, or "".
  std::string reason;
  int64_t weights = 0, zeros = 0;
  /// Squares of the weights to those of what was changed, in dB; 0: nothing
  /// was.
  double weightSnr = 0;
  /// The same of what the product gives on the samples, as it reads it in the
  /// pruned model; nothing without samples.
  std::optional<double> outputSnr;
  /// Why samples did not say which weights become 0, or "".
  std::string whyMagnitude;
};

struct PruneReport {
  std::vector<PrunedLayer> layers;
};

/// As one JSON object: "weights" and "zeros" of all products, "layers".
std::string formatReport(const PruneReport &report);

} // namespace lambent::quantization

#endif
