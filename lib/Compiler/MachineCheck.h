//===- MachineCheck.h - May code for a target run here? ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_MACHINECHECK_H
#define LAMBENT_LIB_COMPILER_MACHINECHECK_H

#include "lambent/Backends/Backend.h"

namespace lambent {

/// Fails with an unsupported CompileError where this machine lacks what code
/// for `target`, which the user calls `cpu`, needs.
llvm::Error requireThisMachine(const TargetFacts &target, llvm::StringRef cpu);

} // namespace lambent

#endif
