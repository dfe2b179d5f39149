//===- CorrectBias.cpp - The mean that rounding weights adds --------------===//
//
// A product's results move by the mean of its input times the error of its
// weight, sum_k (w - q)[n, k] E[x_k], which the bias takes back (M. Nagel et
// al., "Data-Free Quantization Through Weight Equalization and Bias
// Correction", ICCV 2019, section 4.2). Padding is counted as the mean, too.
//
//===----------------------------------------------------------------------===//

#include "BiasPlace.h"
#include "Quantization.h"

using namespace llvm;

namespace lambent::quantization {

std::optional<BiasPlace> findBias(const Network &network,
                                  const Product &product) {
  if (!isOp(*product.node, "MatMul")) {
    bool isPlain = product.bias >= 0 || product.node->input_size() == 2;
    // Gemm's own factors would count in.
    if (!isPlain || getFloat(*product.node, "beta", 1) != 1 ||
        getFloat(*product.node, "alpha", 1) != 1)
      return std::nullopt;
    return BiasPlace{product.node, 2};
  }
  std::optional<Network::Use> use =
      network.findOnlyUse(product.node->output(0));
  if (!use || !isOp(*use->node, "Add"))
    return std::nullopt;
  return BiasPlace{use->node, 1 - use->operand};
}

namespace {

std::optional<std::vector<double>> getMeans(const TensorProfile *profile,
                                            int64_t channels) {
  if (!profile || int64_t(profile->channels.size()) != channels ||
      channels == 0)
    return std::nullopt;
  double share = double(profile->elements) / double(channels);
  std::vector<double> means;
  for (const ChannelProfile &channel : profile->channels)
    means.push_back(channel.sum / share);
  return means;
}

Error correct(Quantization &state, Network &network, const Product &product) {
  std::optional<WeightMatrix> matrix = layOut(product);
  std::optional<BiasPlace> place = findBias(network, product);
  if (!matrix || !place || product.activations.size() != 1)
    return Error::success();
  auto means =
      getMeans(state.findProfile(product.node->input(product.activations[0])),
               matrix->inputChannels);
  if (!means)
    return Error::success();
  bool hasBias = place->operand < place->node->input_size() &&
                 !place->node->input(place->operand).empty();
  onnx::TensorProto *tensor =
      hasBias ? network.findFloats(place->node->input(place->operand))
              : nullptr;
  bool fits =
      tensor && tensor->dims_size() == 1 && tensor->dims(0) == matrix->channels;
  if (hasBias && !fits)
    return Error::success();

  const onnx::TensorProto &weight = *product.weight->tensor;
  Expected<graph::FloatTensor> values = state.model.readFloats(weight);
  if (!values)
    return values.takeError();
  std::vector<float> bias(size_t(matrix->channels), 0.0f);
  if (tensor) {
    Expected<graph::FloatTensor> read = state.model.readFloats(*tensor);
    if (!read)
      return read.takeError();
    bias = std::move(read->elements);
  }
  const QuantizedWeight &quantized = state.weights.at(weight.name());
  for (int64_t n = 0; n < matrix->channels; ++n) {
    double error = 0;
    for (int64_t i = n * matrix->sums; i < (n + 1) * matrix->sums; ++i) {
      int64_t offset = matrix->offsets[i];
      error += (double(values->elements[offset]) -
                double(quantized.get(weight, offset))) *
               (*means)[matrix->inputs[i]];
    }
    bias[n] = float(bias[n] + error);
  }
  if (tensor) {
    tensor = &network.makeOwn(*tensor, {place->node, place->operand});
  } else {
    tensor = &network.addConstant(getName(*product.node).str() + "_bias");
    while (place->node->input_size() <= place->operand)
      place->node->add_input();
    place->node->set_input(place->operand, tensor->name());
  }
  state.model.setFloats(*tensor, matrix->channels, bias);
  return Error::success();
}

} // namespace

Error correctBias(Quantization &state) {
  Network network(state.model);
  for (const Product &product : findProducts(network, state.model.getGraph()))
    if (product.weight && !state.kept.contains(getName(*product.node)))
      if (Error error = correct(state, network, product))
        return error;
  return Error::success();
}

} // namespace lambent::quantization
