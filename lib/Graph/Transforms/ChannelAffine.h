//===- ChannelAffine.h - Ops that scale and shift each channel ------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_CHANNELAFFINE_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_CHANNELAFFINE_H

#include "Reassociation.h"

namespace lambent::graph {

/// input * scale + shift by vectors of one element or one per channel; null
/// stands for 1 and 0.
struct ChannelAffine {
  mlir::Value input, scale, shift;
};

/// The same as numbers.
struct AffineNumbers {
  Numbers scale, shift;
};

/// The input of `op`, a batch_norm or an element-wise op, if it scales and
/// shifts channels (dim `channel` of its result) by constants, else null.
mlir::Value matchChannelAffine(mlir::Operation *op, int64_t channel);

/// Whether the input is, or can be made, an image of as many channels as there
/// are parameters: of an open number, that is a reshape to known sizes.
bool hasKnownChannels(BatchNormOp norm);

/// Whether an op that matchChannelAffine took adds anything.
bool hasShift(mlir::Operation *op);

/// Builds scale and shift of an op that matchChannelAffine took.
ChannelAffine buildChannelAffine(mlir::OpBuilder &builder, mlir::Operation *op,
                                 int64_t channel);

/// What buildChannelAffine would build, checked by the rule for constants.
AffineNumbers checkChannelAffine(CheckedArithmetic &arithmetic,
                                 mlir::Operation *op, int64_t channel);

/// Builds the element-wise op that scales and shifts along dim `channel`.
mlir::Value applyChannelAffine(TensorBuilder &tensors,
                               const ChannelAffine &affine, int64_t channel);

/// A vector along dim `channel` of a tensor of this rank.
mlir::Value alignToChannel(TensorBuilder &tensors, mlir::Value vector,
                           int64_t rank, int64_t channel);

} // namespace lambent::graph

#endif
