//===- HeldDiagnostics.h - What an attempt reports --------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_HELDDIAGNOSTICS_H
#define LAMBENT_LIB_GRAPH_IMPORT_HELDDIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <memory>
#include <vector>

namespace lambent::graph {

/// Keeps back what an attempt to import something reports.
class HeldDiagnostics {
public:
  explicit HeldDiagnostics(mlir::MLIRContext &context)
      : context(context),
        handler(std::make_unique<mlir::ScopedDiagnosticHandler>(
            &context, [this](mlir::Diagnostic &diagnostic) {
              held.push_back(std::move(diagnostic));
            })) {}
  /// Reports it.
  void release() {
    handler.reset();
    for (mlir::Diagnostic &diagnostic : held)
      context.getDiagEngine().emit(std::move(diagnostic));
  }

private:
  mlir::MLIRContext &context;
  std::vector<mlir::Diagnostic> held;
  std::unique_ptr<mlir::ScopedDiagnosticHandler> handler;
};

} // namespace lambent::graph

#endif
