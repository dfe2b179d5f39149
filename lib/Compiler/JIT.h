//===- JIT.h - Links emitted objects into this process ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_JIT_H
#define LAMBENT_LIB_COMPILER_JIT_H

#include "Compilation.h"

namespace lambent {

/// Links a model's objects and keeps them and the weights alive. Debuggers
/// (gdb) and profilers (perf, when the JITDUMPDIR environment asks for it) are
/// told of the code.
llvm::Expected<std::unique_ptr<JITModel>>
linkInProcess(EmittedModel objects, std::unique_ptr<WeightMemory> weights,
              llvm::StringRef name);

} // namespace lambent

#endif
