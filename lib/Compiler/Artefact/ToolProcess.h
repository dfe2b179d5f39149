//===- ToolProcess.h - Run a tool of the machine ----------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_TOOLPROCESS_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_TOOLPROCESS_H

#include "SignalWatch.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace lambent {

/// Runs a program to its end; what it prints goes to the file `logPath` and, if
/// it fails, into the error. A watched signal ends it and all that it started.
llvm::Error runTool(llvm::StringRef program,
                    llvm::ArrayRef<std::string> arguments,
                    llvm::StringRef logPath, SignalWatch &watch);

} // namespace lambent

#endif
