//===- KernelTarget.cpp - What the CPU's kernels say of themselves --------===//

#include "KernelTarget.h"
#include "KernelModule.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class CPUKernels : public emit::KernelTarget {
public:
  explicit CPUKernels(const TargetInfo &target) : target(target) {}

  FailureOr<emit::KernelFacts>
  describe(lir::KernelOpInterface op) const override {
    auto code = dyn_cast<CPUKernelOpInterface>(*op);
    if (!code)
      return op->emitOpError("has no CPU kernel");
    if (lir::hasOpenSizes(op) && !code.takesOpenSizes())
      return emitUnsupported(op)
             << "the kernel " << op->getName()
             << " is not supported with open dims: bind them";
    return emit::KernelFacts{
        code.describeKernel(target),  getKernelKey(op, target),
        code.getNumChunks(target),    code.getNumStages(target),
        code.getScratchBytes(target), getKernelSymbols(op)};
  }

private:
  const TargetInfo &target;
};

} // namespace

FailureOr<emit::ModelSchedule> cpu::buildSchedule(ModuleOp module,
                                                  const TargetInfo &target) {
  return emit::buildSchedule(module, CPUKernels(target));
}

emit::ModelTarget cpu::describeTarget(const TargetInfo &target,
                                      const llvm::TargetMachine &machine) {
  const CPUDescription &description = target.description;
  return {machine,
          target.required,
          std::string(description.name),
          {int64_t(target.vectorBits / 8), description.flops,
           description.l2Bytes, description.l3Bytes, description.l2Speed,
           description.l3Speed, description.memorySpeed}};
}
