//===- Import.h - Read an ONNX model into the graph dialect -----*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IMPORT_IMPORT_H
#define LAMBENT_GRAPH_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lambent::graph {

/// A serialized model: a file, or bytes in memory whose external data a
/// callback supplies.
struct ImportSource {
  std::string path; ///< the file; with `bytes` only a name for messages
  std::unique_ptr<llvm::MemoryBuffer>
      bytes; ///< the serialized ModelProto, or null: map `path`
  /// Returns the external data file `location` of a model in memory.
  std::function<llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>(
      llvm::StringRef location)>
      externalData;
};

/// What is known about the inputs beyond what the model says.
struct ImportOptions {
  std::vector<std::pair<std::string, int64_t>>
      dims; ///< open dims to bind, by name
  std::vector<std::pair<std::string, std::vector<int64_t>>>
      shapes; ///< inputs whose whole shape is given
};

/// A node that asks for something the importer can't do yet.
struct UnsupportedNode {
  std::string name, op, domain, reason;
  int64_t opset = 0;
};

/// Reads a model into a module with one function @main of graph ops. Errors are
/// diagnostics (see `formatDiagnostic`). Every node that is not supported is
/// appended to `unsupported`, all in one run, and makes the import fail too.
/// The weights stay where they are: constants refer to the mapped file, which
/// lives as long as they.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext &context, ImportSource source,
            const ImportOptions &options,
            std::vector<UnsupportedNode> &unsupported);

/// What a model says about itself.
struct ModelSummary {
  struct Value {
    std::string name, type;
    std::vector<int64_t> dims;         ///< -1: open
    std::vector<std::string> dimNames; ///< "" where a dim has no name
  };
  std::string producer, graphName;
  int64_t irVersion = 0;
  std::vector<std::pair<std::string, int64_t>> opsets, opCounts;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<Value> inputs, outputs;
  uint64_t weightBytes = 0;
};

/// Summarizes a model without importing it.
llvm::Expected<ModelSummary> summarizeModel(ImportSource source);

/// Where in the model an op came from: "FILE: node 'NAME' (OP)", or "FILE" for
/// what belongs to no node.
std::string describeLocation(mlir::Location location);

/// One line for a diagnostic: its place as above, then its message.
std::string formatDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace lambent::graph

#endif
