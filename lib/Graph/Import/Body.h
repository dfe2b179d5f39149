//===- Body.h - Subgraphs as functions of their own -------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_BODY_H
#define LAMBENT_LIB_GRAPH_IMPORT_BODY_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/SetVector.h"
#include <functional>

namespace lambent::graph {

/// What the bodies of one node use of the values around it. All of them take
/// all captures, as their last arguments.
struct Captures {
  llvm::SetVector<mlir::Value> values;
  llvm::SmallVector<std::string> names;
};

/// A function that a node of control flow calls, made of a subgraph.
struct Body {
  mlir::func::FuncOp function;
  Captures *captures;
  llvm::SmallVector<std::string> ownNames; ///< of arguments before captures
  /// Where the node stands in the function around.
  mlir::OpBuilder::InsertPoint outside;
  /// Constants, lists of sizes, and sequences that are made anew, by the value
  /// outside.
  llvm::DenseMap<mlir::Value, mlir::Value> copies;

  /// The argument that stands for a value outside, or what is made anew.
  mlir::Value capture(mlir::Value outer, llvm::StringRef name);
  /// Adds arguments for what other bodies of the node capture, and tells the
  /// function's type and its arguments' names.
  void complete();
  mlir::StringRef getName() { return function.getName(); }
  mlir::TypeRange getResultTypes() {
    return function.getFunctionType().getResults();
  }

private:
  void addArguments();
  /// A sequence or optional made anew of what it holds, where more is known of
  /// that than its type tells; null otherwise.
  mlir::Value rebuildList(mlir::Value outer, llvm::StringRef name);
};

/// The names and types of a body's own arguments.
struct BodyArgument {
  std::string name;
  mlir::Type type;
};

/// What a body is made of.
struct BodySource {
  const onnx::GraphProto &graph;
  llvm::StringRef kind; ///< its name begins so
  llvm::SmallVector<BodyArgument> arguments = {};
  /// It has so many symbols of its own in the arguments' types, behind those of
  /// the function around.
  unsigned numOwnSymbols = 0;
  /// The subgraph's inputs, built from the arguments, which they are where this
  /// is null.
  std::function<llvm::SmallVector<mlir::Value>(Body &)> makeInputs = nullptr;
  /// Turns the subgraph's outputs into the function's results.
  std::function<void(llvm::SmallVectorImpl<mlir::Value> &)> makeResults =
      nullptr;
};

} // namespace lambent::graph

#endif
