//===- BufferLives.h - When each buffer of a function is needed -----------===//

#ifndef LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERLIVES_H
#define LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERLIVES_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::lir {

/// A buffer of the arena and the kernels, by their position in the function,
/// between which its content matters; both included.
struct BufferLife {
  AllocOp alloc;
  Size bytes = 0;
  int64_t begin = 0, end = 0;
};

/// The kernels of a function in order, and the lives of its buffers. A buffer
/// that no kernel touches has no life.
struct BufferLives {
  llvm::SmallVector<KernelOpInterface> kernels;
  llvm::SmallVector<BufferLife> lives;
};

BufferLives getBufferLives(mlir::func::FuncOp function);

/// The read operand of `kernel` whose buffer its first output may take over: it
/// is `input`, which no other operand touches; or none.
std::optional<unsigned> getSharedOperand(KernelOpInterface kernel,
                                         mlir::Value input, mlir::Value output);

} // namespace lambent::lir

#endif
