//===- Window.h - Sizes and padding of sliding windows ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IR_WINDOW_H
#define LAMBENT_LIB_GRAPH_IR_WINDOW_H

#include "Shapes.h"

namespace lambent::graph {

/// How a window moves over the spatial dims: what conv, conv_transpose and pool
/// share.
struct Window {
  /// Taps per spatial dim; open where not known.
  llvm::ArrayRef<int64_t> kernel;
  llvm::ArrayRef<int64_t> strides, dilations, pads;
  llvm::StringRef autoPad;
  bool ceilMode = false;

  size_t rank() const { return strides.size(); }
  /// Taps and the gaps between them; open where the kernel is.
  Wide extent(size_t d) const {
    return (Wide(kernel[d]) - 1) * dilations[d] + 1;
  }
};

/// Fails unless the lists fit the input's rank and each other (C1) and auto_pad
/// is one of ONNX's (C3).
mlir::LogicalResult checkWindow(const Window &window,
                                mlir::RankedTensorType input,
                                EmitError emitError);

/// Where the channels and the first spatial dim of an image are.
inline int64_t getChannelAxis(mlir::RankedTensorType type, bool channelsLast) {
  return channelsLast ? type.getRank() - 1 : 1;
}
inline int64_t getSpatialAxis(bool channelsLast) {
  return channelsLast ? 1 : 2;
}

/// The spatial dims of an image of rank 3 or more.
inline llvm::ArrayRef<int64_t> getSpatialDims(mlir::RankedTensorType type,
                                              bool channelsLast) {
  return type.getShape().slice(getSpatialAxis(channelsLast),
                               type.getRank() - 2);
}

/// The same as sizes.
inline Sizes getSpatialSizes(mlir::RankedTensorType type, bool channelsLast) {
  Sizes sizes = getSizes(type);
  return Sizes(llvm::ArrayRef(sizes).slice(getSpatialAxis(channelsLast),
                                           type.getRank() - 2));
}

/// The spatial sizes of the result; fails where the window does not fit in the
/// padded input.
mlir::FailureOr<Sizes> slideWindow(const Window &window,
                                   llvm::ArrayRef<Size> input,
                                   EmitError emitError);

/// The pads that auto_pad stands for, or failure while the input's dims are
/// open.
mlir::FailureOr<Shape> resolvePads(const Window &window,
                                   llvm::ArrayRef<int64_t> input);

/// The permutation that brings [N, C, spatial...] to [N, spatial..., C].
Shape getChannelsLastPermutation(int64_t rank);

/// An image type [N, C, spatial...] or, with `channelsLast`, [N, spatial...,
/// C].
mlir::RankedTensorType makeImageType(const Size &batch, const Size &channels,
                                     llvm::ArrayRef<Size> spatial,
                                     mlir::Type elementType, bool channelsLast);

/// A copy of an op with `channels_last` set that works on `inputs`.
mlir::Value cloneChannelsLast(mlir::OpBuilder &builder, mlir::Operation *op,
                              mlir::ValueRange inputs);

} // namespace lambent::graph

#endif
