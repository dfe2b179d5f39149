//===- Rows.h - Loops along a row -------------------------------*- C++ -*-===//
//
// A row is walked in vectors; the last, partial one comes with the number of
// its valid lanes. Rows that fit some registers are unrolled, longer ones, and
// those whose size is open, are a loop of a few vectors per turn.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWS_H

#include "Chunks.h"
#include "Lanes.h"

namespace lambent::cpu {

/// A buffer seen as [outer, size, inner] around one dim or some neighbouring
/// ones.
struct AxisView {
  Size outer = 1, size = 1, inner = 1;
  /// The dims [axis, axis + count) are `size`.
  static AxisView get(mlir::MemRefType type, int64_t axis, int64_t count = 1);
};

struct Row {
  Size size;             ///< elements
  int64_t step;          ///< lanes of a vector, 1 for scalar code
  bool unrolled = false; ///< no loop: every position is a constant

  /// Of a row whose size is a number.
  int64_t vectors() const { return size.ceilDiv(step).getNumber(); }
  /// How many accumulators keep the units busy.
  int64_t numAccumulators() const;
  /// The valid lanes of vector `index` of such a row, null for all.
  mlir::Value count(KernelBuilder &builder, int64_t index) const;

  /// body(position of the vector, its valid lanes or null for all, accumulator)
  /// for every vector, dealt to the accumulators in turn. Of a row whose size is
  /// open the last vector may have no valid lanes.
  llvm::SmallVector<mlir::Value>
  fold(KernelBuilder &builder, llvm::ArrayRef<mlir::Value> accumulators,
       llvm::function_ref<mlir::Value(mlir::Value, mlir::Value, mlir::Value)>
           body) const;

  /// Combines term(position, valid lanes) of every vector into one, by several
  /// accumulators that start as `neutral`.
  mlir::Value
  reduce(KernelBuilder &builder, Combine kind, mlir::Value neutral,
         llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> term) const;

  /// body(position, valid lanes) for every vector, `unroll` of them a turn.
  void forEach(KernelBuilder &builder, int64_t unroll,
               llvm::function_ref<void(mlir::Value, mlir::Value)> body) const;
};

/// Rows that are worked on together, phase by phase: within a phase they are
/// independent, so that the latencies of one row's horizontal sums hide behind
/// the next row. What phases hand on lies in scratch memory.
struct RowBlocks {
  Size rows = 1;
  int64_t perBlock = 1;
  Chunks chunks;

  /// Rows of `size` elements, each costing `cost` simple operations.
  static RowBlocks cut(const Size &rows, const Size &size, const Size &cost);
  /// body(first, last) for the blocks of the builder's chunks.
  void
  forEachBlock(KernelBuilder &builder,
               llvm::function_ref<void(mlir::Value, mlir::Value)> body) const;
};

} // namespace lambent::cpu

#endif
