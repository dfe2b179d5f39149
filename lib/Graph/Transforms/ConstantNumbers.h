//===- ConstantNumbers.h - Constants as numbers -----------------*- C++ -*-===//
//
// What rewrites must know of the constants that they merge.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_CONSTANTNUMBERS_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_CONSTANTNUMBERS_H

#include "TensorBuilder.h"

namespace lambent::graph {

/// Whether `op` has the elements of its first operand, in their order, in
/// another shape.
bool isReshape(mlir::Operation *op);

/// The bytes of a constant's elements, one of them where all are alike; they
/// need not be aligned.
llvm::ArrayRef<char> getBytes(mlir::ElementsAttr value);

/// The elements of a constant float tensor, or of a small expression of
/// constants, in row-major order; nothing where they are too many.
std::optional<llvm::SmallVector<double>> readNumbers(mlir::Value value);

/// The largest magnitude among the elements of a constant float tensor, or a
/// bound of it where constants are multiplied; nothing where it is unknown.
std::optional<double> getLargestMagnitude(mlir::Value value);

} // namespace lambent::graph

#endif
