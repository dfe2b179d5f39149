//===- OutputMean.cpp - What moves the channels of a product --------------===//

#include "OutputMean.h"
#include "../Quantize/BiasPlace.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

/// The BatchNormalization that alone reads a product, or null.
static onnx::NodeProto *findNormalization(const Network &network,
                                          const Product &product) {
  std::optional<Network::Use> use =
      network.findOnlyUse(product.node->output(0));
  bool isOne = use && isOp(*use->node, "BatchNormalization") &&
               use->operand == 0 && use->node->input_size() == 5 &&
               getInteger(*use->node, "training_mode", 0) == 0;
  return isOne ? use->node : nullptr;
}

/// A vector of floats of a number for each channel, or null.
static onnx::TensorProto *
findVector(const Network &network, const std::string &name, int64_t channels) {
  onnx::TensorProto *tensor = network.findFloats(name);
  bool fits = tensor && tensor->dims_size() == 1 && tensor->dims(0) == channels;
  return fits ? tensor : nullptr;
}

std::optional<OutputMean> findOutputMean(const Network &network,
                                         const Product &product,
                                         int64_t channels) {
  std::optional<BiasPlace> place = findBias(network, product);
  onnx::TensorProto *tensor = nullptr;
  float sign = 1;
  if (place && place->operand < place->node->input_size())
    tensor = findVector(network, place->node->input(place->operand), channels);
  onnx::NodeProto *norm = findNormalization(network, product);
  if (!tensor && norm) {
    tensor = findVector(network, norm->input(3), channels);
    sign = -1;
  }
  if (!tensor || !network.findOnlyUse(tensor->name()))
    return std::nullopt;
  return OutputMean{tensor, sign};
}

Expected<std::vector<float>> findOutputFactors(graph::EditedModel &model,
                                               const Network &network,
                                               const Product &product,
                                               int64_t channels) {
  std::vector<float> factors(size_t(channels), 1.0f);
  onnx::NodeProto *norm = findNormalization(network, product);
  if (!norm)
    return factors;
  const onnx::TensorProto *scale =
                              findVector(network, norm->input(1), channels),
                          *variance =
                              findVector(network, norm->input(4), channels);
  if (!scale || !variance)
    return factors;
  Expected<graph::FloatTensor> scales = model.readFloats(*scale);
  if (!scales)
    return scales.takeError();
  Expected<graph::FloatTensor> variances = model.readFloats(*variance);
  if (!variances)
    return variances.takeError();
  float epsilon = getFloat(*norm, "epsilon", 1e-5f);
  for (size_t n = 0; n < factors.size(); ++n) {
    float factor =
        scales->elements[n] / std::sqrt(variances->elements[n] + epsilon);
    if (std::isfinite(factor))
      factors[n] = factor;
  }
  return factors;
}

} // namespace lambent::quantization
