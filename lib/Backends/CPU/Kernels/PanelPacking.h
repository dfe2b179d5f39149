//===- PanelPacking.h - Packs operands into scratch memory at run time ----===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_PANELPACKING_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_PANELPACKING_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// A matrix in memory: element (i, j) at base + i * rowStride + j *
/// columnStride.
struct StridedMatrix {
  mlir::Type element;
  mlir::Value base;
  Size rowStride = 0;
  Size columnStride = 1;
  double factor = 1; ///< of each element, of a float type where it is not 1
};

/// Copies rows x columns elements to packed[i * packedStride + j]. What lies in
/// columns beyond `columns` up to `paddedColumns`, a multiple of `lanes`, is then
/// of no meaning. Transposes through registers where a column is contiguous.
void packMatrix(KernelBuilder &builder, const StridedMatrix &source,
                const Size &rows, mlir::Value columns, int64_t paddedColumns,
                int64_t lanes, mlir::Value packed, int64_t packedStride);

/// Vectors whose elements fill 32 bits together (four of bytes, two of 16 bits)
/// lane by lane, as 32-bit integers.
mlir::Value interleaveGroup(KernelBuilder &builder,
                            llvm::ArrayRef<mlir::Value> rows);

/// Copies rows x columns elements, a group of g rows that fill 32 bits side by
/// side, to packed[i / g * packedStride + j * g + i % g]; rows that fill up the
/// last group are zeros. Otherwise as packMatrix.
void packGroups(KernelBuilder &builder, const StridedMatrix &source,
                const Size &rows, mlir::Value columns, int64_t paddedColumns,
                int64_t lanes, mlir::Value packed, int64_t packedStride);

} // namespace lambent::cpu

#endif
