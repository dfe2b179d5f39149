//===- Emit.h - Machine code of a planned model -----------------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CPU_EMIT_H
#define LAMBENT_BACKENDS_CPU_EMIT_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Backends/Emit/Emission.h"

namespace lambent::cpu {

/// Compiles the kernels of a planned `module` in parallel. Failure was reported
/// on the op.
mlir::FailureOr<EmittedModel> emitObjects(mlir::ModuleOp module,
                                          const TargetInfo &target,
                                          const EmitOptions &options);

/// A single relocatable object in which all but NAME_model is local. Its
/// weights come from `weightsFile` (copied in by the assembler) when that is
/// not empty.
mlir::FailureOr<KernelCache::Code>
emitSingleObject(mlir::ModuleOp module, const TargetInfo &target,
                 const EmitOptions &options, llvm::StringRef weightsFile);

/// Builds the loops of every distinct kernel of a planned module and drops
/// them. Every kernel for which there are none was reported on its op.
mlir::LogicalResult checkKernels(mlir::ModuleOp module,
                                 const TargetInfo &target);

/// The same model as text.
mlir::LogicalResult emitText(mlir::ModuleOp module, const TargetInfo &target,
                             const EmitOptions &options, TextForm form,
                             llvm::raw_ostream &os);

} // namespace lambent::cpu

#endif
