//===- Pad.h - Padding ------------------------------------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_PAD_H
#define LAMBENT_LIB_GRAPH_IMPORT_PAD_H

#include "Node.h"

namespace lambent::graph {

/// Pads `x` along `axes` by i64[2n], all in front and then all behind; negative
/// pads crop. `value` is a scalar in mode constant, and null in the others. The
/// pads may be what a run decides.
mlir::Value pad(Node &node, mlir::Value x, mlir::Value pads, mlir::Value value,
                llvm::StringRef mode, llvm::ArrayRef<int64_t> axes);

} // namespace lambent::graph

#endif
