//===- Sequence.h - Sequences and optionals of a run ------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_SEQUENCE_H
#define LAMBENT_LIB_GRAPH_IMPORT_SEQUENCE_H

#include "Node.h"

namespace lambent::graph {

/// SplitToSequence and SequenceMap.
mlir::LogicalResult importSplitToSequence(Node &node);
mlir::LogicalResult importSequenceMap(Node &node);

/// Whether a tensor may be one of a sequence of such elements, or an error.
mlir::LogicalResult checkElement(Node &node, mlir::Value tensor,
                                 mlir::Type elementType);

/// The tensors of a sequence, where they are known.
std::optional<llvm::SmallVector<mlir::Value>> findTensors(mlir::Value sequence);

/// What is known of each tensor of a sequence.
mlir::TensorType getElementOf(mlir::Value sequence);

/// A sequence of tensors that are known; null after a failure.
mlir::Value makeSequence(Node &node, llvm::ArrayRef<mlir::Value> tensors,
                         mlir::Type elementType);

/// A sequence with one tensor more, before a position, a tensor<i64>, or, where
/// that is null, behind all others.
mlir::Value insertListed(Node &node, mlir::Value sequence, mlir::Value tensor,
                         mlir::Value position);

/// A tensor that a run takes out of a sequence or optional, of which `type` is
/// known: at a position, a tensor<i64>, or, where that is null, the last.
mlir::Value readListed(Node &node, mlir::Value list, mlir::TensorType type,
                       mlir::Value position);

/// The value of an optional of which a run knows whether it has one; null after
/// a failure.
mlir::Value readOptional(Node &node, mlir::Value optional);

/// The length of a sequence, or whether an optional has a value: a tensor<i64>.
mlir::Value countListed(Node &node, mlir::Value list);

} // namespace lambent::graph

#endif
