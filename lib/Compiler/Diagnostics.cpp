//===- Diagnostics.cpp - Turns MLIR's diagnostics into a CompileError -----===//

#include "Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent;

char CompileError::ID = 0;

void CompileError::log(llvm::raw_ostream &os) const {
  llvm::interleave(messages, os, "\n");
}

std::error_code CompileError::convertToErrorCode() const {
  return std::make_error_code(kind == Kind::Unsupported
                                  ? std::errc::not_supported
                                  : std::errc::invalid_argument);
}

DiagnosticCollector::DiagnosticCollector(mlir::MLIRContext &context)
    : handler(&context, [this](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error)
          return mlir::success();
        std::string message = graph::formatDiagnostic(diagnostic);
        if (!llvm::is_contained(messages, message))
          messages.push_back(std::move(message));
        return mlir::success();
      }) {}

llvm::Error
DiagnosticCollector::takeError(llvm::StringRef stage,
                               llvm::ArrayRef<UnsupportedNode> nodes) {
  auto kind = CompileError::Kind::Invalid;
  // The house's wording for what a later version may do.
  auto isUnsupported = [](const std::string &message) {
    return message.find("not supported") != std::string::npos ||
           message.find("unsupported") != std::string::npos;
  };
  if (!nodes.empty() ||
      (!messages.empty() && llvm::all_of(messages, isUnsupported)))
    kind = CompileError::Kind::Unsupported;
  // A graph that is wrong stays wrong, whatever else it asks for.
  if (!nodes.empty() && !llvm::all_of(messages, isUnsupported))
    kind = CompileError::Kind::Invalid;
  for (const UnsupportedNode &node : nodes)
    messages.push_back("node '" + node.name + "' (" +
                       (node.domain.empty() ? "" : node.domain + ".") +
                       node.op + ", opset " + std::to_string(node.opset) +
                       "): " + node.reason);
  if (messages.empty())
    messages.push_back("internal error: " + stage.str() +
                       " failed without saying why");
  return llvm::make_error<CompileError>(kind, std::move(messages));
}
