//===- KernelTarget.cpp - What the CPU's kernels say of themselves --------===//

#include "KernelTarget.h"
#include "KernelModule.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

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

/// The features for tiles of matrices that kernels' algorithms use.
static llvm::StringSet<> findTileFeatures(ModuleOp module) {
  llvm::StringSet<> used;
  module.walk([&](Operation *op) {
    auto algorithm = op->getAttrOfType<AlgorithmAttrInterface>("algorithm");
    StringRef feature = algorithm ? algorithm.getTileFeature(op) : "";
    if (feature.empty())
      return;
    used.insert(feature);
    used.insert("amx-tile");
  });
  return used;
}

/// The features that are checked before the module's code runs. LLVM makes no
/// instructions on tiles of its own accord.
static std::string listRequired(ModuleOp module, const TargetInfo &target) {
  llvm::StringSet<> tiles = findTileFeatures(module);
  SmallVector<StringRef> names;
  for (StringRef name : llvm::split(target.required, ','))
    if (!name.starts_with("amx-") || tiles.contains(name))
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
