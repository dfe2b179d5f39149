//===- Diagnostics.h - Turns MLIR's diagnostics into a CompileError -------===//

#ifndef LAMBENT_LIB_COMPILER_DIAGNOSTICS_H
#define LAMBENT_LIB_COMPILER_DIAGNOSTICS_H

#include "lambent/Compiler/Compiler.h"
#include "lambent/Graph/Import/Import.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

namespace lambent {

/// Collects the errors that are reported on a context while it lives. What is
/// marked as not supported (lambent/Diagnostics/Unsupported.h) becomes a node.
class DiagnosticCollector {
public:
  /// With `handsOn` it only notes that there were errors, and leaves them to
  /// the handlers around it: for a compilation inside another.
  explicit DiagnosticCollector(mlir::MLIRContext &context,
                               bool handsOn = false);

  /// The error for a stage that failed: what was collected, each message once,
  /// and `more` nodes that are not supported. Errors that were handed on make
  /// one without any message.
  llvm::Error takeError(llvm::StringRef stage,
                        llvm::ArrayRef<UnsupportedNode> more = {});

private:
  void collect(mlir::Diagnostic &diagnostic);

  bool handsOn, handedOn = false;
  std::vector<std::string> messages;
  std::vector<UnsupportedNode> nodes;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace lambent

#endif
