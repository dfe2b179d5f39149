//===- KernelTarget.cpp - What the CPU's kernels say of themselves --------===//

#include "KernelTarget.h"
#include "KernelModule.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/ADT/StringExtras.h"

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

/// Whether a kernel has an algorithm for tiles of matrices.
static bool usesTileUnit(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    auto algorithm = op->getAttrOfType<AlgorithmAttrInterface>("algorithm");
    return algorithm && algorithm.usesTileUnit() ? WalkResult::interrupt()
                                                 : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// The features that are checked before the module's code runs. LLVM makes no
/// instructions on tiles of its own accord.
static std::string listRequired(ModuleOp module, const TargetInfo &target) {
  if (usesTileUnit(module))
    return target.required;
  SmallVector<StringRef> names;
  for (StringRef name : llvm::split(target.required, ','))
    if (!name.starts_with("amx-"))
      names.push_back(name);
  return llvm::join(names, ",");
}

emit::ModelTarget cpu::describeTarget(ModuleOp module, const TargetInfo &target,
                                      const llvm::TargetMachine &machine) {
  const CPUDescription &description = target.description;
  return {machine,
          listRequired(module, target),
          std::string(description.name),
          {int64_t(target.vectorBits / 8), description.flops,
           description.l2Bytes, description.l3Bytes, description.l2Speed,
           description.l3Speed, description.memorySpeed}};
}
