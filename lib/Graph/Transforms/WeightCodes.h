//===- WeightCodes.h - What dequantized weights are made of -----*- C++ -*-===//
//
// Weights (q - zero) * scale, as importers write them: element-wise ops on
// codes q of 2, 4 or 8 bits, which are products' operands of f32.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_WEIGHTCODES_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_WEIGHTCODES_H

#include "QuantizedTensor.h"

namespace lambent::graph {

/// The integer type of a tensor of 2, 4 or 8 bits, else null.
mlir::IntegerType getCodeType(mlir::Value tensor);

/// The codes and parameters that every element of an f32 tensor is (code -
/// zero) * scale of, where it is.
std::optional<QuantizedTensor> matchWeights(mlir::Value tensor);

} // namespace lambent::graph

#endif
