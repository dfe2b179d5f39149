//===- CodeGeneration.cpp - LLVM as the backends use it -------------------===//

#include "lambent/Backends/CodeGeneration.h"
#include "llvm/MC/TargetRegistry.h"

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
