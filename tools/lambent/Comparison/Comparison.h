//===- Comparison.h - Two compilations, tensor by tensor --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_COMPARISON_COMPARISON_H
#define LAMBENT_TOOLS_COMPARISON_COMPARISON_H

#include "../SampleInputs.h"
#include "TensorDifference.h"

namespace lambent::driver {

/// One of the two.
struct ComparedModel {
  std::string path;
  ModelOptions options;
};

/// A tensor that both have, and the node of the first model that makes it.
struct ComparedTensor {
  std::string name, node, op;
  TensorDifference difference;
};

struct Comparison {
  std::string first, second; ///< what they are, as titles
  double threshold = 0;      ///< in dB
  size_t samples = 0;
  /// In the order in which the first model's nodes compute them.
  std::vector<ComparedTensor> tensors;

  bool isBelow(const ComparedTensor &tensor) const {
    return tensor.difference.sqnr().value_or(threshold) < threshold;
  }
  /// The first one below the threshold, and the one that is farthest off; null
  /// where there is none.
  const ComparedTensor *findFirst() const;
  const ComparedTensor *findWorst() const;
};

/// Runs both models on all samples, which are of the first. Prints what is
/// wrong; returns an exit status.
int compareModels(const ComparedModel &first, const ComparedModel &second,
                  const SampleInputs &samples, LambentThreadPool *pool,
                  Comparison &comparison);

/// As a table, and what is worth a look.
std::string writeText(const Comparison &comparison);
/// As one JSON object.
std::string writeJson(const Comparison &comparison);
/// As an HTML file that needs nothing else.
std::string writePage(const Comparison &comparison);

} // namespace lambent::driver

#endif
