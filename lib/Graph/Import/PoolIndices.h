//===- PoolIndices.h - Where the maxima of MaxPool lie ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_POOLINDICES_H
#define LAMBENT_LIB_GRAPH_IMPORT_POOLINDICES_H

#include "Window.h"

namespace lambent::graph {

/// For each of the `maxima` of windows of the image `x` its index in all of
/// `x`, counted row by row, or column by column within an image.
mlir::Value findMaxima(Node &node, mlir::Value x, mlir::Value maxima,
                       const Window &window, llvm::ArrayRef<int64_t> kernel,
                       bool columnMajor);

} // namespace lambent::graph

#endif
