//===- Norm.cpp - The normalisations --------------------------------------===//

#include "Kernels.h"

void lambent::cpu::attachNormKernels(mlir::MLIRContext &context) {
  attachSoftmaxKernel(context);
  attachNormalizeKernel(context);
  attachLRNKernel(context);
}
