//===- BufferLayout.h - How a buffer's elements lie in memory ---*- C++ -*-===//
//
// A buffer is dense, or a part of a dense one: then its type carries strides
// and the offset of its first element.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_IR_BUFFERLAYOUT_H
#define LAMBENT_LOWERING_IR_BUFFERLAYOUT_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lambent::lir {

/// Whether this is a whole buffer, row-major, and not a part of one: a part
/// says so by strides, even if its elements lie one after the other from the
/// start.
bool isDense(mlir::MemRefType type);

/// Whether both have one shape and element type, however the elements lie.
bool areAlike(mlir::Type a, mlir::Type b);

/// The sizes of the dims; unknown where a dim is open and no layout says more.
Sizes getSizes(mlir::MemRefType type);
Sizes getSizes(mlir::Value buffer);
/// How many elements there are.
Size countElements(mlir::MemRefType type);

/// The type of a dense buffer.
mlir::MemRefType makeBufferType(llvm::ArrayRef<Size> sizes,
                                mlir::Type elementType);
/// The type of a part of one.
mlir::MemRefType makePartType(llvm::ArrayRef<Size> sizes,
                              mlir::Type elementType,
                              llvm::ArrayRef<Size> strides, Size offset);

/// Elements between neighbours along each dim.
Sizes getStrides(mlir::MemRefType type);

/// The first element's place in the buffer that this is a part of.
Size getFirstElement(mlir::MemRefType type);

/// Whether all elements lie among the `elements` of a dense buffer, as far as
/// the sizes' forms show.
bool mayBePartOf(mlir::MemRefType type, const Size &elements);

/// Whether two parts of one buffer have no element in common, as far as can be
/// seen.
bool areDisjoint(mlir::MemRefType a, mlir::MemRefType b);

/// The same elements in the same row-major order under `shape`; failure where
/// no strides say that.
mlir::FailureOr<mlir::MemRefType> reshapeLayout(mlir::MemRefType type,
                                                llvm::ArrayRef<Size> shape);

/// `buffer` under `shape`, or null where its layout does not allow that.
mlir::Value reshapeBuffer(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value buffer, llvm::ArrayRef<Size> shape);

} // namespace lambent::lir

#endif
