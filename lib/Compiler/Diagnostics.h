//===- Diagnostics.h - Turns MLIR's diagnostics into a CompileError -------===//

#ifndef LAMBENT_LIB_COMPILER_DIAGNOSTICS_H
#define LAMBENT_LIB_COMPILER_DIAGNOSTICS_H

#include "lambent/Compiler/Compiler.h"
#include "lambent/Graph/Import/Import.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

namespace lambent {

/// Collects what is reported on a context while it lives.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext &context);

  /// The error for a stage that failed: what was collected, each message once.
  /// It is `Unsupported` when nodes were given or every message says that
  /// something is not supported.
  llvm::Error takeError(llvm::StringRef stage,
                        llvm::ArrayRef<UnsupportedNode> nodes = {});

private:
  std::vector<std::string> messages;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace lambent

#endif
