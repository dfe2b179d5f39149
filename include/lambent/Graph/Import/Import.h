//===- Import.h - Read an ONNX model into the graph dialect -----*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IMPORT_IMPORT_H
#define LAMBENT_GRAPH_IMPORT_IMPORT_H

#include "lambent/Graph/Import/Model.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"

namespace lambent::graph {

/// The value that an input will have. It is made a part of the model only where
/// something that must be known at compile time follows from it: axes, sizes, a
/// condition. The input stays, but its value is then not read any more.
struct OfferedConstant {
  std::string input;
  mlir::RankedTensorType type;
  /// As raw data of a model: row-major, a bool is a byte. Must stay as long as
  /// the module.
  llvm::StringRef bytes;
};

/// What is said of an open dim that stays open.
struct DimRange {
  std::string name;
  int64_t least = 0, most = INT64_MAX; ///< both included
  int64_t factor = 1;                  ///< sizes are multiples of it
};

/// What is known about the inputs beyond what the model says.
struct ImportOptions {
  /// Open dims to bind, by name.
  std::vector<std::pair<std::string, int64_t>> dims;
  /// Inputs whose whole shape is given.
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  std::vector<OfferedConstant> constants;
  std::vector<DimRange> ranges;
  /// Values of the model's graph that become results behind its outputs.
  std::vector<std::string> extraOutputs;
  /// Whether to give up, asked before each node; may be empty.
  std::function<bool()> isStopped;
  /// Whether sizes for which @main is not made may have functions of their own.
  bool allowVersions = true;
  /// Where to put the files that constants refer to, if somebody wants to let
  /// their pages go; may be null.
  std::vector<std::shared_ptr<llvm::MemoryBuffer>> *files = nullptr;
  /// More such values, of those that are float tensors; others, and names that
  /// the graph does not have, are left out.
  std::vector<std::string> floatOutputs = {};
};

/// Reads a model into a module with a function @main of graph ops. Where it
/// takes for granted what not all input sizes fulfil, `graph.fallback` names
/// the version for sizes that a run of it refuses, which may name another one.
/// All take the same inputs, and give outputs of the same element types. Errors
/// are diagnostics (see `formatDiagnostic`). Every node that is not supported
/// is appended to `unsupported`, all in one run, and makes the import fail too.
/// The weights stay where they are: constants refer to the mapped file, which
/// lives as long as they.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext &context, ModelSource source,
            const ImportOptions &options,
            std::vector<UnsupportedNode> &unsupported);

/// An op that can be imported, and an opset that changed it.
struct ImportedOp {
  std::string op; ///< `DOMAIN.OP` for one of another domain
  int64_t since;
};

/// All of them, in alphabetical order.
std::vector<ImportedOp> listImportedOps();

/// Summarizes a model without importing it.
llvm::Expected<ModelSummary> summarizeModel(ModelSource source);

/// Where in the model an op came from: "FILE: node 'NAME' (OP)", or "FILE" for
/// what belongs to no node.
std::string describeLocation(mlir::Location location);

/// A node by its name and its op.
struct NodeName {
  std::string name, op;
};

/// The file that a location lies in, or "".
std::string findFile(mlir::Location location);

/// The first node that a location is made of.
std::optional<NodeName> findNode(mlir::Location location);

/// A diagnostic's message in the model's words: types as "f32[1x3]", and no
/// name of an op of the compiler in front where the place names a node. Names
/// of the model in it are as they are, and may hold anything.
std::string describeDiagnostic(mlir::Diagnostic &diagnostic);

/// A diagnostic with its place, as describeLocation has it, in front.
std::string formatDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace lambent::graph

#endif
