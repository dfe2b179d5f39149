//===- QuantizeBlocks.cpp - Weights alone, in blocks of few bits ----------===//
//
// Each block of consecutive weights of a column has a scale and, with the
// asymmetric schema, a zero point: w = scale * (q - zero). Of some ranges the
// one with the least squared error is taken.
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"
#include "lambent/ElementTypes/ElementType.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// The integers of weights, and the type that holds them.
struct BlockFormat {
  int32_t dataType;
  unsigned bits;
  int least, most;
  bool hasZero;
};

BlockFormat getFormat(const QuantizeOptions &options) {
  if (options.numbers == QuantizedNumbers::Int8Weights)
    return {onnx::TensorProto::INT8, 8, -127, 127, false};
  if (options.range.schema == Schema::Asymmetric)
    return {onnx::TensorProto::UINT4, 4, 0, 15, true};
  return {onnx::TensorProto::INT4, 4, -8, 7, false};
}

/// How one block is stored.
struct BlockScale {
  float scale = 1;
  int zero = 0;

  int round(float value, const BlockFormat &format) const {
    float integer = std::nearbyint(value / scale) + float(zero);
    return int(
        std::min(std::max(integer, float(format.least)), float(format.most)));
  }
  double getError(ArrayRef<float> block, const BlockFormat &format) const {
    double error = 0;
    for (float value : block) {
      double lost = value - double(scale) * (round(value, format) - zero);
      error += lost * lost;
    }
    return error;
  }
};

/// The scale for a part of a block's range.
BlockScale makeScale(float least, float most, const BlockFormat &format) {
  BlockScale result;
  float scale =
      format.hasZero
          ? (most - least) / float(format.most - format.least)
          : std::max(most / float(format.most), least / float(format.least));
  if (!std::isnormal(scale))
    return result;
  result.scale = scale;
  if (format.hasZero)
    result.zero = int(std::min(std::max(std::nearbyint(-least / scale), 0.0f),
                               float(format.most)));
  return result;
}

BlockScale chooseScale(ArrayRef<float> block, const BlockFormat &format,
                       Schema schema) {
  float least = 0, most = 0;
  for (float value : block) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  BlockScale best = makeScale(least, most, format);
  if (schema == Schema::SymmetricWithPower2Scale) {
    best.scale = std::exp2(std::ceil(std::log2(best.scale)));
    return best;
  }
  if (format.bits > 4)
    return best;
  double error = best.getError(block, format);
  // Both ends on their own, since 15 steps are few.
  for (int low = 100; low >= 60; low -= 5)
    for (int high = 100; high >= 60; high -= 5) {
      BlockScale candidate =
          makeScale(least * float(low) / 100, most * float(high) / 100, format);
      double other = candidate.getError(block, format);
      if (other < error) {
        error = other;
        best = candidate;
      }
    }
  return best;
}

/// The integers of a matrix, a byte each, with their scales and zero points.
struct Blocks {
  std::vector<int64_t> dims; ///< of the scales
  std::string integers, zeros;
  std::vector<float> scales;
  double signal = 0, noise = 0;
};

/// Blocks along `axis` of a matrix.
Blocks makeBlocks(const graph::FloatTensor &matrix, int64_t axis, int64_t group,
                  const BlockFormat &format, Schema schema) {
  int64_t depth = matrix.dims[axis], columns = matrix.dims[1 - axis];
  int64_t step = axis == 0 ? columns : 1, next = axis == 0 ? 1 : depth;
  int64_t blocks = (depth + group - 1) / group;
  Blocks result;
  result.dims = matrix.dims;
  result.dims[axis] = blocks;
  result.integers.resize(matrix.elements.size());
  result.scales.resize(size_t(blocks * columns));
  result.zeros.resize(result.scales.size());
  std::vector<float> block;
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t b = 0; b < blocks; ++b) {
      int64_t first = b * group, end = std::min(depth, first + group);
      block.clear();
      for (int64_t k = first; k < end; ++k)
        block.push_back(matrix.elements[n * next + k * step]);
      BlockScale scale = chooseScale(block, format, schema);
      size_t index = size_t(axis == 0 ? b * columns + n : n * blocks + b);
      result.scales[index] = scale.scale;
      result.zeros[index] = char(scale.zero);
      for (int64_t k = first; k < end; ++k)
        result.integers[n * next + k * step] =
            char(scale.round(block[k - first], format));
      result.noise += scale.getError(block, format);
      for (float value : block)
        result.signal += double(value) * value;
    }
  return result;
}

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
      : state(state), network(state.model), format(getFormat(state.options)) {}

  Error run() {
    for (Product &product : findProducts(network, state.model.getGraph())) {
      QuantizedLayer layer;
      layer.node = getName(*product.node).str();
      layer.op = product.node->op_type();
      layer.numbers = "float";
      auto kept = state.kept.find(layer.node);
      if (kept != state.kept.end())
        layer.reason = kept->second;
      else if (!product.weight || product.weight->sumAxis < 0)
        layer.reason = "it has no matrix of weights";
      else if (Error error = add(product, layer))
        return error;
      state.report.layers.push_back(std::move(layer));
    }
    if (nodes.empty())
      return createStringError("it has no matrix of weights to quantize, which "
                               "a MatMul or Gemm reads");
    finish();
    return Error::success();
  }

private:
  Error add(const Product &product, QuantizedLayer &layer) {
    const Weight &weight = *product.weight;
    std::string name = weight.tensor->name();
    layer.numbers = format.bits == 4 ? "int4 weights" : "int8 weights";
    auto [place, isNew] = ratios.try_emplace(name, 0.0);
    if (!isNew) {
      layer.weightSqnr = place->second;
      return Error::success();
    }
    Expected<graph::FloatTensor> matrix =
        state.model.readFloats(*weight.tensor);
    if (!matrix)
      return matrix.takeError();
    for (float element : matrix->elements)
      if (!std::isfinite(element))
        return createStringError(
            "node '" + layer.node + "': its weight '" + name +
            "' holds what is no finite number; keep the node in float "
            "(--keep)");
    Blocks blocks = makeBlocks(*matrix, weight.sumAxis, state.options.group,
                               format, state.options.range.schema);
    if (blocks.noise > 0)
      place->second = 10 * std::log10(blocks.signal / blocks.noise);
    layer.weightSqnr = place->second;
    addNode(weight, name, *matrix, blocks);
    return Error::success();
  }

  void addNode(const Weight &weight, const std::string &name,
               const graph::FloatTensor &matrix, const Blocks &blocks) {
    auto node = std::make_unique<onnx::NodeProto>();
    node->set_op_type("DequantizeLinear");
    node->set_name(name + "_DequantizeLinear");
    onnx::TensorProto &integers = network.addConstant(name + "_quantized");
    state.model.setBytes(integers, format.dataType, matrix.dims,
                         pack(blocks.integers, format.bits));
    onnx::TensorProto &scales = network.addConstant(name + "_scale");
    state.model.setFloats(scales, blocks.dims, blocks.scales);
    node->add_input(integers.name());
    node->add_input(scales.name());
    if (format.hasZero) {
      onnx::TensorProto &zeros = network.addConstant(name + "_zero_point");
      state.model.setBytes(zeros, format.dataType, blocks.dims,
                           pack(blocks.zeros, format.bits));
      node->add_input(zeros.name());
    }
    setInteger(*node, "axis", weight.sumAxis);
    setInteger(*node, "block_size", state.options.group);
    // All that reads the weight reads what is dequantized, so that it is stored
    // once: an embedding that is the output's matrix, too, has rows of it.
    node->add_output(name);
    gone.insert(name);
    nodes.push_back(std::move(node));
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
  Network network;
  BlockFormat format;
  std::vector<std::unique_ptr<onnx::NodeProto>> nodes;
  /// Signal to noise of each weight, by its name.
  std::map<std::string, double> ratios;
  StringSet<> gone;
};

} // namespace

Error quantizeBlocks(Quantization &state) {
  return BlockQuantizer(state).run();
}

} // namespace lambent::quantization
