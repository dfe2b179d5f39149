//===- Indices.h - Indices that kernels load and follow --------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_INDICES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_INDICES_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// The type that elements of `type` are moved as: integers of their width.
mlir::Type getMovedType(mlir::MemRefType type);

/// The index at `position` of operand 1, counted from the end where negative,
/// clamped into [0, size).
mlir::Value loadIndex(KernelBuilder &builder, mlir::MemRefType indices,
                      mlir::Value position, const Size &size);

/// The same for the tuple from `position` on: the place that it means in dims
/// of `sizes` as one, row by row.
mlir::Value loadIndexTuple(KernelBuilder &builder, mlir::MemRefType indices,
                           mlir::Value position, llvm::ArrayRef<Size> sizes);

} // namespace lambent::cpu

#endif
