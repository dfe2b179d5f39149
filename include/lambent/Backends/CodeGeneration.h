//===- CodeGeneration.h - LLVM as the backends use it -----------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CODEGENERATION_H
#define LAMBENT_BACKENDS_CODEGENERATION_H

#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

namespace lambent {

/// LLVM's code generator for `triple`, which its backend has registered.
llvm::Expected<const llvm::Target *> findTarget(const llvm::Triple &triple);

/// Gives `module` the machine's triple and data layout and runs LLVM's default
/// passes on it.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              llvm::OptimizationLevel level,
              llvm::PipelineTuningOptions tuning = {});

/// Compiles `module` to an object or to assembly. What the code generator or
/// the assembler refuses is an error; LLVM alone would end the process.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
generateCode(llvm::Module &module, llvm::TargetMachine &machine,
             llvm::CodeGenFileType type);

} // namespace lambent

#endif
