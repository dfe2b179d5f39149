//===- CheckKernels.cpp - Whether there are kernels for a model -----------===//

#include "KernelModule.h"
#include "KernelTarget.h"
#include "MathTarget.h"
#include "lambent/Backends/CPU/Emit.h"

using namespace mlir;
using namespace lambent;

LogicalResult cpu::checkKernels(ModuleOp module, const TargetInfo &target) {
  FailureOr<emit::ModelSchedule> schedule = buildSchedule(module, target);
  if (failed(schedule))
    return failure();
  // One at a time, so that no more than one kernel's loops are in memory.
  LogicalResult result = success();
  for (const emit::KernelUse &kernel : schedule->kernels) {
    FailureOr<OwningOpRef<ModuleOp>> loops =
        buildKernelModule(kernel.op, kernel.symbol, target);
    if (failed(loops) || failed(expandMath(**loops, getMathTarget(target))))
      result = failure();
  }
  return result;
}
