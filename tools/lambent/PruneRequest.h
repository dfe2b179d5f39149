//===- PruneRequest.h - The options that say how to prune -----------------===//

#ifndef LAMBENT_TOOLS_PRUNEREQUEST_H
#define LAMBENT_TOOLS_PRUNEREQUEST_H

#include "Arguments.h"
#include "lambent-c/prune.h"
#include <memory>

namespace lambent::driver {

/// A pruning in the C API's structure. Must outlive the call it is for.
class PruneRequest {
public:
  /// Reads the options below. Prints what is wrong and returns null on failure.
  static std::unique_ptr<PruneRequest> parse(const Arguments &arguments);

  const LambentPruneOptions *options() const { return &theOptions; }
  /// The samples that weights follow, or null.
  void setSamples(const LambentSampleSet *samples) {
    theOptions.samples = samples;
  }
  /// The model whose zeros are taken, or "".
  const std::string &getMask() const { return mask; }

private:
  bool parseLayers(const Arguments &arguments);

  std::string structure, method, mask;
  std::vector<std::string> keep, nodes;
  std::vector<const char *> keepNames;
  std::vector<LambentLayerZeros> layers;
  LambentModelSource maskSource = {};
  LambentPruneOptions theOptions = {};
};

/// `options`, and then those that say how to prune.
std::vector<Option> withPruneOptions(std::vector<Option> options);

} // namespace lambent::driver

#endif
