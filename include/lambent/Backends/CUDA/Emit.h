//===- Emit.h - PTX of a model's kernels ------------------------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CUDA_EMIT_H
#define LAMBENT_BACKENDS_CUDA_EMIT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/TargetParser/Triple.h"
#include <string>

namespace lambent::cuda {

struct EmitOptions {
  std::string gpu = "sm_80"; ///< the oldest GPU that the code must run on
};

/// Of all GPUs that code is written for.
llvm::Triple getTriple();

/// PTX text with one entry for every kernel of a planned `module`, in its
/// order. An entry takes a pointer per operand of its op. Failure was reported
/// on the op.
mlir::FailureOr<std::string> emitPTX(mlir::ModuleOp module,
                                     const EmitOptions &options = {});

/// Builds the kernels and drops them. Each for which there is none was reported
/// on its op.
mlir::LogicalResult checkKernels(mlir::ModuleOp module);

} // namespace lambent::cuda

#endif
