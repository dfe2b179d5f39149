//===- SeparateWeights.h - Weights for products alone -----------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_SEPARATEWEIGHTS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_SEPARATEWEIGHTS_H

#include "Quantization.h"

namespace lambent::quantization {

/// Weights that products and others read, by the names of the copies that
/// products got.
using SeparatedWeights = std::map<std::string, std::string>;

/// Gives products whose weights are to become integers, and what takes rows of
/// these, a copy of each weight that something else reads, too: that keeps the
/// floats.
///   MatMul(x, w), ReduceSum(w)  ->  MatMul(x, w_dequantized), ReduceSum(w)
SeparatedWeights separateWeights(Quantization &state);

} // namespace lambent::quantization

#endif
