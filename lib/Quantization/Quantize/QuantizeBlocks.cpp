//===- QuantizeBlocks.cpp - Weights alone, in blocks of few bits ----------===//
//
// Weights are rounded to the nearest or, with samples, by what the products
// that read them are multiplied with.
//
//===----------------------------------------------------------------------===//

#include "AdaRound.h"
#include "BlockFeedback.h"
#include "BlockGrid.h"
#include "Forms.h"
#include "SeparateWeights.h"
#include "lambent/ElementTypes/ElementType.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

std::string pack(std::string bytes, unsigned bits) {
  if (bits == 8)
    return bytes;
  uint64_t count = bytes.size();
  packElements(bytes.data(), bytes.data(), count, uint8_t(bits));
  bytes.resize(getPackedBytes(count, uint8_t(bits)));
  return bytes;
}

class BlockQuantizer {
public:
  BlockQuantizer(Quantization &state)
      : state(state), separated(separateWeights(state)), network(state.model),
        format(getBlockFormat(state.options)) {
    if (state.options.samples)
      feedback.emplace(state, network);
  }

  Error run() {
    std::vector<Product> products =
        findProducts(network, state.model.getGraph());
    std::vector<const Product *> rounded;
    for (const Product &product : products) {
      QuantizedLayer &layer = state.report.layers.emplace_back();
      layer.node = getName(*product.node).str();
      layer.op = product.node->op_type();
      layer.numbers = "float";
      auto kept = state.kept.find(layer.node);
      layer.reason = kept == state.kept.end()
                         ? explainNoIntegers(state, product)
                         : kept->second;
      if (!layer.reason.empty())
        continue;
      if (!product.recurrent)
        rounded.push_back(&product);
      else if (Error error = addChannels(product, layer))
        return error;
    }
    for (const Product *product : feedback ? feedback->order(rounded) : rounded)
      if (Error error = add(*product))
        return error;
    for (const Product *product : rounded) {
      QuantizedLayer &layer =
          state.report.layers[size_t(product - &products[0])];
      layer.numbers = format.bits == 4 ? "int4 weights" : "int8 weights";
      const std::string &weight = product->weight->tensor->name();
      layer.weightSqnr = ratios[weight];
      layer.whyNearest = reasons[weight];
    }
    finish();
    return Error::success();
  }

private:
  Error add(const Product &product) {
    const Weight &weight = *product.weight;
    std::string name = weight.tensor->name();
    auto [ratio, isNew] = ratios.try_emplace(name, 0.0);
    if (!isNew)
      return Error::success();
    Expected<graph::FloatTensor> matrix =
        state.model.readFloats(*weight.tensor);
    if (!matrix)
      return matrix.takeError();
    for (float element : matrix->elements)
      if (!std::isfinite(element))
        return createStringError(
            "node '" + getName(*product.node) + "': its weight '" + name +
            "' holds what is no finite number; keep the node in float "
            "(--keep)");
    const ErrorFeedback *errors = nullptr;
    if (feedback)
      if (Error error = feedback->find(product, reasons[name]).moveInto(errors))
        return error;
    BlockGrid grid(format, state.options, *matrix, weight.sumAxis);
    bool isTogether =
        errors && state.options.rounding == SampleRounding::Together;
    RoundingNoise noise = isTogether
                              ? roundTogether(grid.getMatrix(), grid, *errors,
                                              *state.options.samples)
                              : roundMatrix(grid.getMatrix(), grid, errors);
    if (noise.noise > 0)
      ratio->second = 10 * std::log10(noise.signal / noise.noise);
    onnx::NodeProto &node =
        addNode(name, matrix->dims, format, grid.getBlocks());
    setInteger(node, "axis", weight.sumAxis);
    setInteger(node, "block_size", state.options.group);
    if (feedback) {
      matrix->elements = grid.dequantize();
      feedback->setWeight(name, *matrix);
    }
    return Error::success();
  }

  /// The weights of a recurrent layer: few, each multiplied in every step, so
  /// that they keep 8 bits.
  Error addChannels(const Product &product, QuantizedLayer &layer) {
    layer.numbers = "int8 weights";
    if (feedback)
      layer.whyNearest = "its weight is no matrix";
    RoundingNoise both = {};
    for (const Weight &weight : {*product.weight, *product.recurrent}) {
      std::string name = weight.tensor->name();
      if (!ratios.try_emplace(name, 0.0).second)
        continue;
      Expected<QuantizedWeight> quantized = quantizeChannels(state, weight);
      if (!quantized)
        return quantized.takeError();
      Expected<graph::FloatTensor> values =
          state.model.readFloats(*weight.tensor);
      if (!values)
        return values.takeError();
      for (auto [i, value] : enumerate(values->elements)) {
        double lost =
            value - double(quantized->get(*weight.tensor, int64_t(i)));
        both.signal += double(value) * value;
        both.noise += lost * lost;
      }
      bool isOne = quantized->axis < 0;
      Blocks blocks;
      if (!isOne)
        blocks.dims.push_back(int64_t(quantized->scales.size()));
      blocks.integers.assign(quantized->integers.begin(),
                             quantized->integers.end());
      blocks.scales = quantized->scales;
      std::vector<int64_t> dims(weight.tensor->dims().begin(),
                                weight.tensor->dims().end());
      onnx::NodeProto &node = addNode(
          name, dims, {onnx::TensorProto::INT8, 8, -127, 127, false}, blocks);
      if (!isOne)
        setInteger(node, "axis", quantized->axis);
    }
    if (both.noise > 0)
      layer.weightSqnr = 10 * std::log10(both.signal / both.noise);
    return Error::success();
  }

  /// A DequantizeLinear for a weight, without the attributes that say which
  /// scale is whose.
  onnx::NodeProto &addNode(const std::string &name,
                           const std::vector<int64_t> &dims,
                           const BlockFormat &format, const Blocks &blocks) {
    auto node = std::make_unique<onnx::NodeProto>();
    node->set_op_type("DequantizeLinear");
    node->set_name(name + "_DequantizeLinear");
    auto found = separated.find(name);
    const std::string &weight = found == separated.end() ? name : found->second;
    onnx::TensorProto &integers = network.addConstant(weight + "_quantized");
    state.model.setBytes(integers, format.dataType, dims,
                         pack(blocks.integers, format.bits));
    onnx::TensorProto &scales = network.addConstant(weight + "_scale");
    state.model.setFloats(scales, blocks.dims, blocks.scales);
    node->add_input(integers.name());
    node->add_input(scales.name());
    if (format.hasZero) {
      onnx::TensorProto &zeros = network.addConstant(weight + "_zero_point");
      state.model.setBytes(zeros, format.dataType, blocks.dims,
                           pack(blocks.zeros, format.bits));
      node->add_input(zeros.name());
    }
    // All that still reads the weight reads what is dequantized: an embedding
    // that is the output's matrix, too, has rows of it.
    node->add_output(name);
    gone.insert(name);
    nodes.push_back(std::move(node));
    return *nodes.back();
  }

  void finish() {
    onnx::GraphProto &graph = state.model.getGraph();
    auto &all = *graph.mutable_node();
    std::vector<onnx::NodeProto *> old(all.size());
    all.ExtractSubrange(0, all.size(), old.data());
    for (auto &node : nodes)
      all.AddAllocated(node.release());
    for (onnx::NodeProto *node : old)
      all.AddAllocated(node);
    auto &initializers = *graph.mutable_initializer();
    int kept = 0;
    for (int i = 0; i < initializers.size(); ++i)
      if (!gone.contains(initializers[i].name()))
        initializers.SwapElements(kept++, i);
    initializers.DeleteSubrange(kept, initializers.size() - kept);
  }

  Quantization &state;
  const SeparatedWeights separated;
  Network network;
  BlockFormat format;
  std::vector<std::unique_ptr<onnx::NodeProto>> nodes;
  /// Signal to noise of each weight, by its name.
  std::map<std::string, double> ratios;
  /// Why a weight was rounded to the nearest although there are samples.
  std::map<std::string, std::string> reasons;
  StringSet<> gone;
  /// Nothing where weights are rounded to the nearest.
  std::optional<BlockFeedback> feedback;
};

} // namespace

Error quantizeBlocks(Quantization &state) {
  return BlockQuantizer(state).run();
}

} // namespace lambent::quantization
