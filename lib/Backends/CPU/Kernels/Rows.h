//===- Rows.h - Loops along a row of constant size --------------*- C++ -*-===//
//
// A row is walked in vectors; the last, partial one comes with the number of
// its valid lanes, known at compile time. Rows that fit some registers are
// unrolled, longer ones are a loop of a few vectors per turn.
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
  int64_t outer = 1, size = 1, inner = 1;
  /// The dims [axis, axis + count) are `size`.
  static AxisView get(mlir::MemRefType type, int64_t axis, int64_t count = 1);
};

struct Row {
  int64_t size;          ///< elements
  int64_t step;          ///< lanes of a vector, 1 for scalar code
  bool unrolled = false; ///< no loop: every position is a constant

  int64_t fullVectors() const { return size / step; }
  int64_t vectors() const { return (size + step - 1) / step; }
  /// Valid lanes of vector `index`.
  int64_t valid(int64_t index) const {
    return std::min(step, size - index * step);
  }

  /// body(position of the vector, its valid lanes, accumulator) for every
  /// vector, dealt to the accumulators in turn.
  llvm::SmallVector<mlir::Value>
  fold(KernelBuilder &builder, llvm::ArrayRef<mlir::Value> accumulators,
       llvm::function_ref<mlir::Value(mlir::Value, int64_t, mlir::Value)> body)
      const;

  /// Combines term(position, valid lanes) of every vector into one, by several
  /// accumulators that start as `neutral`.
  mlir::Value
  reduce(KernelBuilder &builder, Combine kind, mlir::Value neutral,
         llvm::function_ref<mlir::Value(mlir::Value, int64_t)> term) const;

  /// body(position, valid lanes) for every vector, `unroll` of them a turn.
  void forEach(KernelBuilder &builder, int64_t unroll,
               llvm::function_ref<void(mlir::Value, int64_t)> body) const;
};

/// Rows that are worked on together, phase by phase: within a phase they are
/// independent, so that the latencies of one row's horizontal sums hide behind
/// the next row. What phases hand on lies in scratch memory.
struct RowBlocks {
  int64_t rows = 1, perBlock = 1;
  Chunks chunks;

  /// Rows of `size` elements, each costing `cost` simple operations.
  static RowBlocks cut(int64_t rows, int64_t size, int64_t cost);
  /// body(first, last) for the blocks of the builder's chunks.
  void
  forEachBlock(KernelBuilder &builder,
               llvm::function_ref<void(mlir::Value, mlir::Value)> body) const;
};

} // namespace lambent::cpu

#endif
