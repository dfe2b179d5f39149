//===- BiasPlace.h - What is added to a product's channels ------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_BIASPLACE_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_BIASPLACE_H

#include "Products.h"

namespace lambent::quantization {

/// Where a product's bias is, or can be.
struct BiasPlace {
  onnx::NodeProto *node;
  int operand; ///< beyond the node's operands: it has none yet
};

/// The bias of a Conv or Gemm, or what is added to a MatMul alone.
std::optional<BiasPlace> findBias(const Network &network,
                                  const Product &product);

} // namespace lambent::quantization

#endif
