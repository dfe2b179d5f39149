//===- CopyZeros.cpp - The zeros of another model -------------------------===//

#include "PrunedWeights.h"

using namespace llvm;

namespace lambent::quantization {

static std::string showDims(ArrayRef<int64_t> dims) {
  std::string text;
  for (int64_t dim : dims)
    text += (text.empty() ? "" : "x") + std::to_string(dim);
  return "[" + text + "]";
}

Error pruneLike(graph::EditedModel &model, graph::EditedModel &mask,
                ArrayRef<LayerPlan> plans) {
  Network network(mask);
  for (const LayerPlan &plan : plans) {
    const std::string &name = plan.product->weight->tensor->name();
    auto fail = [&](const Twine &why) {
      return createStringError("node '" + plan.report->node +
                               "': its weight '" + name + "' " + why);
    };
    const onnx::TensorProto *other = network.findFloats(name);
    if (!other)
      return fail("is no constant of floats in the model of the mask");
    Expected<graph::FloatTensor> zeros = mask.readFloats(*other);
    if (!zeros)
      return zeros.takeError();
    Expected<PrunedWeights> weights = PrunedWeights::read(model, plan);
    if (!weights)
      return weights.takeError();
    graph::FloatTensor &values = weights->getValues();
    if (zeros->dims != values.dims)
      return fail("has the shape " + showDims(values.dims) +
                  ", but that of the mask " + showDims(zeros->dims));
    for (auto [value, zero] : zip(values.elements, zeros->elements))
      if (zero == 0)
        value = 0;
    weights->store(model);
  }
  return Error::success();
}

} // namespace lambent::quantization
