//===- Kernels.h - The kernel families of the CPU backend -------*- C++ -*-===//
//
// One file a family, named as on lir. Each attaches CPUKernelOpInterface to its
// ops.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_KERNELS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_KERNELS_H

#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

void attachArgReduceKernel(mlir::MLIRContext &context);
void attachAttentionKernels(mlir::MLIRContext &context);
void attachBlockKernels(mlir::MLIRContext &context);
void attachBlockMatmulKernel(mlir::MLIRContext &context);
void attachCheckKernel(mlir::MLIRContext &context);
void attachConvDeformKernels(mlir::MLIRContext &context);
void attachConvKernels(mlir::MLIRContext &context);
void attachCumSumKernel(mlir::MLIRContext &context);
void attachElementwiseKernels(mlir::MLIRContext &context);
void attachGatherKernels(mlir::MLIRContext &context);
void attachLRNKernel(mlir::MLIRContext &context);
void attachMatmulKernels(mlir::MLIRContext &context);
void attachNonMaxSuppressionKernel(mlir::MLIRContext &context);
void attachNonZeroKernels(mlir::MLIRContext &context);
void attachNormKernels(mlir::MLIRContext &context);
void attachNormalizeKernel(mlir::MLIRContext &context);
void attachPoolKernels(mlir::MLIRContext &context);
void attachPoolRegionsKernels(mlir::MLIRContext &context);
void attachRecurrentKernels(mlir::MLIRContext &context);
void attachReduceKernels(mlir::MLIRContext &context);
void attachResampleKernels(mlir::MLIRContext &context);
void attachScatterKernels(mlir::MLIRContext &context);
void attachSoftmaxKernel(mlir::MLIRContext &context);
void attachSortRowsKernel(mlir::MLIRContext &context);
void attachTopKKernel(mlir::MLIRContext &context);

} // namespace lambent::cpu

#endif
