//===- Lists.h - Arithmetic on short lists of sizes -------------*- C++ -*-===//
//
// Shapes, axes and counts that a model computes are vectors of i64. What a
// handler computes from them are graph ops, which fold where all is known, and
// whose elements `Node::decideSizes` makes sizes of where a run decides them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_LISTS_H
#define LAMBENT_LIB_GRAPH_IMPORT_LISTS_H

#include "Node.h"

namespace lambent::graph {

/// The sizes of a tensor's dims: i64[rank].
mlir::Value getDims(Node &node, mlir::Value x);

/// Entries [first, first + count) of a vector of any type.
mlir::Value takeEntries(Node &node, mlir::Value list, const Size &first,
                        const Size &count);

/// An entry of a vector of any type, as a scalar.
mlir::Value pickEntry(Node &node, mlir::Value list, int64_t index);

/// The entries of several vectors of one type, one after the other.
mlir::Value joinLists(Node &node, llvm::ArrayRef<mlir::Value> lists);

/// A function of integers (i64), mapped over operands that broadcast.
mlir::Value
mapInts(Node &node, llvm::ArrayRef<mlir::Value> operands,
        llvm::function_ref<mlir::Value(Scalar &, llvm::ArrayRef<mlir::Value>)>
            body);

/// 0, 1, ...: i64[size], where `size` is an i64 scalar or vector of one size
/// that is known, as a number or an expression.
mlir::Value countUp(Node &node, mlir::Value size);

/// The same below the size of a dim.
mlir::Value countDim(Node &node, mlir::Value x, int64_t dim);

/// A vector along dim `dim` of a tensor of this rank, whose other dims are 1.
mlir::Value layAlong(Node &node, mlir::Value vector, int64_t dim, int64_t rank);

/// A list of one size that follows from the entries of others: decided by a run
/// where it is not known.
mlir::Value computeSize(
    Node &node, llvm::ArrayRef<mlir::Value> lists, const llvm::Twine &what,
    llvm::function_ref<mlir::Value(Scalar &, llvm::ArrayRef<mlir::Value>)>
        body);

/// What sizes depend on: unlike Node::require, every run checks it, before a
/// size that comes later is decided.
mlir::LogicalResult demand(Node &node, ValueRule rule);

/// Fails where the input of this name is no vector.
mlir::LogicalResult requireVector(Node &node, mlir::Value list,
                                  llvm::StringRef name);

/// The number of entries of a list, which has to be known. -1 where it is not,
/// or where the operand is no vector; both are reported.
int64_t getLength(Node &node, mlir::Value list, llvm::StringRef name);

/// The same list with the number of entries that it has to have: where its
/// length is open, every run checks it. `what` says what they are, as "pads".
mlir::Value fixLength(Node &node, mlir::Value list, llvm::StringRef what,
                      const Size &count);

/// Whether it is a vector whose number of entries is open.
bool hasOpenLength(mlir::Value list);

/// Whether every size of the tensor's dims is a number or an expression.
bool hasKnownSizes(mlir::Value x);

} // namespace lambent::graph

#endif
