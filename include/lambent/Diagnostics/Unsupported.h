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
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include <source_location>

namespace lambent {

/// The mark, among a diagnostic's metadata.
inline constexpr llvm::StringLiteral unsupportedMark = "lambent.unsupported";

/// The place in the compiler that reports something. What one place says of
/// several nodes differs by names and numbers only: a kind of report.
using ReportSite = std::source_location;

/// A number for a place, never 0.
inline uint64_t getSiteNumber(const ReportSite &site) {
  return llvm::hash_combine(llvm::StringRef(site.file_name()), site.line(),
                            site.column()) |
         1;
}

/// Marks an error as one of something that is not supported.
inline mlir::InFlightDiagnostic
markUnsupported(mlir::InFlightDiagnostic diagnostic,
                const ReportSite &site = ReportSite::current()) {
  if (mlir::Diagnostic *error = diagnostic.getUnderlyingDiagnostic()) {
    error->getMetadata().push_back(
        mlir::DiagnosticArgument(llvm::StringRef(unsupportedMark)));
    error->getMetadata().push_back(
        mlir::DiagnosticArgument(getSiteNumber(site)));
  }
  return diagnostic;
}

/// An error at `op` or `location` that says what is not supported.
inline mlir::InFlightDiagnostic
emitUnsupported(mlir::Operation *op,
                const ReportSite &site = ReportSite::current()) {
  return markUnsupported(op->emitError(), site);
}
inline mlir::InFlightDiagnostic
emitUnsupported(mlir::Location location,
                const ReportSite &site = ReportSite::current()) {
  return markUnsupported(mlir::emitError(location), site);
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

/// The number of the place that marked the diagnostic, or 0.
inline uint64_t findSiteNumber(mlir::Diagnostic &diagnostic) {
  for (const mlir::DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() ==
        mlir::DiagnosticArgument::DiagnosticArgumentKind::Unsigned)
      return argument.getAsUnsigned();
  return 0;
}

} // namespace lambent

#endif
