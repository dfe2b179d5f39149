//===- Shapes.h - Checks and arithmetic on dims and axes --------*- C++ -*-===//
//
// Dims come from models that nobody has checked, so every sum and product of
// dims is made in 128 bits and bounded.

#ifndef LAMBENT_LIB_GRAPH_IR_SHAPES_H
#define LAMBENT_LIB_GRAPH_IR_SHAPES_H

#include "lambent/Graph/IR/Graph.h"

namespace lambent::graph {

using Shape = llvm::SmallVector<int64_t>;
using Wide = __int128;

inline constexpr int64_t openDim = mlir::ShapedType::kDynamic;

/// The type of a value that checkOperands has seen.
inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

inline bool isOpen(int64_t dim) { return mlir::ShapedType::isDynamic(dim); }

/// A computed dim, brought into range such that checkResult still rejects it if
/// it is absurd.
inline int64_t boundDim(Wide dim) {
  return static_cast<int64_t>(dim < -1            ? Wide(-1)
                              : dim > maxElements ? Wide(maxElements) + 1
                                                  : dim);
}

/// The product of dims (open ones make it open), bounded as by boundDim.
int64_t productOf(llvm::ArrayRef<int64_t> dims);

/// Whether two dims may be the same size.
inline bool dimsAgree(int64_t a, int64_t b) {
  return isOpen(a) || isOpen(b) || a == b;
}

/// The better known of two dims that agree.
inline int64_t mergeDims(int64_t a, int64_t b) { return isOpen(a) ? b : a; }

/// "2x?x3", for messages.
std::string describeShape(llvm::ArrayRef<int64_t> shape);

/// Fails unless 0 <= axis < rank.
mlir::LogicalResult checkAxis(int64_t axis, int64_t rank, EmitError emitError);

/// Fails unless axes are unique and in range, and, where asked, sorted.
mlir::LogicalResult checkAxes(llvm::ArrayRef<int64_t> axes, int64_t rank,
                              bool sorted, EmitError emitError);

/// Fails unless a tensor of this type can be a shape operand: a known number of
/// dims that is not absurd.
mlir::LogicalResult checkShapeOperand(mlir::RankedTensorType type,
                                      EmitError emitError);

/// Fails unless `value`, the attribute called `name`, is one of `choices`.
mlir::LogicalResult checkChoice(llvm::StringRef name, llvm::StringRef value,
                                llvm::ArrayRef<llvm::StringRef> choices,
                                EmitError emitError);

/// Fails unless a list attribute has `count` entries that are all at least
/// `least`.
mlir::LogicalResult checkEntries(llvm::StringRef name,
                                 llvm::ArrayRef<int64_t> values, int64_t count,
                                 int64_t least, EmitError emitError);

} // namespace lambent::graph

#endif
