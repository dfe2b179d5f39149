//===- PTX.cpp - PTX of a model's kernels ---------------------------------===//

#include "GPUModule.h"
#include "Transforms/LowerKernels.h"
#include "lambent/Backends/CUDA/Emit.h"
#include "lambent/Backends/CodeGeneration.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include <mutex>

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

/// The address space of a block's memory.
static constexpr auto kShared = unsigned(NVVM::NVVMMemorySpace::Shared);

namespace {

/// Threads of a GPU: ids are registers, workgroup memory is address space 3.
class NVVMThreads : public ThreadModel {
public:
  LLVM::LLVMFuncOp createFunction(OpBuilder &builder, gpu::GPUFuncOp kernel,
                                  SmallVectorImpl<Value> &pointers) override {
    Location loc = kernel.getLoc();
    auto shared = LLVM::LLVMPointerType::get(kernel.getContext(), kShared);
    SmallVector<LLVM::GlobalOp> memory;
    for (BlockArgument memref : kernel.getWorkgroupAttributions()) {
      auto type = cast<MemRefType>(memref.getType());
      memory.push_back(LLVM::GlobalOp::create(
          builder, loc,
          LLVM::LLVMArrayType::get(type.getElementType(),
                                   type.getNumElements()),
          /*isConstant=*/false, LLVM::Linkage::Internal,
          (kernel.getName() + "_shared_" + Twine(memory.size())).str(),
          Attribute(),
          /*alignment=*/16, kShared));
    }
    auto function = LLVM::LLVMFuncOp::create(
        builder, loc, kernel.getName(),
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(kernel.getContext()),
            kernel.getFunctionType().getInputs()));
    function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                      builder.getUnitAttr());
    function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                      kernel.getKnownBlockSizeAttr());
    Block *entry = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);
    llvm::append_range(pointers, entry->getArguments());
    for (LLVM::GlobalOp global : memory)
      pointers.push_back(
          LLVM::AddressOfOp::create(builder, loc, shared, global.getSymName()));
    return function;
  }
  Value createThreadId(OpBuilder &builder, Location loc) override {
    return extend(
        builder, loc,
        NVVM::ThreadIdXOp::create(builder, loc, builder.getI32Type()));
  }
  Value createBlockId(OpBuilder &builder, Location loc) override {
    return extend(builder, loc,
                  NVVM::BlockIdXOp::create(builder, loc, builder.getI32Type()));
  }
  void createBarrier(OpBuilder &builder, Location loc) override {
    NVVM::BarrierOp::create(builder, loc);
  }

private:
  static Value extend(OpBuilder &builder, Location loc, Value id) {
    return LLVM::ZExtOp::create(builder, loc, builder.getI64Type(), id);
  }
};

} // namespace

llvm::Triple cuda::getTriple() { return llvm::Triple("nvptx64-nvidia-cuda"); }

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(StringRef gpu) {
  // Registering is not safe from several threads.
  static std::once_flag registered;
  std::call_once(registered, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  llvm::Triple triple = cuda::getTriple();
  llvm::Expected<const llvm::Target *> target = findTarget(triple);
  if (!target)
    return target.takeError();
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      (*target)->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget || !subtarget->isCPUStringValid(gpu))
    return llvm::createStringError(
        "unknown GPU '" + gpu.str() +
        "': expected one by its architecture, as sm_80");
  return std::unique_ptr<llvm::TargetMachine>((*target)->createTargetMachine(
      triple, gpu, "", llvm::TargetOptions(), std::nullopt));
}

FailureOr<std::string> cuda::emitPTX(ModuleOp module,
                                     const EmitOptions &options) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createMachine(options.gpu);
  if (!machine)
    return module.emitError(llvm::toString(machine.takeError()));
  FailureOr<Kernels> kernels = buildKernels(module);
  NVVMThreads threads;
  if (failed(kernels) || failed(lowerKernels(*kernels->module, threads)))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(*kernels->module, context, "kernels");
  if (!translated)
    return failure();
  optimize(*translated, **machine, llvm::OptimizationLevel::O2);

  auto text = generateCode(*translated, **machine,
                           llvm::CodeGenFileType::AssemblyFile);
  if (!text)
    return module.emitError("cannot write PTX: ")
           << llvm::toString(text.takeError());
  return (*text)->getBuffer().str();
}
