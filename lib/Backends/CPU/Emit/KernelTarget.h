//===- KernelTarget.h - What the CPU's kernels say of themselves ----------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_EMIT_KERNELTARGET_H
#define LAMBENT_LIB_BACKENDS_CPU_EMIT_KERNELTARGET_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Backends/Emit/ModelModule.h"

namespace lambent::cpu {

/// Reads a planned module. Failure was reported on the op.
mlir::FailureOr<emit::ModelSchedule> buildSchedule(mlir::ModuleOp module,
                                                   const TargetInfo &target);

/// What a model for `target` says of it: of the features for tiles of matrices
/// only where one of the module's kernels uses them. `machine` must live as
/// long.
emit::ModelTarget describeTarget(mlir::ModuleOp module,
                                 const TargetInfo &target,
                                 const llvm::TargetMachine &machine);

} // namespace lambent::cpu

#endif
