//===- Backends.h - All backends that there are -----------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_BACKENDS_H
#define LAMBENT_LIB_COMPILER_BACKENDS_H

#include "lambent/Backends/Backend.h"

namespace lambent {

/// The backend whose code this process can run.
constexpr llvm::StringLiteral kHostBackend = "cpu";

/// The backend `name`; fails where there is none, or with what the backend says
/// of the options.
llvm::Expected<std::unique_ptr<Backend>>
createBackend(llvm::StringRef name, const TargetOptions &options);

} // namespace lambent

#endif
