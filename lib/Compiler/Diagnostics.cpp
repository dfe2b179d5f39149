//===- Diagnostics.cpp - Turns MLIR's diagnostics into a CompileError -----===//

#include "Diagnostics.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent;

char CompileError::ID = 0;
char CancelledError::ID = 0;

CompileError::CompileError(std::vector<std::string> messages,
                           std::vector<UnsupportedNode> nodes)
    : kind(messages.empty() && !nodes.empty() ? Kind::Unsupported
                                              : Kind::Invalid),
      messages(std::move(messages)), nodes(std::move(nodes)) {}

std::vector<std::string> CompileError::getLines() const {
  std::vector<std::string> lines = messages;
  for (const UnsupportedNode &node : nodes) {
    std::string line = node.file.empty() ? "" : node.file + ": ";
    std::string op =
        node.domain.empty() ? node.op : node.domain + "." + node.op;
    std::string opset = node.opset ? "opset " + std::to_string(node.opset) : "";
    if (!node.name.empty() || !op.empty())
      line += "node '" + node.name + "' (" + op +
              (op.empty() || opset.empty() ? "" : ", ") + opset + "): ";
    lines.push_back(line + node.reason);
  }
  return lines;
}

void CompileError::log(llvm::raw_ostream &os) const {
  llvm::interleave(getLines(), os, "\n");
}

std::error_code CompileError::convertToErrorCode() const {
  return std::make_error_code(kind == Kind::Unsupported
                                  ? std::errc::not_supported
                                  : std::errc::invalid_argument);
}

void CancelledError::log(llvm::raw_ostream &os) const {
  os << "the compilation was cancelled, or its time is up";
}

std::error_code CancelledError::convertToErrorCode() const {
  return std::make_error_code(std::errc::operation_canceled);
}

DiagnosticCollector::DiagnosticCollector(mlir::MLIRContext &context,
                                         bool handsOn)
    : handsOn(handsOn), handler(&context, [this](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
          collect(diagnostic);
        return mlir::success(!this->handsOn);
      }) {}

void DiagnosticCollector::collect(mlir::Diagnostic &diagnostic) {
  if (handsOn) {
    handedOn = true;
    return;
  }
  if (!isUnsupported(diagnostic)) {
    std::string message = graph::formatDiagnostic(diagnostic);
    if (!llvm::is_contained(messages, message))
      messages.push_back(std::move(message));
    return;
  }
  UnsupportedNode node;
  node.reason = graph::describeDiagnostic(diagnostic);
  node.file = graph::findFile(diagnostic.getLocation());
  node.site = findSiteNumber(diagnostic);
  if (auto found = graph::findNode(diagnostic.getLocation())) {
    node.name = found->name;
    node.op = found->op;
  }
  if (!llvm::is_contained(nodes, node))
    nodes.push_back(std::move(node));
}

llvm::Error
DiagnosticCollector::takeError(llvm::StringRef stage,
                               llvm::ArrayRef<UnsupportedNode> more) {
  nodes.insert(nodes.end(), more.begin(), more.end());
  if (messages.empty() && nodes.empty() && !handedOn)
    messages.push_back("internal error: " + stage.str() +
                       " failed without saying why");
  return llvm::make_error<CompileError>(std::move(messages), std::move(nodes));
}
