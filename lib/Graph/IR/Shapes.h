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
inline bool isOpen(const Size &size) { return !size.isNumber(); }

/// A computed dim, brought into range such that checkResult still rejects it if
/// it is absurd.
inline int64_t boundDim(Wide dim) {
  return static_cast<int64_t>(dim < -1            ? Wide(-1)
                              : dim > maxElements ? Wide(maxElements) + 1
                                                  : dim);
}

/// ONNX's broadcasting of sizes. Where two of them are open and not known to be
/// the same, one of them is the result's: they must be equal when the model
/// runs.
mlir::FailureOr<Sizes> broadcastSizes(llvm::ArrayRef<Sizes> operands);

/// A computed number that may be negative, in a range that is as good as
/// infinite.
inline int64_t boundNumber(Wide number) {
  return static_cast<int64_t>(
      std::clamp<Wide>(number, -maxElements - 1, maxElements + 1));
}

/// The product of dims (open ones make it open), bounded as by boundDim.
int64_t productOf(llvm::ArrayRef<int64_t> dims);

/// Whether two dims may be the same size.
inline bool dimsAgree(int64_t a, int64_t b) {
  return isOpen(a) || isOpen(b) || a == b;
}

/// Whether two sizes may be the same in some run.
inline bool dimsAgree(const Size &a, const Size &b) {
  return dimsAgree(a.getNumber(), b.getNumber());
}

/// The better known of two dims that agree.
inline int64_t mergeDims(int64_t a, int64_t b) { return isOpen(a) ? b : a; }
inline Size mergeDims(const Size &a, const Size &b) {
  return a.isNumber() || (a.isKnown() && !b.isNumber()) ? a : b;
}

/// "2x?x3", for messages.
std::string describeShape(llvm::ArrayRef<int64_t> shape);
std::string describeShape(llvm::ArrayRef<Size> sizes);

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
