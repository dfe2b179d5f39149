//===- Prune.cpp - Turn weights of a model into zeros ---------------------===//

#include "lambent/Quantization/Prune.h"
#include "PrunedWeights.h"

using namespace llvm;

namespace lambent::quantization {

std::optional<PruneMethod> findPruneMethod(StringRef name) {
  if (name == "magnitude")
    return PruneMethod::Magnitude;
  if (name == "reconstruct")
    return PruneMethod::Reconstruct;
  return std::nullopt;
}

/// Makes initializers of all constants that weights may be.
static Error gatherWeights(graph::EditedModel &model) {
  gatherConstants(model);
  return model.makeDense();
}

/// Notes how many zeros there are in what was left alone.
static Error countZeros(graph::EditedModel &model, ArrayRef<Product> products,
                        PruneReport &report) {
  for (auto [product, layer] : zip(products, report.layers)) {
    if (layer.weights == 0 || layer.reason.empty())
      continue;
    Expected<graph::FloatTensor> values =
        model.readFloats(*product.weight->tensor);
    if (!values)
      return values.takeError();
    layer.zeros = count(values->elements, 0.0f);
  }
  return Error::success();
}

Error pruneModel(graph::EditedModel &model, const PruneOptions &options,
                 PruneReport &report) {
  if (Error error = gatherWeights(model))
    return error;
  if (options.mask)
    if (Error error = gatherWeights(*options.mask))
      return error;
  Network network(model);
  std::vector<Product> products = findProducts(network, model.getGraph());
  Expected<std::vector<LayerPlan>> plans =
      planPruning(model, network, products, options, report);
  if (!plans)
    return plans.takeError();
  if (Error error = countZeros(model, products, report))
    return error;
  if (options.mask)
    return pruneLike(model, *options.mask, *plans);
  if (options.method == PruneMethod::Reconstruct)
    return pruneBySamples(model, network, *plans, options);
  for (const LayerPlan &plan : *plans) {
    Expected<PrunedWeights> weights = PrunedWeights::read(model, plan);
    if (!weights)
      return weights.takeError();
    pruneByMagnitude(*weights, plan.share, options.structure);
    weights->store(model);
  }
  return Error::success();
}

} // namespace lambent::quantization
