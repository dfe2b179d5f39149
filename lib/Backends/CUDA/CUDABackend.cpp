//===- CUDABackend.cpp - Code for NVIDIA GPUs -----------------------------===//

#include "lambent/Backends/CUDA/CUDABackend.h"
#include "lambent/Backends/CUDA/Emit.h"
#include "lambent/Backends/CUDA/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"

using namespace mlir;
using namespace lambent;

#include "lambent/Backends/CUDA/CUDAInterfaces.cpp.inc"

namespace {

class CUDABackend : public Backend {
public:
  StringRef getName() const override { return "cuda"; }
  void registerDialects(DialectRegistry &registry) const override {
    cuda::registerDialects(registry);
  }
  bool prefersChannelsLast() const override { return true; }
  // Weights stay as the model has them, and each op has one algorithm.
  void addLoweringPasses(OpPassManager &passes) const override {}
  bool supports(StringRef op) const override {
    return llvm::is_contained({"lir.elementwise", "lir.matmul", "lir.softmax"},
                              op);
  }
  TargetFacts getTargetFacts() const override {
    return {cuda::getTriple().str(), "", options.gpu};
  }
  LogicalResult checkKernels(ModuleOp module) const override {
    return cuda::checkKernels(module);
  }
  std::string explainMissingObjects() const override {
    return "running on GPUs is not supported yet: --target=cuda writes "
           "--emit=graph, lir and asm (PTX)";
  }
  FailureOr<EmittedModel>
  emitObjects(ModuleOp module, const lambent::EmitOptions &) const override {
    return module.emitError(explainMissingObjects());
  }
  FailureOr<KernelCache::Code> emitSingleObject(ModuleOp module,
                                                const lambent::EmitOptions &,
                                                StringRef) const override {
    return module.emitError(explainMissingObjects());
  }
  LogicalResult emitText(ModuleOp module, const lambent::EmitOptions &,
                         TextForm form, llvm::raw_ostream &os) const override {
    if (form != TextForm::Assembly)
      return module.emitError(explainMissingObjects());
    FailureOr<std::string> text = cuda::emitPTX(module, options);
    if (failed(text))
      return failure();
    os << *text;
    return success();
  }

private:
  cuda::EmitOptions options;
};

} // namespace

void cuda::registerDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                  cf::ControlFlowDialect, ub::UBDialect, memref::MemRefDialect,
                  gpu::GPUDialect, NVVM::NVVMDialect, LLVM::LLVMDialect,
                  func::FuncDialect, lir::LIRDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  registerKernels(registry);
}

void cuda::registerCUDABackend(BackendRegistry &registry) {
  registry.add(
      "cuda",
      [](const TargetOptions &options)
          -> llvm::Expected<std::unique_ptr<Backend>> {
        if (options.winogradZeros || !options.winogradLayers.empty())
          return llvm::createStringError(
              "the target cuda has no Winograd convolutions to leave zeros out "
              "of");
        return std::make_unique<CUDABackend>();
      });
}
