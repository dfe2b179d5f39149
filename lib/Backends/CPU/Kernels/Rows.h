//===- Rows.h - Loops along a row of constant size
//----------------------------===//
//
// A row is walked in vectors; the last, partial one comes with the number of
// its valid lanes, known at compile time. Rows that fit some registers are
// unrolled, longer ones are a loop of a few vectors per turn.
//
//===--------------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ROWS_H

#include "lambent/Backends/CPU/KernelBuilder.h"

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

  /// body(position, valid lanes) for every vector, `unroll` of them a turn.
  void forEach(KernelBuilder &builder, int64_t unroll,
               llvm::function_ref<void(mlir::Value, int64_t)> body) const;
};

} // namespace lambent::cpu

#endif
