//===- PrunedWeights.cpp - The weights that a pruning changes -------------===//

#include "PrunedWeights.h"
#include "../Quantize/LayerMoments.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

/// Layers of fewer weights take no time worth a loss.
static constexpr int64_t fewWeights = 1024;

static int64_t countWeights(const Product &product) {
  int64_t count = 1;
  for (int64_t dim : product.weight->tensor->dims())
    count *= dim;
  return count;
}

/// How many taps each input channel has, in what a channel sums.
static int64_t countTaps(const Product &product) {
  const auto &dims = product.weight->tensor->dims();
  int64_t taps = 1;
  for (int i = 2; i < dims.size(); ++i)
    taps *= dims[i];
  return taps;
}

/// Why a product has no weights that zeros may be among, or "".
static std::string explainForm(const Network &network, const Product &product) {
  if (!product.weight)
    return "neither of its operands is constant";
  const onnx::TensorProto &tensor = *product.weight->tensor;
  bool isConv = isOp(*product.node, "Conv");
  if (product.recurrent || product.weight->channelAxis < 0 ||
      (isConv ? tensor.dims_size() < 3
              : product.weight->sumAxis < 0 || tensor.dims_size() != 2))
    return "its weight is no matrix or filter of Conv";
  if (!network.findOnlyUse(tensor.name()))
    return "others read its weight, too";
  return "";
}

/// Why zeros of a layer gain nothing, or the structure does not fit it; or "".
static std::string explainSize(const Product &product,
                               const ZeroStructure &structure) {
  const auto &dims = product.weight->tensor->dims();
  int64_t groups = countGroups(product);
  bool isConv = isOp(*product.node, "Conv");
  if (isConv && dims[1] == 1 && groups > 1)
    return "its channels are each by themselves";
  int64_t count = countWeights(product);
  if (count < fewWeights)
    return "it has " + std::to_string(count) + " weights, fewer than " +
           std::to_string(fewWeights);
  int64_t channels = dims[int(product.weight->channelAxis)] / groups,
          inputs = isConv ? dims[1] : dims[int(product.weight->sumAxis)];
  if (channels < structure.channels)
    return "it has " + std::to_string(channels) +
           " output channels, fewer than the " +
           std::to_string(structure.channels) + " that share zeros";
  if (inputs < structure.inputs)
    return "it has " + std::to_string(inputs) +
           " input channels, fewer than the " +
           std::to_string(structure.inputs) + " that share zeros";
  if (inputs < structure.of)
    return "it has " + std::to_string(inputs) +
           " input channels, fewer than the " + std::to_string(structure.of) +
           " of which " + std::to_string(structure.kept) + " may stay";
  return "";
}

/// Whether all names that options give are nodes.
static Error checkNames(graph::EditedModel &model, ArrayRef<Product> products,
                        const PruneOptions &options) {
  StringSet<> names, weighted;
  for (const onnx::NodeProto &node : model.getGraph().node())
    names.insert(getName(node));
  for (const Product &product : products)
    weighted.insert(getName(*product.node));
  for (const std::string &name : options.keep)
    if (!names.contains(name))
      return createStringError("it has no node '" + name +
                               "' to leave as it is");
  std::vector<StringRef> unknown;
  for (const auto &entry : options.shares)
    if (!weighted.contains(entry.first()))
      unknown.push_back(entry.first());
  if (unknown.empty())
    return Error::success();
  StringRef first = *min_element(unknown);
  if (names.contains(first))
    return createStringError("node '" + first +
                             "' has no weights that may be pruned");
  return createStringError("it has no node '" + first + "' to prune");
}

static Error checkNumbers(graph::EditedModel &model, const Product &product) {
  const onnx::TensorProto &tensor = *product.weight->tensor;
  Expected<graph::FloatTensor> values = model.readFloats(tensor);
  if (!values)
    return values.takeError();
  for (float element : values->elements)
    if (!std::isfinite(element))
      return createStringError("node '" + getName(*product.node) +
                               "': its weight '" + tensor.name() +
                               "' holds what is no finite number; leave the "
                               "node as it is (--keep)");
  return Error::success();
}

static double getShare(const PruneOptions &options) {
  if (options.structure.isNofM())
    return 1 - double(options.structure.kept) / double(options.structure.of);
  return options.share;
}

Expected<std::vector<LayerPlan>> planPruning(graph::EditedModel &model,
                                             const Network &network,
                                             ArrayRef<Product> products,
                                             const PruneOptions &options,
                                             PruneReport &report) {
  if (Error error = checkNames(model, products, options))
    return std::move(error);
  if (products.empty())
    return createStringError(
        "it has no product of floats to prune: no Conv, Gemm or MatMul");
  std::vector<LayerPlan> plans;
  report.layers.resize(products.size());
  for (auto [i, product] : enumerate(products)) {
    PrunedLayer &layer = report.layers[i];
    layer.node = getName(*product.node).str();
    layer.op = product.node->op_type();
    layer.reason = explainForm(network, product);
    if (layer.reason.empty())
      layer.weights = countWeights(product);
    auto own = options.shares.find(layer.node);
    double share =
        own == options.shares.end() ? getShare(options) : own->second;
    if (is_contained(options.keep, layer.node))
      layer.reason = "as asked";
    else if (i < options.keepFirst)
      layer.reason = "it is among the first";
    else if (i + options.keepLast >= products.size())
      layer.reason = "it is among the last";
    else if (layer.reason.empty() && share == 0 && !options.mask)
      layer.reason = "its share of zeros is 0";
    if (layer.reason.empty() && !options.mask)
      layer.reason = explainSize(product, options.structure);
    if (!layer.reason.empty())
      continue;
    if (Error error = checkNumbers(model, product))
      return std::move(error);
    plans.push_back({&product, &layer, share});
  }
  if (plans.empty())
    return createStringError("nothing is left to prune: all of its " +
                             Twine(products.size()) +
                             " products stay as they are; the first, node '" +
                             report.layers.front().node + "', since " +
                             report.layers.front().reason);
  return std::move(plans);
}

Expected<PrunedWeights> PrunedWeights::read(graph::EditedModel &model,
                                            const LayerPlan &plan) {
  PrunedWeights weights(plan);
  Expected<graph::FloatTensor> values =
      model.readFloats(*plan.product->weight->tensor);
  if (!values)
    return values.takeError();
  weights.values = std::move(*values);
  weights.before = weights.values.elements;
  weights.matrix = *layOut(*plan.product);
  weights.groups = countGroups(*plan.product);
  weights.taps = countTaps(*plan.product);
  return std::move(weights);
}

void PrunedWeights::store(graph::EditedModel &model) {
  double signal = 0, noise = 0;
  PrunedLayer &layer = *plan.report;
  layer.zeros = count(values.elements, 0.0f);
  for (auto [value, old] : zip(values.elements, before)) {
    double lost = double(value) - double(old);
    signal += double(old) * double(old);
    noise += lost * lost;
  }
  if (noise > 0)
    layer.weightSnr = 10 * std::log10(signal / noise);
  model.setFloats(*plan.product->weight->tensor, values.dims, values.elements);
}

} // namespace lambent::quantization
