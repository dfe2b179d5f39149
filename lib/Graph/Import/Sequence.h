//===- Sequence.h - Sequences and optionals of a run ------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_SEQUENCE_H
#define LAMBENT_LIB_GRAPH_IMPORT_SEQUENCE_H

#include "Node.h"

namespace lambent::graph {

/// SplitToSequence.
mlir::LogicalResult importSplitToSequence(Node &node);

/// A sequence of tensors that are known; null after a failure.
mlir::Value makeSequence(Node &node, llvm::ArrayRef<mlir::Value> tensors,
                         mlir::Type elementType);

/// A tensor that a run takes out of a sequence or optional, of which `type` is
/// known: at a position, a tensor<i64>, or, where that is null, the last.
mlir::Value readListed(Node &node, mlir::Value list, mlir::TensorType type,
                       mlir::Value position);

/// The length of a sequence, or whether an optional has a value: a tensor<i64>.
mlir::Value countListed(Node &node, mlir::Value list);

} // namespace lambent::graph

#endif
