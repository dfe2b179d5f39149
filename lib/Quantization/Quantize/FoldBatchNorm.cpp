//===- FoldBatchNorm.cpp - Batch normalizations in weights and biases -----===//
//
// A scale for each channel of a weight follows its range, so that nothing is
// lost by what a normalization multiplies it with.
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// What a normalization does to a channel: x * factor + offset.
struct ChannelAffine {
  std::vector<double> factors, offsets;
};

Expected<std::optional<ChannelAffine>> readNorm(graph::EditedModel &model,
                                                const Network &network,
                                                const onnx::NodeProto &norm) {
  if (norm.input_size() != 5 || norm.output_size() != 1 ||
      getInteger(norm, "training_mode", 0) != 0)
    return std::nullopt;
  std::vector<float> values[4];
  for (int i = 0; i < 4; ++i) {
    onnx::TensorProto *tensor = network.findFloats(norm.input(i + 1));
    if (!tensor)
      return std::nullopt;
    Expected<graph::FloatTensor> read = model.readFloats(*tensor);
    if (!read)
      return read.takeError();
    values[i] = std::move(read->elements);
    if (values[i].size() != values[0].size())
      return std::nullopt;
  }
  double epsilon = getFloat(norm, "epsilon", 1e-5f);
  ChannelAffine affine;
  for (size_t c = 0; c < values[0].size(); ++c) {
    double factor = values[0][c] / std::sqrt(values[3][c] + epsilon);
    // A folded weight must be a number where it was one.
    if (!std::isfinite(factor))
      return std::nullopt;
    affine.factors.push_back(factor);
    affine.offsets.push_back(values[1][c] - values[2][c] * factor);
  }
  return affine;
}

/// Multiplies a weight along its channels.
Error scaleWeight(Quantization &state, Network &network, const Weight &weight,
                  ArrayRef<double> factors) {
  Expected<graph::FloatTensor> values = state.model.readFloats(*weight.tensor);
  if (!values)
    return values.takeError();
  int64_t inner = 1;
  for (size_t i = weight.channelAxis + 1; i < values->dims.size(); ++i)
    inner *= values->dims[i];
  for (size_t i = 0; i < values->elements.size(); ++i)
    values->elements[i] =
        float(values->elements[i] * factors[i / inner % factors.size()]);
  state.model.setFloats(network.makeOwn(*weight.tensor, weight.use),
                        values->dims, values->elements);
  return Error::success();
}

/// Folds one normalization. Whether it did.
Expected<bool> fold(Quantization &state, Network &network,
                    const Product &product, onnx::NodeProto &norm) {
  onnx::NodeProto &node = *product.node;
  Expected<std::optional<ChannelAffine>> affine =
      readNorm(state.model, network, norm);
  if (!affine)
    return affine.takeError();
  const auto &dims = product.weight->tensor->dims();
  if (!*affine || dims[int(product.weight->channelAxis)] !=
                      int64_t((*affine)->factors.size()))
    return false;
  std::vector<float> bias((*affine)->factors.size(), 0.0f);
  bool hasBias = node.input_size() > 2 && !node.input(2).empty();
  if (hasBias) {
    onnx::TensorProto *tensor = network.findFloats(node.input(2));
    if (!tensor || tensor->dims_size() != 1 ||
        tensor->dims(0) != int64_t(bias.size()))
      return false;
    Expected<graph::FloatTensor> read = state.model.readFloats(*tensor);
    if (!read)
      return read.takeError();
    bias = std::move(read->elements);
  }
  for (size_t c = 0; c < bias.size(); ++c)
    bias[c] = float(bias[c] * (*affine)->factors[c] + (*affine)->offsets[c]);
  if (Error error =
          scaleWeight(state, network, *product.weight, (*affine)->factors))
    return error;
  int64_t size = int64_t(bias.size());
  if (hasBias) {
    onnx::TensorProto *tensor = network.findFloats(node.input(2));
    state.model.setFloats(network.makeOwn(*tensor, {&node, 2}), size, bias);
  } else {
    onnx::TensorProto &tensor =
        network.addConstant(getName(node).str() + "_bias");
    state.model.setFloats(tensor, size, bias);
    if (node.input_size() < 3)
      node.add_input();
    node.set_input(2, tensor.name());
  }
  node.set_output(0, norm.output(0));
  norm.clear_output();
  return true;
}

} // namespace

Error foldBatchNorm(Quantization &state) {
  // The product that a normalization is folded into has its result's name then:
  // an index is of no use any more, and a second one may follow.
  bool hasFolded = true;
  while (hasFolded) {
    hasFolded = false;
    Network network(state.model);
    for (const Product &product :
         findProducts(network, state.model.getGraph())) {
      if (!product.weight || product.recurrent ||
          product.weight->channelAxis < 0 || isOp(*product.node, "MatMul") ||
          product.node->output_size() != 1)
        continue;
      std::optional<Network::Use> use =
          network.findOnlyUse(product.node->output(0));
      if (!use || use->operand != 0 || !isOp(*use->node, "BatchNormalization"))
        continue;
      Expected<bool> folded = fold(state, network, product, *use->node);
      if (!folded)
        return folded.takeError();
      hasFolded |= *folded;
    }
    removeNodes(state.model.getGraph(), [](const onnx::NodeProto &node) {
      return isOp(node, "BatchNormalization") && node.output_size() == 0;
    });
  }
  removeUnread(state.model);
  return Error::success();
}

} // namespace lambent::quantization
