//===- CPUBackend.cpp - Native code for CPUs ------------------------------===//

#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Backends/CPU/Emit.h"
#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/Packing.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace lambent;

#include "lambent/Backends/CPU/CPUInterfaces.cpp.inc"

namespace {

class CPUBackend : public Backend {
public:
  CPUBackend(const TargetOptions &options,
             std::optional<cpu::TargetInfo> target)
      : options(options), target(std::move(target)) {}

  StringRef getName() const override { return "cpu"; }
  void registerDialects(DialectRegistry &registry) const override {
    cpu::registerDialects(registry);
  }
  bool takesOpenDims() const override { return true; }
  bool prefersChannelsLast() const override { return true; }
  bool supports(StringRef) const override { return true; }
  bool multipliesBytes() const override { return true; }
  bool multipliesBF16() const override { return target && target->hasBF16; }
  void addLoweringPasses(OpPassManager &passes) const override {
    passes.addNestedPass<func::FuncOp>(createPermuteWeights());
    auto accepts = [](OpOperand &operand, MemRefType type) {
      auto kernel = dyn_cast<cpu::CPUKernelOpInterface>(operand.getOwner());
      return kernel && kernel.acceptsLayout(operand.getOperandNumber(), type);
    };
    passes.addNestedPass<func::FuncOp>(createRemovePartCopies(accepts));
    passes.addNestedPass<func::FuncOp>(createDonateInputs(accepts));
    if (target)
      passes.addNestedPass<func::FuncOp>(
          createSplitBatch(target->description.l2Bytes, accepts));
    if (!options.strict) {
      passes.addNestedPass<func::FuncOp>(createSplitReductions());
      passes.addNestedPass<func::FuncOp>(createRelaxSigmoids());
    }
    if (target && target->hasFMA)
      passes.addNestedPass<func::FuncOp>(createFoldByteSums());
    if (target && target->isX86)
      passes.addNestedPass<func::FuncOp>(createBoundRoundings());
    cpu::SelectAlgorithmsOptions selection;
    selection.cpu = options.cpu;
    selection.cpuDescription = options.cpuDescription;
    selection.tunedChoices = options.tunedChoices;
    selection.candidate = options.candidate;
    selection.strict = options.strict;
    selection.winogradZeros = options.winogradZeros;
    for (const auto &[name, percent] : options.winogradLayers)
      llvm::raw_string_ostream(selection.winogradLayers.emplace_back())
          << name << '=' << llvm::format("%.17g", percent);
    passes.addNestedPass<func::FuncOp>(cpu::createSelectAlgorithms(selection));
  }

  TargetFacts getTargetFacts() const override {
    return {target->triple, target->required, target->getKey()};
  }
  LogicalResult checkKernels(ModuleOp module) const override {
    return cpu::checkKernels(module, *target);
  }
  FailureOr<EmittedModel> emitObjects(ModuleOp module,
                                      const EmitOptions &how) const override {
    return cpu::emitObjects(module, *target, how);
  }
  FailureOr<KernelCache::Code>
  emitSingleObject(ModuleOp module, const EmitOptions &how,
                   StringRef weightsFile) const override {
    return cpu::emitSingleObject(module, *target, how, weightsFile);
  }
  LogicalResult emitText(ModuleOp module, const EmitOptions &how, TextForm form,
                         llvm::raw_ostream &os) const override {
    return cpu::emitText(module, *target, how, form, os);
  }

private:
  TargetOptions options;
  std::optional<cpu::TargetInfo> target; ///< none where the CPU is unknown
};

} // namespace

void cpu::registerDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                  cf::ControlFlowDialect, ub::UBDialect, vector::VectorDialect,
                  tensor::TensorDialect, LLVM::LLVMDialect, lir::LIRDialect,
                  cpu::CPUDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerKernels(registry);
  kernels::registerPackings(registry);
}

std::unique_ptr<Backend> cpu::createCPUBackend(const TargetOptions &options) {
  auto target = TargetInfo::create(options.cpu, options.cpuDescription);
  if (target)
    return std::make_unique<CPUBackend>(options, std::move(*target));
  consumeError(target.takeError()); // its pass reports it
  return std::make_unique<CPUBackend>(options, std::nullopt);
}

void cpu::registerCPUBackend(BackendRegistry &registry) {
  registry.add("cpu",
               [](const TargetOptions &options)
                   -> llvm::Expected<std::unique_ptr<Backend>> {
                 // An unknown CPU is reported here, once, and not by every
                 // pass.
                 llvm::Expected<TargetInfo> target =
                     TargetInfo::create(options.cpu, options.cpuDescription);
                 if (!target)
                   return target.takeError();
                 return std::make_unique<CPUBackend>(options,
                                                     std::move(*target));
               });
}
