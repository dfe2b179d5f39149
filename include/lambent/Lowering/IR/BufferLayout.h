//===- BufferLayout.h - How a buffer's elements lie in memory ---*- C++ -*-===//
//
// A buffer is dense, or a part of a dense one: then its type carries strides
// and the offset of its first element.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_IR_BUFFERLAYOUT_H
#define LAMBENT_LOWERING_IR_BUFFERLAYOUT_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lambent::lir {

/// Whether this is a whole buffer, row-major, and not a part of one: a part
/// says so by strides, even if its elements lie one after the other from the
/// start.
bool isDense(mlir::MemRefType type);

/// Whether both have one shape and element type, however the elements lie.
bool areAlike(mlir::Type a, mlir::Type b);

/// Elements between neighbours along each dim; the type is static and strided.
llvm::SmallVector<int64_t> getStrides(mlir::MemRefType type);

/// The first element's place in the buffer that this is a part of.
int64_t getFirstElement(mlir::MemRefType type);

/// Whether all elements lie among the `elements` of a dense buffer.
bool isPartOf(mlir::MemRefType type, int64_t elements);

/// Whether two parts of one buffer have no element in common, as far as can be
/// seen.
bool areDisjoint(mlir::MemRefType a, mlir::MemRefType b);

/// The same elements in the same row-major order under `shape`; failure where
/// no strides say that.
mlir::FailureOr<mlir::MemRefType> reshapeLayout(mlir::MemRefType type,
                                                llvm::ArrayRef<int64_t> shape);

/// `buffer` under `shape`, or null where its layout does not allow that.
mlir::Value reshapeBuffer(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value buffer, llvm::ArrayRef<int64_t> shape);

} // namespace lambent::lir

#endif
