//===- ModelModule.h - LambentModel and its run as LLVM IR ----------------===//

#ifndef LAMBENT_BACKENDS_EMIT_MODELMODULE_H
#define LAMBENT_BACKENDS_EMIT_MODELMODULE_H

#include "lambent/Backends/Emit/Emission.h"
#include "lambent/Backends/Emit/Schedule.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace lambent::emit {

/// What a model says of the target that it is for.
struct ModelTarget {
  const llvm::TargetMachine &machine;
  std::string required; ///< features that are checked before it runs
  /// The name of the description that choices followed from.
  std::string tunedFor;
  /// The numbers of LambentTuning, in its order.
  std::vector<int64_t> tuning;
};

/// Builds the module that defines NAME_model and refers to the schedule's
/// kernels by symbol. With `weightsFile` the weights are assembled into it.
/// Failure was reported.
mlir::FailureOr<std::unique_ptr<llvm::Module>>
buildModelModule(ModelSchedule &schedule, const ModelTarget &target,
                 const EmitOptions &options, llvm::StringRef weightsFile,
                 llvm::LLVMContext &context);

} // namespace lambent::emit

#endif
