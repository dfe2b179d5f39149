//===- Register.cpp - Gives lir ops their GPU kernels ---------------------===//

#include "Kernels.h"

using namespace mlir;
using namespace lambent;

void cuda::registerKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, lir::LIRDialect *) {
    // One line a family.
    attachElementwiseKernels(*context);
    attachMatmulKernels(*context);
    attachSoftmaxKernels(*context);
  });
}
