//===- Quantization.h - The steps of a quantization and their state -------===//
//
// Each step rewrites the model, and is a function in a file of its name.
// Quantize.cpp has them in their order.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_QUANTIZATION_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_QUANTIZATION_H

#include "Products.h"
#include "lambent/Quantization/Quantize.h"
#include <map>

namespace lambent::quantization {

/// The integers of a weight that keeps its shape.
struct QuantizedWeight {
  std::vector<int8_t> integers;
  std::vector<float> scales; ///< one, or one for each index along `axis`
  int64_t axis = -1;         ///< -1: one scale
  /// Why it is rounded to the nearest although there are samples, or "".
  std::string whyNearest;

  /// The number that element i of a tensor with these dims stands for.
  float get(const onnx::TensorProto &tensor, int64_t i) const;
  /// How many of the scales are for zeros alone.
  int64_t countZeros(const onnx::TensorProto &tensor) const;

private:
  /// The scale of element i.
  size_t findScale(const onnx::TensorProto &tensor, int64_t i) const;
};

/// A tensor of the float model whose channels were divided.
struct DividedTensor {
  std::string source;
  std::vector<double> factors;
};

/// What the steps share.
struct Quantization {
  graph::EditedModel &model;
  const QuantizeOptions &options;
  /// A step that changes what a tensor holds changes its profile, too.
  Profile profile;
  /// Nodes that stay in float, by their names, and why.
  llvm::StringMap<std::string> kept;
  /// Those among them whose operands become bf16.
  llvm::StringSet<> rounded;
  /// The integers that weights become, by the names of tensors.
  std::map<std::string, QuantizedWeight> weights;
  /// Tensors that hold others' values, divided, by their names.
  std::map<std::string, DividedTensor> divided;
  /// The model as it was, where samples are to be run.
  std::shared_ptr<graph::EditedModel> floatModel;
  QuantizeReport report;

  const TensorProfile *findProfile(llvm::StringRef tensor) const {
    auto found = profile.tensors.find(tensor);
    return found == profile.tensors.end() ? nullptr : &found->second;
  }
};

/// Folds a BatchNormalization into the product that it alone reads.
///   Conv(x, w, b), BatchNormalization(s, o, m, v)  ->  Conv(x, w', b')
/// with w' = w s / sqrt(v + epsilon), b' = (b - m) s / sqrt(v + epsilon) + o.
llvm::Error foldBatchNorm(Quantization &state);

/// Gives the channels between two products like ranges of weights.
///   Conv(w1), Relu, Conv(w2)  ->  Conv(w1 / r), Relu, Conv(w2 r)
llvm::Error equalize(Quantization &state);

/// Lets weights take a part of how channels of what they multiply differ.
///   LayerNorm(x, g, b), MatMul(w)  ->  LayerNorm(x, g / s, b / s), MatMul(s w)
llvm::Error migrate(Quantization &state);

/// Chooses which nodes stay in float. Fails for names that no node has.
llvm::Error chooseKept(Quantization &state);

/// The integers of a weight, with a scale for each channel unless the options
/// say otherwise. Fails for what is no finite number.
llvm::Expected<QuantizedWeight> quantizeChannels(Quantization &state,
                                                 const Weight &weight);

/// Rounds the operands of products to bf16.
///   MatMul(x, w)  ->  MatMul(Cast(Cast(x)), Cast(w')), w' of bf16
llvm::Error roundToBF16(Quantization &state);

/// Chooses the integers of weights.
llvm::Error quantizeWeights(Quantization &state);

/// Corrects biases by the mean that rounding weights adds to each channel.
llvm::Error correctBias(Quantization &state);

/// Puts QuantizeLinear and DequantizeLinear in front of products.
llvm::Error insertQuantization(Quantization &state);

/// Makes integers of the weights of matrix products alone, in blocks, and of
/// those of recurrent layers, of 8 bits with a scale for each channel.
llvm::Error quantizeBlocks(Quantization &state);

/// Rewrites what changed in ONNX up to the opset, which the model then has. It
/// is as it was where its own is not lower.
llvm::Error raiseOpset(graph::EditedModel &model, int64_t opset);

} // namespace lambent::quantization

#endif
