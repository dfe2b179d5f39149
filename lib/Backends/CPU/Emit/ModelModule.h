//===- ModelModule.h - LambentModel and its run as LLVM IR ----------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_EMIT_MODELMODULE_H
#define LAMBENT_LIB_BACKENDS_CPU_EMIT_MODELMODULE_H

#include "Schedule.h"
#include "lambent/Backends/CPU/Emit.h"
#include "llvm/IR/Module.h"

namespace lambent::cpu {

/// Builds the module that defines NAME_model and refers to the schedule's
/// kernels by symbol. With `weightsFile` the weights are assembled into it.
/// Failure was reported.
mlir::FailureOr<std::unique_ptr<llvm::Module>>
buildModelModule(ModelSchedule &schedule, const TargetInfo &target,
                 const EmitOptions &options, llvm::StringRef weightsFile,
                 llvm::LLVMContext &context);

} // namespace lambent::cpu

#endif
