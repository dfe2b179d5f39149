//===- PrunedWeights.h - The weights that a pruning changes -----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_PRUNE_PRUNEDWEIGHTS_H
#define LAMBENT_LIB_QUANTIZATION_PRUNE_PRUNEDWEIGHTS_H

#include "../Quantize/Products.h"
#include "lambent/Quantization/Prune.h"

namespace lambent::quantization {

/// A product whose weights are pruned.
struct LayerPlan {
  const Product *product;
  PrunedLayer *report;
  double share; ///< that becomes 0
};

/// Finds the layers to prune, in the order of the graph; notes for each product
/// what it is, and why it stays. Fails for options that name nodes that the
/// model does not have, and for weights that are no finite numbers.
llvm::Expected<std::vector<LayerPlan>>
planPruning(graph::EditedModel &model, const Network &network,
            llvm::ArrayRef<Product> products, const PruneOptions &options,
            PruneReport &report);

/// The weights of a layer, as a matrix of [channels, sums].
class PrunedWeights {
public:
  static llvm::Expected<PrunedWeights> read(graph::EditedModel &model,
                                            const LayerPlan &plan);

  int64_t getChannels() const { return matrix.channels; }
  int64_t getSums() const { return matrix.sums; }
  /// Of channels in a row, each with inputs of its own.
  int64_t getGroups() const { return groups; }
  /// Sums lie as [input channels, taps].
  int64_t getTaps() const { return taps; }
  float &at(int64_t channel, int64_t sum) {
    return values
        .elements[size_t(matrix.offsets[size_t(channel * matrix.sums + sum)])];
  }
  graph::FloatTensor &getValues() { return values; }
  /// Gives the model what the weights became, and notes how many are 0.
  void store(graph::EditedModel &model);

private:
  explicit PrunedWeights(const LayerPlan &plan) : plan(plan) {}

  const LayerPlan &plan;
  WeightMatrix matrix;
  int64_t groups = 1, taps = 1;
  graph::FloatTensor values;
  std::vector<float> before;
};

/// Takes the smallest weights of a layer.
void pruneByMagnitude(PrunedWeights &weights, double share,
                      const ZeroStructure &structure);

/// Prunes the layers one after the other so that what they give on samples
/// changes least.
llvm::Error pruneBySamples(graph::EditedModel &model, const Network &network,
                           llvm::ArrayRef<LayerPlan> plans,
                           const PruneOptions &options);

/// Takes the zeros that another model has in weights of the same names.
llvm::Error pruneLike(graph::EditedModel &model, graph::EditedModel &mask,
                      llvm::ArrayRef<LayerPlan> plans);

/// Which blocks of the elements [channels, sums] of a matrix become 0, so that
/// nearly `count` elements do, by what each element costs: 1 for what becomes
/// 0.
std::vector<char> chooseZeros(llvm::ArrayRef<float> costs, int64_t sums,
                              int64_t taps, int64_t count,
                              const ZeroStructure &structure);

} // namespace lambent::quantization

#endif
