//===- Elements.h - Elements of small constant tensors ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IR_ELEMENTS_H
#define LAMBENT_LIB_GRAPH_IR_ELEMENTS_H

#include "Shapes.h"

namespace lambent::graph {

/// What is known of a tensor's elements, in row-major order; null for those
/// that are not. Empty: nothing is known.
using Elements = llvm::SmallVector<mlir::Attribute>;

/// The bytes that a constant of a static type takes: whole bytes per element.
size_t getByteSize(mlir::RankedTensorType type);

/// What is known about the elements of `value`, seen through the ops that
/// compute it.
Elements getKnownElements(mlir::Value value);

/// The element that a constant holds everywhere, or null.
mlir::Attribute getUniformElement(mlir::Value value);

/// What an op of an element-wise region gives for scalars of which some are
/// expressions of sizes; null where that is no expression.
mlir::Attribute evaluateOnSizes(mlir::Operation &op,
                                llvm::ArrayRef<mlir::Attribute> operands);

/// The folder of every op that has ElementsOpInterface: its result as a
/// constant, or null.
mlir::OpFoldResult foldElements(mlir::Operation *op);

/// The integer of an element, read as the signedness of its type says.
std::optional<int64_t> getInt(mlir::Attribute element);

/// An element of an integer type.
mlir::Attribute getIntElement(mlir::Type type, int64_t value);

/// Row-major strides of a static shape.
Shape getStrides(llvm::ArrayRef<int64_t> shape);

/// Where an element lies that is `position` steps of these strides from the
/// first one.
int64_t getOffset(llvm::ArrayRef<int64_t> position,
                  llvm::ArrayRef<int64_t> strides);

/// Calls `visit` with each position of a static shape in row-major order.
void forEachPosition(llvm::ArrayRef<int64_t> shape,
                     llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);

/// The elements of a result of this shape whose positions are steps of
/// `strides` in the input, from element `first` on.
Elements readStrided(const Elements &input, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<int64_t> strides, int64_t first = 0);

} // namespace lambent::graph

#endif
