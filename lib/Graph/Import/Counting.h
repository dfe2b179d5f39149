//===- Counting.h - 0, 1, 2 ... for sizes that are computed -----*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_COUNTING_H
#define LAMBENT_LIB_GRAPH_IMPORT_COUNTING_H

#include "Node.h"

namespace lambent::graph {

/// 0, 1, ... below the one entry of a list, which is a known size: i64, as many.
mlir::Value countTo(Node &node, mlir::Value list);

/// The same below the size of a dim.
mlir::Value countDim(Node &node, mlir::Value x, int64_t dim);

/// A vector along dim `dim` of a tensor of this rank, whose other dims are 1.
mlir::Value layAlong(Node &node, mlir::Value vector, int64_t dim, int64_t rank);

/// What sizes depend on: unlike Node::require, every run checks it, before a
/// size that comes later is decided.
void demand(Node &node, ValueRule rule);

/// A list of one size that follows from the entries of others: decided by a run
/// where it is not known.
mlir::Value
computeSize(Node &node, llvm::ArrayRef<mlir::Value> lists,
            const llvm::Twine &what,
            llvm::function_ref<mlir::Value(Scalar &, llvm::ArrayRef<mlir::Value>)>
                body);

} // namespace lambent::graph

#endif
