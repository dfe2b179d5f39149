//===- ConvOpen.h - Convolutions by filters of any size ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_CONVOPEN_H
#define LAMBENT_LIB_GRAPH_IMPORT_CONVOPEN_H

#include "Window.h"

namespace lambent::graph {

/// A filter with the sizes that its node and the other operands say, where its
/// own are open: every run checks these. `said` has one for each dim, of which
/// some may be unknown.
mlir::Value settleFilter(Node &node, mlir::Value filter,
                         llvm::ArrayRef<Size> said);

/// An image with the channels that the filter has, where these are none and its
/// own are open: of sums of nothing the result is known then.
mlir::Value settleChannels(Node &node, mlir::Value x, const Size &channels);

/// A convolution of [N, C, spatial...] by a filter of any size. `bias` may be
/// null.
mlir::Value convolveByColumns(Node &node, mlir::Value x, mlir::Value filter,
                              mlir::Value bias, const Window &window,
                              int64_t group);

/// What a transposed convolution says of its result, besides its pads.
struct TransposedShape {
  llvm::ArrayRef<int64_t> padding; ///< behind each spatial dim
  llvm::ArrayRef<int64_t> sizes;   ///< of the spatial dims; none: they follow
};

/// A transposed convolution by a filter of any size.
mlir::Value convolveTransposedByColumns(Node &node, mlir::Value x,
                                        mlir::Value filter, mlir::Value bias,
                                        const Window &window, int64_t group,
                                        const TransposedShape &wanted);

} // namespace lambent::graph

#endif
