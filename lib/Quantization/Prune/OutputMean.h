//===- OutputMean.h - What moves the channels of a product ------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_PRUNE_OUTPUTMEAN_H
#define LAMBENT_LIB_QUANTIZATION_PRUNE_OUTPUTMEAN_H

#include "../Quantize/Products.h"

namespace lambent::quantization {

/// A constant that moves each channel of what a product gives: what is added to
/// it, or the mean that a BatchNormalization takes off.
struct OutputMean {
  onnx::TensorProto *tensor;
  float sign; ///< 1, or -1 where it is taken off
};

/// The one that nothing else reads, or nothing.
std::optional<OutputMean> findOutputMean(const Network &network,
                                         const Product &product,
                                         int64_t channels);

/// What a BatchNormalization multiplies the channels with, 1 without one.
llvm::Expected<std::vector<float>> findOutputFactors(graph::EditedModel &model,
                                                     const Network &network,
                                                     const Product &product,
                                                     int64_t channels);

} // namespace lambent::quantization

#endif
