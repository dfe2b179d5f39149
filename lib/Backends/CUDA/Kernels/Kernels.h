//===- Kernels.h - The kernel families of the CUDA backend ------*- C++ -*-===//
//
// One file a family, named as on lir. Each attaches CUDAKernelOpInterface to
// its ops.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CUDA_KERNELS_KERNELS_H
#define LAMBENT_LIB_BACKENDS_CUDA_KERNELS_KERNELS_H

#include "lambent/Backends/CUDA/CUDABackend.h"
#include "lambent/Backends/CUDA/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cuda {

void attachElementwiseKernels(mlir::MLIRContext &context);
void attachMatmulKernels(mlir::MLIRContext &context);
void attachSoftmaxKernels(mlir::MLIRContext &context);

} // namespace lambent::cuda

#endif
