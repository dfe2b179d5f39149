//===- Division.cpp - Divide the channels of a tensor where it is made ----===//
//
// From the tensor back through what multiples of a channel commute with, up to
// constants that channels are multiplied with. Sums divide both of their sides.
//
//===----------------------------------------------------------------------===//

#include "Division.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

class DivisionFinder {
public:
  DivisionFinder(const Network &network, ArrayRef<Product> products,
                 int64_t channels)
      : network(network), products(products), channels(channels) {}

  /// Whether the tensor's channels can be divided. Its sites are in `result`.
  bool visit(StringRef tensor);

  Division result;

private:
  struct Row {
    StringRef op;
    bool (DivisionFinder::*see)(onnx::NodeProto &node);
  };
  static const Row rows[];

  /// Of a tensor that one node alone reads.
  bool visitOwn(const std::string &tensor) {
    return network.findOnlyUse(tensor) && visit(tensor);
  }

  bool seeProduct(onnx::NodeProto &node) {
    const Product *product =
        find_if(products, [&](const Product &p) { return p.node == &node; });
    if (product == products.end() || !product->weight ||
        product->weight->channelAxis < 0)
      return false;
    const Weight &weight = *product->weight;
    if (weight.tensor->dims(int(weight.channelAxis)) != channels)
      return false;
    result.sites.push_back(
        {weight.use, weight.tensor, weight.channelAxis, false});
    return node.input_size() < 3 || node.input(2).empty() ||
           addBroadcast(node, 2);
  }

  /// A scale and maybe a bias for each index of the last axis.
  bool seeLayerNorm(onnx::NodeProto &node) {
    return addVector(node, 1) && (node.input_size() < 3 ||
                                  node.input(2).empty() || addVector(node, 2));
  }

  bool seeSum(onnx::NodeProto &node) {
    for (int operand : {0, 1})
      if (network.findConstant(node.input(operand))
              ? !addBroadcast(node, operand)
              : !visitOwn(node.input(operand)))
        return false;
    return true;
  }

  bool seeMul(onnx::NodeProto &node) {
    for (int operand : {0, 1})
      if (network.findConstant(node.input(operand)))
        return addBroadcast(node, operand);
    return visitOwn(node.input(0)) || visitOwn(node.input(1));
  }

  bool seeDiv(onnx::NodeProto &node) {
    if (network.findConstant(node.input(0)))
      return addBroadcast(node, 0);
    if (network.findConstant(node.input(1)))
      return addBroadcast(node, 1, /*isDivisor=*/true);
    return visitOwn(node.input(0));
  }

  bool seeMultiple(onnx::NodeProto &node) { return visitOwn(node.input(0)); }

  bool addVector(onnx::NodeProto &node, int operand) {
    if (operand >= node.input_size())
      return false;
    onnx::TensorProto *tensor = network.findFloats(node.input(operand));
    if (!tensor || tensor->dims_size() != 1 || tensor->dims(0) != channels)
      return false;
    result.sites.push_back({{&node, operand}, tensor, 0, false});
    return true;
  }

  /// One number, or one for each channel: others would grow.
  bool addBroadcast(onnx::NodeProto &node, int operand,
                    bool isDivisor = false) {
    onnx::TensorProto *tensor = network.findFloats(node.input(operand));
    if (!tensor)
      return false;
    bool isNumber =
        all_of(tensor->dims(), [](int64_t dim) { return dim == 1; });
    int axis = tensor->dims_size() - 1;
    bool hasChannels = axis >= 0 && tensor->dims(axis) == channels;
    if (!isNumber && !hasChannels)
      return false;
    result.sites.push_back(
        {{&node, operand}, tensor, hasChannels ? axis : -1, isDivisor});
    return true;
  }

  const Network &network;
  ArrayRef<Product> products;
  const int64_t channels;
};

const DivisionFinder::Row DivisionFinder::rows[] = {
    {"Add", &DivisionFinder::seeSum},
    {"Div", &DivisionFinder::seeDiv},
    {"Gemm", &DivisionFinder::seeProduct},
    {"Identity", &DivisionFinder::seeMultiple},
    {"LayerNormalization", &DivisionFinder::seeLayerNorm},
    {"LeakyRelu", &DivisionFinder::seeMultiple},
    {"MatMul", &DivisionFinder::seeProduct},
    {"Mul", &DivisionFinder::seeMul},
    {"PRelu", &DivisionFinder::seeMultiple},
    {"RMSNormalization", &DivisionFinder::seeLayerNorm},
    {"Relu", &DivisionFinder::seeMultiple},
    {"SimplifiedLayerNormalization", &DivisionFinder::seeLayerNorm},
    {"Sub", &DivisionFinder::seeSum}};

bool DivisionFinder::visit(StringRef tensor) {
  onnx::NodeProto *node = network.findProducer(tensor);
  if (!node || node->output(0) != tensor)
    return false;
  const Row *row =
      find_if(rows, [&](const Row &row) { return isOp(*node, row.op); });
  if (row == std::end(rows))
    return false;
  size_t sites = result.sites.size(), tensors = result.tensors.size();
  result.tensors.push_back(tensor.str());
  if ((this->*row->see)(*node))
    return true;
  result.sites.resize(sites);
  result.tensors.resize(tensors);
  return false;
}

std::optional<Division> Division::find(const Network &network,
                                       ArrayRef<Product> products,
                                       StringRef tensor, int64_t channels) {
  DivisionFinder finder(network, products, channels);
  if (!finder.visit(tensor))
    return std::nullopt;
  return std::move(finder.result);
}

Error Division::apply(Quantization &state, Network &network, const Site &site,
                      ArrayRef<double> factors) const {
  Expected<graph::FloatTensor> values = state.model.readFloats(*site.tensor);
  if (!values)
    return values.takeError();
  int64_t axis = site.axis;
  if (axis < 0) { // one number becomes one for each channel
    values->dims.resize(std::max<size_t>(values->dims.size(), 1), 1);
    axis = int64_t(values->dims.size()) - 1;
    values->dims.back() = int64_t(factors.size());
    values->elements.assign(factors.size(), values->elements.front());
  }
  int64_t inner = 1;
  for (size_t d = size_t(axis) + 1; d < values->dims.size(); ++d)
    inner *= values->dims[d];
  for (size_t i = 0; i < values->elements.size(); ++i) {
    double factor = factors[i / size_t(inner) % factors.size()],
           value = values->elements[i];
    values->elements[i] =
        float(site.isDivisor ? value * factor : value / factor);
  }
  state.model.setFloats(network.makeOwn(*site.tensor, site.use), values->dims,
                        values->elements);
  return Error::success();
}

Expected<std::string> Division::apply(Quantization &state, Network &network,
                                      ArrayRef<double> factors) const {
  for (const Site &site : sites)
    if (Error error = apply(state, network, site, factors))
      return std::move(error);
  for (const std::string &tensor : tensors) {
    onnx::NodeProto &node = *network.findProducer(tensor);
    std::string name = network.makeName(tensor + "_divided");
    // A node without a name is known by its first result.
    node.set_name(getName(node).str());
    node.set_output(0, name);
    noteDivision(state, tensor, name, factors);
    if (tensor == tensors.front())
      continue;
    for (Network::Use use : network.getUses(tensor))
      use.node->set_input(use.operand, name);
  }
  return network.findProducer(tensors.front())->output(0);
}

/// What is known of values whose channels were divided.
static std::optional<TensorProfile> divide(const TensorProfile &profile,
                                           ArrayRef<double> factors) {
  if (profile.channels.size() != factors.size())
    return std::nullopt;
  TensorProfile result = profile;
  result.least = INFINITY;
  result.most = -INFINITY;
  result.sum = 0;
  for (size_t c = 0; c < factors.size(); ++c) {
    ChannelProfile &channel = result.channels[c];
    channel.least /= factors[c];
    channel.most /= factors[c];
    channel.sum /= factors[c];
    result.least = std::min(result.least, channel.least);
    result.most = std::max(result.most, channel.most);
    result.sum += channel.sum;
  }
  // How the values are spread is not known any more.
  result.histogram = {};
  return result;
}

void noteDivision(Quantization &state, StringRef from, const std::string &to,
                  ArrayRef<double> factors) {
  if (const TensorProfile *profile = state.findProfile(from)) {
    std::optional<TensorProfile> divided = divide(*profile, factors);
    if (divided)
      state.profile.tensors[to] = std::move(*divided);
    else
      state.profile.tensors.erase(to);
  }
  DividedTensor noted = {from.str(), std::vector<double>(factors)};
  auto before = state.divided.find(from.str());
  if (before != state.divided.end()) {
    noted.source = before->second.source;
    for (size_t c = 0; c < noted.factors.size(); ++c)
      noted.factors[c] *= before->second.factors[c];
  }
  state.divided[to] = std::move(noted);
}

} // namespace lambent::quantization
