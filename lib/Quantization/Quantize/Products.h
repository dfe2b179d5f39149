//===- Products.h - The products of a model that may become integers ------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_PRODUCTS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_PRODUCTS_H

#include "Network.h"

namespace lambent::quantization {

/// A constant operand of a product, maybe behind a Transpose.
struct Weight {
  onnx::TensorProto *tensor = nullptr;
  /// Who reads it: the product or the Transpose.
  Network::Use use = {};
  /// Which axis of `tensor` the product's channels lie along, -1: none that
  /// scales may differ along.
  int64_t channelAxis = -1;
  /// Which one products are summed along where it is a matrix; else -1.
  int64_t sumAxis = -1;
};

/// A node that multiplies and sums.
struct Product {
  onnx::NodeProto *node;
  /// The second operand, if it is constant.
  std::optional<Weight> weight;
  /// Of a recurrent layer what multiplies its own state, which stays float.
  std::optional<Weight> recurrent;
  /// Operands that are not constant: one, or both.
  llvm::SmallVector<int, 2> activations;
  /// The operand that is a bias for the channels, or -1.
  int bias = -1;
};

/// Whether a node has a product's op and operands, of whatever types.
bool mayBeProduct(const onnx::NodeProto &node);

/// Whether it has the op of a recurrent layer.
bool isRecurrent(const onnx::NodeProto &node);

/// The products of a graph in their order: Conv, ConvTranspose, Gemm, MatMul,
/// and LSTM, GRU and RNN of constant weights. Those of constants alone, of
/// quantized or of other types are left out.
std::vector<Product> findProducts(const Network &network,
                                  onnx::GraphProto &graph);

/// A product's weight as a matrix of [channels, sums]: for each channel the
/// numbers that are multiplied and summed for one element of it.
struct WeightMatrix {
  int64_t channels = 0, sums = 0;
  /// Where in the weight an element lies.
  llvm::SmallVector<int64_t> offsets; ///< [channels * sums]
  /// The input channel that it is multiplied with.
  llvm::SmallVector<int32_t> inputs; ///< the same
  /// How many channels the input has.
  int64_t inputChannels = 0;
};

/// Nothing for weights of another form: of several matrices.
std::optional<WeightMatrix> layOut(const Product &product);

} // namespace lambent::quantization

#endif
