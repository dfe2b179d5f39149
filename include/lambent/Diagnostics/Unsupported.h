//===- Unsupported.h - What a later version may do --------------*- C++ -*-===//
//
// A diagnostic says either that something is wrong or that it is right and not
// supported by this version. Which of the two is a mark in the diagnostic's
// metadata and never follows from its words, since names and paths of users
// are among these. The exit status (1 or 3) follows from the mark.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_DIAGNOSTICS_UNSUPPORTED_H
#define LAMBENT_DIAGNOSTICS_UNSUPPORTED_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"

namespace lambent {

/// The mark, among a diagnostic's metadata.
inline constexpr llvm::StringLiteral unsupportedMark = "lambent.unsupported";

/// Marks an error as one of something that is not supported.
inline mlir::InFlightDiagnostic
markUnsupported(mlir::InFlightDiagnostic diagnostic) {
  if (mlir::Diagnostic *error = diagnostic.getUnderlyingDiagnostic())
    error->getMetadata().push_back(
        mlir::DiagnosticArgument(llvm::StringRef(unsupportedMark)));
  return diagnostic;
}

/// An error at `op` or `location` that says what is not supported.
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Operation *op) {
  return markUnsupported(op->emitError());
}
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Location location) {
  return markUnsupported(mlir::emitError(location));
}

/// Whether the diagnostic is marked.
inline bool isUnsupported(mlir::Diagnostic &diagnostic) {
  return llvm::any_of(
      diagnostic.getMetadata(), [](const mlir::DiagnosticArgument &argument) {
        return argument.getKind() ==
                   mlir::DiagnosticArgument::DiagnosticArgumentKind::String &&
               argument.getAsString() == unsupportedMark;
      });
}

} // namespace lambent

#endif
