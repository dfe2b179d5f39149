//===- Sizes.h - The sizes of tensors with open dims ------------*- C++ -*-===//
//
// What Size.h computes with, as the encoding of a type and as elements of shape
// arithmetic.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_GRAPH_IR_SIZES_H
#define LAMBENT_GRAPH_IR_SIZES_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"

#define GET_ATTRDEF_CLASSES
#include "lambent/Graph/IR/Sizes.h.inc"

namespace lambent::graph {

/// The sizes of a type's dims, as far as it says.
Sizes getSizes(mlir::RankedTensorType type);

/// The type with these sizes.
mlir::RankedTensorType makeTensorType(llvm::ArrayRef<Size> sizes,
                                      mlir::Type elementType);

SizesAttr makeSizesAttr(mlir::MLIRContext *context, llvm::ArrayRef<Size> sizes);

/// A size as an element of a list of sizes: an integer of `type`, an
/// expression, or null.
mlir::Attribute getElement(const Size &size, mlir::Type type);
/// What an element of a list of sizes stands for.
Size getSize(mlir::Attribute element);

} // namespace lambent::graph

#endif
