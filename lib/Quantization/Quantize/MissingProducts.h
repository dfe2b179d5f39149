//===- MissingProducts.h - Why a model has nothing to quantize --*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_MISSINGPRODUCTS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_MISSINGPRODUCTS_H

#include "Network.h"

namespace lambent::quantization {

/// Why `findProducts` finds none in a graph: the first node that may be one,
/// and what it lacks.
std::string explainNoProducts(const Network &network,
                              const onnx::GraphProto &graph);

} // namespace lambent::quantization

#endif
