//===- LowerKernels.h - From gpu.func to LLVM functions ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CUDA_TRANSFORMS_LOWERKERNELS_H
#define LAMBENT_LIB_BACKENDS_CUDA_TRANSFORMS_LOWERKERNELS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace lambent::cuda {

/// What being a thread of a block means on a target: on a GPU registers, an
/// instruction and an address space, in the emulator arguments and a call.
class ThreadModel {
public:
  virtual ~ThreadModel() = default;
  /// Creates the function that `kernel` becomes, with an entry block in which
  /// `builder` is left. Gives a pointer for each of the kernel's buffers, then
  /// one for each memref in workgroup memory, in `pointers`.
  virtual mlir::LLVM::LLVMFuncOp
  createFunction(mlir::OpBuilder &builder, mlir::gpu::GPUFuncOp kernel,
                 llvm::SmallVectorImpl<mlir::Value> &pointers) = 0;
  /// The ids as i64, in the function created last.
  virtual mlir::Value createThreadId(mlir::OpBuilder &builder,
                                     mlir::Location loc) = 0;
  virtual mlir::Value createBlockId(mlir::OpBuilder &builder,
                                    mlir::Location loc) = 0;
  virtual void createBarrier(mlir::OpBuilder &builder, mlir::Location loc) = 0;
};

/// Turns the gpu.module in `module` into functions of the LLVM dialect.
mlir::LogicalResult lowerKernels(mlir::ModuleOp module, ThreadModel &threads);

} // namespace lambent::cuda

#endif
