// prune.hpp: weights to zeros. Part of lambent.hpp.
#ifndef LAMBENT_C_PRUNE_HPP
#define LAMBENT_C_PRUNE_HPP

#include "lambent-c/prune.h"
#include "lambent-c/quantize.hpp"

namespace lambent {
inline namespace v1 {

/// As in LambentPruneOptions.
struct PruneOptions {
  double zeros = 0; ///< percent of the weights of each layer
  std::string structure = "unstructured";
  std::string method = "magnitude";
  std::optional<SampleSet> samples; ///< for the method "reconstruct"
  std::vector<std::string> keep; ///< nodes that stay as they are
  std::uint32_t keepFirst = 0, keepLast = 0;
  std::vector<std::pair<std::string, double>> layers; ///< nodes with percents of their own
  const ModelSource *mask = nullptr; ///< a model whose zeros are taken
};

/// Writes the pruned model to a file, and returns what became of its products, as lambent_prune_report_json does.
inline Result<std::string> pruneToFile(const ModelSource &source, const PruneOptions &options, const std::string &output) {
  LambentModelSource from = source.get(), mask = {};
  LambentPruneOptions c = {};
  c.size = sizeof(c);
  c.zeros = options.zeros;
  c.structure = options.structure.c_str();
  c.method = options.method.c_str();
  detail::CSampleSet samples(options.samples);
  c.samples = samples.get();
  std::vector<const char *> keep;
  for (const std::string &name : options.keep)
    keep.push_back(name.c_str());
  c.keep = keep.data();
  c.num_keep = static_cast<std::uint32_t>(keep.size());
  c.keep_first = options.keepFirst;
  c.keep_last = options.keepLast;
  std::vector<LambentLayerZeros> layers;
  for (const auto &layer : options.layers)
    layers.push_back({layer.first.c_str(), layer.second});
  c.layers = layers.data();
  c.num_layers = static_cast<std::uint32_t>(layers.size());
  if (options.mask) {
    mask = options.mask->get();
    c.mask = &mask;
  }
  const LambentPruneReport *report = nullptr;
  if (LambentStatus *status = lambent_prune_to_file(&from, &c, output.c_str(), &report))
    return Status(status);
  detail::Handle<const LambentPruneReport, lambent_prune_report_destroy> owned(report);
  return std::string(lambent_prune_report_json(report));
}

} // namespace v1
} // namespace lambent

#endif
