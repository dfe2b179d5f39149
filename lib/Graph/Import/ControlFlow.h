//===- ControlFlow.h - What If, Loop and Scan share -------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_CONTROLFLOW_H
#define LAMBENT_LIB_GRAPH_IMPORT_CONTROLFLOW_H

#include "Importer.h"

namespace lambent::graph {

/// Whether a size is known by the first `numSymbols` symbols of a function:
/// those of the function around it.
bool isSizeOutside(const Size &size, unsigned numSymbols);

/// The sizes of what a node's bodies compute, as the function around knows
/// them. Created when all bodies are imported.
class ResultSizes {
public:
  explicit ResultSizes(Importer &importer)
      : importer(importer), numOuter(importer.countSymbols()) {}

  /// Of a dim that is `a` in one case and `b` in the other: one size for the
  /// same two, a new symbol where it is not the same known size.
  Size get(const Size &a, const Size &b);
  /// A new symbol.
  Size decide();
  /// The new symbols.
  int64_t getFirst() const { return count ? numOuter : 0; }
  int64_t getCount() const { return count; }

private:
  Importer &importer;
  unsigned numOuter;
  int64_t count = 0;
  llvm::SmallVector<std::pair<std::pair<Size, Size>, Size>> decided;
};

/// The failure of a node that would add a condition on input sizes to those
/// that decide on ranks, where there are too many.
mlir::LogicalResult refuseConditions(Node &node, const Size &condition);

/// The type of a result, `what`, that two bodies of a node compute, each its
/// own way; null where there is none, which is reported; `help` says how to
/// make the condition known that decides between them.
mlir::Type mergeTypes(Node &node, const llvm::Twine &what, mlir::Type thenType,
                      mlir::Type elseType, ResultSizes &sizes,
                      llvm::StringRef help = "");

/// A loop to import, of which Loop is the plain case.
struct LoopSource {
  mlir::Value trip, condition; ///< scalars; null: no limit, true
  llvm::SmallVector<mlir::Value> carried;
  const onnx::GraphProto &graph;
  /// As in BodySource: the body takes the iteration's number, the condition and
  /// what is carried, and gives the condition, what is carried, and slices.
  std::function<llvm::SmallVector<mlir::Value>(Body &)> makeInputs = nullptr;
  std::function<void(llvm::SmallVectorImpl<mlir::Value> &)> makeResults =
      nullptr;
};

/// What a loop results in: what is carried, and then slices stacked along a new
/// first dim. None where something failed, which the node knows.
llvm::SmallVector<mlir::Value> importLoop(Node &node, const LoopSource &source);

/// Whether branches give a result different ranks.
bool haveOtherRanks(mlir::TypeRange thenTypes, mlir::TypeRange elseTypes);

} // namespace lambent::graph

#endif
