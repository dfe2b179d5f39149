//===- CodeGeneration.cpp - LLVM as the backends use it -------------------===//

#include "lambent/Backends/CodeGeneration.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent;

llvm::Expected<const llvm::Target *>
lambent::findTarget(const llvm::Triple &triple) {
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError("no code generator for " + triple.str() +
                                   ": " + error);
  return target;
}

void lambent::optimize(llvm::Module &module, llvm::TargetMachine &machine,
                       llvm::OptimizationLevel level,
                       llvm::PipelineTuningOptions tuning) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(level).run(module, modules);
}

namespace {
/// Keeps the first line of the first error; the assembler's others show its
/// input.
struct ErrorKeeper : llvm::DiagnosticHandler {
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error || !text.empty())
      return true;
    llvm::raw_string_ostream os(text);
    llvm::DiagnosticPrinterRawOStream printer(os);
    info.print(printer);
    text = llvm::StringRef(text).split('\n').first;
    return true;
  }
  std::string text;
};
} // namespace

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
lambent::generateCode(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::CodeGenFileType type) {
  llvm::LLVMContext &context = module.getContext();
  auto keeper = std::make_unique<ErrorKeeper>();
  ErrorKeeper &errors = *keeper;
  std::unique_ptr<llvm::DiagnosticHandler> former =
      context.getDiagnosticHandler();
  context.setDiagnosticHandler(std::move(keeper));
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  bool isRefused = machine.addPassesToEmitFile(passes, os, nullptr, type);
  if (!isRefused)
    passes.run(module);
  std::string text = std::move(errors.text);
  context.setDiagnosticHandler(std::move(former));
  if (isRefused)
    return llvm::createStringError("no code of this kind can be written for " +
                                   machine.getTargetTriple().str());
  if (!text.empty())
    return llvm::createStringError(text);
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), /*RequiresNullTerminator=*/false);
}
