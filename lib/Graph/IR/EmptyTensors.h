//===- EmptyTensors.h - Tensors of no elements ------------------*- C++ -*-===//
//
// A dim may be 0. A result without elements is a constant whatever computes it,
// which the dialect's folder says once for all ops. A result that combines no
// elements, such as a sum over an empty dim, holds one number everywhere: the
// folders of the ops that combine say which. What is left has elements in all
// of its operands and results, but for concat and pad.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IR_EMPTYTENSORS_H
#define LAMBENT_LIB_GRAPH_IR_EMPTYTENSORS_H

#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/PatternMatch.h"

namespace lambent::graph {

/// Whether the tensor has no elements, whatever its open dims are.
bool isEmpty(mlir::Value tensor);

/// The results of an op as constants where all are static and empty; else
/// nothing.
llvm::SmallVector<mlir::Attribute> foldEmptyResults(mlir::Operation *op);

/// A constant of `type` that holds what a sum (0), product (1), maximum or
/// minimum (the least or largest number of the type), or mean (NaN; 0 for
/// integers) of no elements is. Null where `type` is open.
mlir::Attribute getCombinationOfNothing(mlir::RankedTensorType type,
                                        llvm::StringRef kind);

/// Where a result of open sizes combines no elements: replaces its op by what
/// `getCombinationOfNothing` says, repeated. Fails where the op can fold, or is
/// skipped because its result has no elements either.
llvm::LogicalResult becomeCombinationOfNothing(mlir::Operation *op,
                                               llvm::StringRef kind,
                                               mlir::PatternRewriter &rewriter);

} // namespace lambent::graph

#endif
