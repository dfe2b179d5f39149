//===- Selection.h - Results whose size the data say ------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_SELECTION_H
#define LAMBENT_LIB_GRAPH_IMPORT_SELECTION_H

#include "Node.h"

namespace lambent::graph {

/// The places of the elements of `x`, which has dims, that are not 0, in
/// row-major order: i64 [rank, as many].
mlir::Value findNonZero(Node &node, mlir::Value x);

/// The attribute axis, counted from the front; without one nothing, and `x`
/// becomes a vector of all its elements.
std::optional<int64_t> readAxisOrFlatten(Node &node, mlir::Value &x);

} // namespace lambent::graph

#endif
