//===- HostThreads.h - A GPU's threads as calls of a host function --------===//

#ifndef LAMBENT_LIB_BACKENDS_CUDA_EMULATOR_HOSTTHREADS_H
#define LAMBENT_LIB_BACKENDS_CUDA_EMULATOR_HOSTTHREADS_H

#include "Transforms/LowerKernels.h"

namespace lambent::cuda {

/// One thread of a kernel: its pointers, which thread and block it is, the
/// block's memory, and what it calls, with `scheduler`, to wait for the others.
using HostKernel = void (*)(void *const *buffers, int64_t thread, int64_t block,
                            char *shared, void (*barrier)(void *scheduler),
                            void *scheduler);

class HostThreads : public ThreadModel {
public:
  mlir::LLVM::LLVMFuncOp
  createFunction(mlir::OpBuilder &builder, mlir::gpu::GPUFuncOp kernel,
                 llvm::SmallVectorImpl<mlir::Value> &pointers) override;
  mlir::Value createThreadId(mlir::OpBuilder &builder,
                             mlir::Location loc) override;
  mlir::Value createBlockId(mlir::OpBuilder &builder,
                            mlir::Location loc) override;
  void createBarrier(mlir::OpBuilder &builder, mlir::Location loc) override;

  /// Bytes of workgroup memory that the kernels created so far need at most.
  int64_t getSharedBytes() const { return sharedBytes; }

private:
  mlir::LLVM::LLVMFuncOp function;
  int64_t sharedBytes = 0;
};

} // namespace lambent::cuda

#endif
