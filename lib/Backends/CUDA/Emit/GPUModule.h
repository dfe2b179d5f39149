//===- GPUModule.h - A model's kernels as functions of a gpu.module -------===//

#ifndef LAMBENT_LIB_BACKENDS_CUDA_EMIT_GPUMODULE_H
#define LAMBENT_LIB_BACKENDS_CUDA_EMIT_GPUMODULE_H

#include "lambent/Backends/CUDA/CUDABackend.h"
#include "mlir/IR/OwningOpRef.h"

namespace lambent::cuda {

/// A kernel op of a model, and the gpu.func that computes it.
struct Kernel {
  mlir::Operation *op;
  std::string symbol;
  LaunchShape launch;
};

struct Kernels {
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< holds one gpu.module
  std::vector<Kernel> list;                 ///< in the order of the ops
};

/// Builds the kernels of `module`. Every op without one is reported.
mlir::FailureOr<Kernels> buildKernels(mlir::ModuleOp module);

} // namespace lambent::cuda

#endif
