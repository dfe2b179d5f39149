//===- BufferLives.h - When each buffer of a function is needed -----------===//

#ifndef LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERLIVES_H
#define LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERLIVES_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::lir {

/// A buffer of the arena and the groups of kernels, by their position in the
/// function, between which its content matters; both included. A kernel that
/// runs with no other is a group.
struct BufferLife {
  AllocOp alloc;
  Size bytes = 0;
  int64_t begin = 0, end = 0;
  KernelOpInterface writer; ///< the first kernel that touches it
  /// The one kernel of the last group that touches it; null for several.
  KernelOpInterface last;
};

/// The lives of a function's buffers, in the order in which they begin. A
/// buffer that no kernel touches has no life.
llvm::SmallVector<BufferLife> getBufferLives(mlir::func::FuncOp function);

/// The read operand of `kernel` whose buffer its first output may take over: it
/// is `input`, which no other operand touches; or none.
std::optional<unsigned> getSharedOperand(KernelOpInterface kernel,
                                         mlir::Value input, mlir::Value output);

} // namespace lambent::lir

#endif
