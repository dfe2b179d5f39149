//===- CUDABackend.h - Code for NVIDIA GPUs ---------------------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CUDA_CUDABACKEND_H
#define LAMBENT_BACKENDS_CUDA_CUDABACKEND_H

#include "lambent/Backends/Backend.h"
#include "mlir/IR/OpDefinition.h"

namespace lambent::cuda {

class KernelBuilder;

/// What a kernel is launched with: a row of blocks, a row of threads in each.
struct LaunchShape {
  int64_t blocks = 1;
  int64_t threads = 1;
};

/// Adds the backend "cuda".
void registerCUDABackend(BackendRegistry &registry);

/// The dialects that kernels are built from and lowered through, with the
/// kernels attached to lir.
void registerDialects(mlir::DialectRegistry &registry);

/// Attaches CUDAKernelOpInterface to the lir kernels that run on GPUs.
void registerKernels(mlir::DialectRegistry &registry);

} // namespace lambent::cuda

#include "lambent/Backends/CUDA/CUDAInterfaces.h.inc"

#endif
