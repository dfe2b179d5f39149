//===- BlockFeedback.cpp - What samples say of weights in blocks ----------===//

#include "BlockFeedback.h"

using namespace llvm;

namespace lambent::quantization {

std::vector<const Product *>
BlockFeedback::order(ArrayRef<const Product *> rounded) {
  products = rounded.vec();
  for (const Product *product : products)
    readers.insert(product->weight->use.node);
  std::vector<const Product *> order, others;
  for (const Product *product : products)
    (isShared(*product) ? order : others).push_back(product);
  append_range(order, others);
  return order;
}

bool BlockFeedback::isShared(const Product &product) const {
  StringRef weight = product.weight->tensor->name();
  return any_of(network.getUses(weight),
                [&](Network::Use use) { return !readers.contains(use.node); });
}

/// Where samples say how the weight of a product is rounded: at all products
/// that read it alike, whose sums run along the last axis of their input. Those
/// behind the first are met in the float model, since what they will read is
/// not decided yet.
std::vector<BlockFeedback::Source>
BlockFeedback::listSources(const Product &first) const {
  std::vector<Source> sources;
  for (const Product *product : products)
    if (product->weight->tensor == first.weight->tensor &&
        product->weight->sumAxis == first.weight->sumAxis &&
        getInteger(*product->node, "transA", 0) == 0)
      sources.push_back({product->node->input(product->activations.front()),
                         isShared(first) || product != &first});
  return sources;
}

Expected<const ErrorFeedback *> BlockFeedback::find(const Product &product,
                                                    std::string &whyNearest) {
  std::vector<Source> sources = listSources(product);
  if (sources.empty()) {
    whyNearest = "its sums run along another axis of its input than the last";
    return nullptr;
  }
  if (feedback && feedbackSources == sources)
    return &*feedback;
  feedback.reset();
  Expected<std::optional<MomentMatrix>> sum = addMoments(product, sources);
  if (!sum)
    return sum.takeError();
  const std::string &input = sources.front().tensor;
  if (!*sum) {
    whyNearest = "its input '" + input + "' holds nothing on the samples";
    return nullptr;
  }
  Expected<ErrorFeedback> made = ErrorFeedback::create(**sum);
  if (!made)
    return createStringError("node '" + getName(*product.node) +
                             "': its input '" + input + "' " +
                             toString(made.takeError()));
  feedback = std::move(*made);
  feedbackSources = std::move(sources);
  return &*feedback;
}

/// Nothing where no source holds a number on any sample.
Expected<std::optional<MomentMatrix>>
BlockFeedback::addMoments(const Product &product, ArrayRef<Source> sources) {
  std::vector<std::string> ahead;
  for (const Source &source : sources)
    if (source.isAhead && !is_contained(ahead, source.tensor))
      ahead.push_back(source.tensor);
  SecondMoments inFloat;
  if (!ahead.empty()) {
    Expected<SecondMoments> moments = walk.lookAhead(ahead);
    if (!moments)
      return moments.takeError();
    inFloat = std::move(*moments);
  }
  int64_t sums = product.weight->tensor->dims(int(product.weight->sumAxis));
  std::optional<MomentMatrix> sum;
  auto add = [&](const MomentMatrix *matrix) {
    if (!matrix || matrix->size != sums)
      return;
    if (sum)
      sum->add(*matrix);
    else
      sum = *matrix;
  };
  for (const Source &source : sources) {
    if (source.isAhead) {
      add(inFloat.find(source.tensor));
      continue;
    }
    Expected<SecondMoments> moments = walk.walkTo(source.tensor);
    if (!moments)
      return moments.takeError();
    add(moments->find(source.tensor));
  }
  return std::move(sum);
}

} // namespace lambent::quantization
