//===- Register.cpp - Gives every lir op its CPU kernel -------------------===//

#include "Kernels.h"

using namespace mlir;
using namespace lambent;

void cpu::registerKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, lir::LIRDialect *) {
    // One line a family.
    attachAttentionKernels(*context);
    attachBlockMatmulKernel(*context);
    attachBlockKernels(*context);
    attachCheckKernel(*context);
    attachConvDeformKernels(*context);
    attachConvKernels(*context);
    attachMatmulKernels(*context);
    attachElementwiseKernels(*context);
    attachGatherKernels(*context);
    attachNonMaxSuppressionKernel(*context);
    attachNonZeroKernels(*context);
    attachNormKernels(*context);
    attachPoolKernels(*context);
    attachPoolRegionsKernels(*context);
    attachRecurrentKernels(*context);
    attachReduceKernels(*context);
    attachResampleKernels(*context);
    attachScatterKernels(*context);
    attachSortRowsKernel(*context);
  });
}
