//===- Equalize.cpp - Like ranges for the channels between products -------===//
//
// A channel c between two products may be divided by r[c] in the first weight
// and multiplied in the second, through what multiples commute with. With the
// largest magnitudes m1[c] and m2[c] of both weights,
//
//   r[c] = sqrt(m1[c] / m2[c])
//
// makes them equal, so that one scale for all channels fits (M. Nagel et al.,
// "Data-Free Quantization Through Weight Equalization and Bias Correction",
// ICCV 2019, section 4.1).
//
//===----------------------------------------------------------------------===//

#include "Division.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// Two products and the tensors between them, the first one's result first.
struct Pair {
  const Product *first, *second;
  std::vector<std::string> between;
};

bool commutesWithFactors(const onnx::NodeProto &node) {
  return isOp(node, "Relu") || isOp(node, "Identity") ||
         isOp(node, "LeakyRelu") || isOp(node, "MaxPool") ||
         isOp(node, "AveragePool") || isOp(node, "GlobalAveragePool");
}

/// The product that alone reads what a product gives, through such ops.
std::optional<Pair> findPair(const Network &network, ArrayRef<Product> products,
                             const Product &first) {
  Pair pair = {&first, nullptr, {}};
  std::string tensor = first.node->output(0);
  while (true) {
    pair.between.push_back(tensor);
    std::optional<Network::Use> use = network.findOnlyUse(tensor);
    if (!use || use->operand != 0)
      return std::nullopt;
    const Product *second = find_if(
        products, [&](const Product &p) { return p.node == use->node; });
    if (second != products.end()) {
      pair.second = second;
      return pair;
    }
    if (!commutesWithFactors(*use->node) || use->node->output_size() != 1)
      return std::nullopt;
    tensor = use->node->output(0);
  }
}

/// A product with a weight that is a matrix and read by it alone.
struct Side {
  graph::FloatTensor values;
  WeightMatrix matrix;
};
Expected<std::optional<Side>>
readSide(Quantization &state, const Network &network, const Product &product) {
  std::optional<WeightMatrix> matrix = layOut(product);
  if (!matrix || !network.findOnlyUse(product.weight->tensor->name()) ||
      product.weight->use.operand != 1 ||
      product.weight->use.node != product.node)
    return std::nullopt;
  Expected<graph::FloatTensor> values =
      state.model.readFloats(*product.weight->tensor);
  if (!values)
    return values.takeError();
  return Side{std::move(*values), std::move(*matrix)};
}

Error equalizePair(Quantization &state, Network &network, const Pair &pair) {
  Expected<std::optional<Side>> first = readSide(state, network, *pair.first),
                                second = readSide(state, network, *pair.second);
  if (!first || !second)
    return joinErrors(first.takeError(), second.takeError());
  if (!*first || !*second ||
      (*first)->matrix.channels != (*second)->matrix.inputChannels)
    return Error::success();
  // A tensor whose channels lie elsewhere would lose its range.
  for (const std::string &tensor : pair.between)
    if (const TensorProfile *profile = state.findProfile(tensor))
      if (int64_t(profile->channels.size()) != (*first)->matrix.channels)
        return Error::success();
  onnx::NodeProto &node = *pair.first->node;
  int bias = node.input_size() > 2 && !node.input(2).empty() ? 2 : -1;
  onnx::TensorProto *biasTensor =
      bias > 0 ? network.findFloats(node.input(bias)) : nullptr;
  if (bias > 0 && (!biasTensor || biasTensor->dims_size() != 1 ||
                   biasTensor->dims(0) != (*first)->matrix.channels))
    return Error::success();

  size_t channels = size_t((*first)->matrix.channels);
  std::vector<double> out(channels, 0), in(channels, 0), factors(channels, 1);
  auto forEach = [](Side &side, auto see) {
    for (size_t i = 0; i < side.matrix.offsets.size(); ++i)
      see(side.values.elements[side.matrix.offsets[i]],
          size_t(int64_t(i) / side.matrix.sums), size_t(side.matrix.inputs[i]));
  };
  forEach(**first, [&](float &value, size_t channel, size_t) {
    out[channel] = std::max(out[channel], std::fabs(double(value)));
  });
  forEach(**second, [&](float &value, size_t, size_t input) {
    in[input] = std::max(in[input], std::fabs(double(value)));
  });
  for (size_t c = 0; c < channels; ++c) {
    double factor = std::sqrt(out[c] / in[c]);
    // A channel of 0 has no range; extremes would lose small numbers.
    if (out[c] > 0 && in[c] > 0 && std::isfinite(factor))
      factors[c] = std::min(std::max(factor, 1e-3), 1e3);
  }
  forEach(**first, [&](float &value, size_t channel, size_t) {
    value = float(value / factors[channel]);
  });
  forEach(**second, [&](float &value, size_t, size_t input) {
    value = float(value * factors[input]);
  });
  state.model.setFloats(*pair.first->weight->tensor, (*first)->values.dims,
                        (*first)->values.elements);
  state.model.setFloats(*pair.second->weight->tensor, (*second)->values.dims,
                        (*second)->values.elements);
  if (biasTensor) {
    Expected<graph::FloatTensor> values = state.model.readFloats(*biasTensor);
    if (!values)
      return values.takeError();
    for (size_t c = 0; c < channels; ++c)
      values->elements[c] = float(values->elements[c] / factors[c]);
    state.model.setFloats(network.makeOwn(*biasTensor, {&node, bias}),
                          values->dims, values->elements);
  }
  for (const std::string &tensor : pair.between)
    noteDivision(state, tensor, tensor, factors);
  return Error::success();
}

} // namespace

Error equalize(Quantization &state) {
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  for (const Product &first : products) {
    if (!first.weight || isOp(*first.node, "MatMul"))
      continue;
    std::optional<Pair> pair = findPair(network, products, first);
    if (!pair || !pair->second->weight)
      continue;
    if (Error error = equalizePair(state, network, *pair))
      return error;
  }
  return Error::success();
}

} // namespace lambent::quantization
