//===- Products.cpp - The products of a model that may become integers ----===//

#include "Products.h"
#include <numeric>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// How an op lays out its constant operand of `rank` dims.
struct OperandAxes {
  int64_t channel = -1, sum = -1;
  int bias = -1;
};
struct ProductRow {
  StringRef op;
  OperandAxes (*getAxes)(const onnx::NodeProto &node, int64_t rank);
  bool isRecurrent = false;
};

/// [M, C / group, ...]
OperandAxes getConvAxes(const onnx::NodeProto &, int64_t) { return {0, -1, 2}; }

/// [C, M / group, ...]: with groups an index of M stands for several channels.
OperandAxes getConvTransposeAxes(const onnx::NodeProto &node, int64_t) {
  return {getInteger(node, "group", 1) == 1 ? 1 : -1, -1, 2};
}

/// [K, N], or [N, K] with transB.
OperandAxes getGemmAxes(const onnx::NodeProto &node, int64_t) {
  bool isTransposed = getInteger(node, "transB", 0) != 0;
  bool hasPlainBias =
      getFloat(node, "alpha", 1) == 1 && getFloat(node, "beta", 1) == 1;
  return {isTransposed ? 0 : 1, isTransposed ? 1 : 0, hasPlainBias ? 2 : -1};
}

/// [..., K, N]
OperandAxes getMatMulAxes(const onnx::NodeProto &, int64_t rank) {
  if (rank < 2)
    return {};
  return {rank - 1, rank == 2 ? 0 : int64_t(-1), -1};
}

/// [directions, gates * hidden, K]: directions share the scales of channels.
OperandAxes getRecurrentAxes(const onnx::NodeProto &, int64_t rank) {
  return {rank == 3 ? 1 : int64_t(-1), -1, -1};
}

constexpr ProductRow products[] = {{"Conv", getConvAxes},
                                   {"ConvTranspose", getConvTransposeAxes},
                                   {"GRU", getRecurrentAxes, true},
                                   {"Gemm", getGemmAxes},
                                   {"LSTM", getRecurrentAxes, true},
                                   {"MatMul", getMatMulAxes},
                                   {"RNN", getRecurrentAxes, true}};

const ProductRow *findRow(const onnx::NodeProto &node) {
  const ProductRow *row = find_if(
      products, [&](const ProductRow &row) { return isOp(node, row.op); });
  return row == std::end(products) || node.input_size() < 2 ? nullptr : row;
}

/// The constant that an operand is, seen through a Transpose.
std::optional<Weight> findWeight(const Network &network, onnx::NodeProto &node,
                                 int operand, const ProductRow &row) {
  const std::string &name = node.input(operand);
  Weight weight;
  weight.use = {&node, operand};
  SmallVector<int64_t> order;
  weight.tensor = network.findFloats(name);
  if (!weight.tensor) {
    onnx::NodeProto *transpose = network.findProducer(name);
    if (!transpose || !isOp(*transpose, "Transpose") ||
        !network.findOnlyUse(name))
      return std::nullopt;
    weight.tensor = network.findFloats(transpose->input(0));
    if (!weight.tensor)
      return std::nullopt;
    weight.use = {transpose, 0};
    if (const onnx::AttributeProto *perm = findAttribute(*transpose, "perm"))
      order.assign(perm->ints().begin(), perm->ints().end());
    else
      for (int64_t i = weight.tensor->dims_size(); i > 0; --i)
        order.push_back(i - 1);
  }
  int64_t rank = weight.tensor->dims_size();
  if (order.empty()) {
    order.resize(rank);
    std::iota(order.begin(), order.end(), 0);
  }
  auto isAxis = [&](int64_t axis) { return axis >= 0 && axis < rank; };
  if (int64_t(order.size()) != rank || !all_of(order, isAxis))
    return std::nullopt;
  OperandAxes axes = operand >= 1 ? row.getAxes(node, rank) : OperandAxes();
  if (isAxis(axes.channel))
    weight.channelAxis = order[axes.channel];
  if (isAxis(axes.sum))
    weight.sumAxis = order[axes.sum];
  return weight;
}

} // namespace

bool mayBeProduct(const onnx::NodeProto &node) { return findRow(node); }

bool isRecurrent(const onnx::NodeProto &node) {
  const ProductRow *row = findRow(node);
  return row && row->isRecurrent;
}

std::vector<Product> findProducts(const Network &network,
                                  onnx::GraphProto &graph) {
  std::vector<Product> found;
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    const ProductRow *row = findRow(node);
    if (!row)
      continue;
    Product product = {&node, {}, {}, {}, -1};
    bool isFloat = true;
    for (int operand : {0, 1}) {
      const std::string &name = node.input(operand);
      std::optional<Weight> weight = findWeight(network, node, operand, *row);
      if (weight && !product.weight)
        product.weight = weight;
      else if (network.findConstant(name) || !network.mayBeFloats(name))
        isFloat = false;
      else
        product.activations.push_back(operand);
      const onnx::NodeProto *producer = network.findProducer(name);
      if (producer && producer->op_type() == "DequantizeLinear")
        isFloat = false;
    }
    if (!isFloat || product.activations.empty())
      continue;
    if (row->isRecurrent) {
      if (node.input_size() > 2)
        product.recurrent = findWeight(network, node, 2, *row);
      if (product.activations.front() != 0 || !product.weight ||
          !product.recurrent)
        continue;
    }
    OperandAxes axes = row->getAxes(node, 2);
    if (axes.bias >= 0 && axes.bias < node.input_size())
      product.bias = axes.bias;
    found.push_back(std::move(product));
  }
  return found;
}

/// [M, C / group, taps]
static WeightMatrix layOutConv(const Product &product) {
  const auto &dims = product.weight->tensor->dims();
  int64_t group = std::max<int64_t>(1, getInteger(*product.node, "group", 1));
  WeightMatrix matrix;
  matrix.channels = dims[0];
  int64_t depth = dims[1], taps = 1;
  for (int i = 2; i < dims.size(); ++i)
    taps *= dims[i];
  matrix.sums = depth * taps;
  matrix.inputChannels = depth * group;
  int64_t channelsInGroup = std::max<int64_t>(1, matrix.channels / group);
  for (int64_t m = 0; m < matrix.channels; ++m)
    for (int64_t k = 0; k < matrix.sums; ++k) {
      matrix.offsets.push_back(m * matrix.sums + k);
      matrix.inputs.push_back(int32_t(m / channelsInGroup * depth + k / taps));
    }
  return matrix;
}

std::optional<WeightMatrix> layOut(const Product &product) {
  if (!product.weight || product.weight->channelAxis < 0)
    return std::nullopt;
  const Weight &weight = *product.weight;
  const auto &dims = weight.tensor->dims();
  if (isOp(*product.node, "Conv") && dims.size() >= 3)
    return layOutConv(product);
  if (weight.sumAxis < 0 || dims.size() != 2)
    return std::nullopt;
  WeightMatrix matrix;
  matrix.channels = dims[int(weight.channelAxis)];
  matrix.sums = matrix.inputChannels = dims[int(weight.sumAxis)];
  for (int64_t n = 0; n < matrix.channels; ++n)
    for (int64_t k = 0; k < matrix.sums; ++k) {
      matrix.offsets.push_back(weight.channelAxis == 0
                                   ? n * matrix.sums + k
                                   : k * matrix.channels + n);
      matrix.inputs.push_back(int32_t(k));
    }
  return matrix;
}

} // namespace lambent::quantization
