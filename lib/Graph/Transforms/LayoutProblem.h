//===- LayoutProblem.h - Which images to store channels last --------------===//
//
// Every value that an op can produce in either layout is a node. Ops that need
// channels last are the source of a minimum cut, those that need the data as
// written are its sink, and a value that has users in both layouts costs one
// transpose of its elements, whatever their number.

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_LAYOUTPROBLEM_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_LAYOUTPROBLEM_H

#include "DimRegrouping.h"
#include "MinimumCut.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/IntEqClasses.h"

namespace lambent::graph {

class LayoutProblem {
public:
  explicit LayoutProblem(mlir::func::FuncOp function);

  /// The values for which channels last is cheapest.
  llvm::DenseSet<mlir::Value> solve();

  /// The regrouping that ends in `op`, or null.
  const DimRegrouping *getRegrouping(mlir::Operation *op) const;
  /// Whether `op` belongs to a regrouping that ends in another op; returns that
  /// one's result.
  mlir::Value getEnclosingRegrouping(mlir::Operation *op) const {
    return enclosing.lookup(op);
  }
  /// Whether the whole op can work on permuted data.
  static bool isPermutable(mlir::Operation *op);

private:
  /// What a user asks of a value: the layout of its own result, or a fixed one.
  using Demands = llvm::SmallVector<MinimumCut::Node>;

  MinimumCut::Node getNode(mlir::Value value) const;
  void demand(mlir::Value value, MinimumCut::Node node);
  void demandFor(mlir::Operation *op);
  void demandForTranspose(TransposeOp op);
  void addCosts();

  MinimumCut cut;
  llvm::MapVector<mlir::Value, MinimumCut::Node> nodes;
  llvm::MapVector<mlir::Value, Demands> demands;
  llvm::DenseMap<mlir::Operation *, DimRegrouping> regroupings;
  llvm::DenseMap<mlir::Operation *, mlir::Value> enclosing;
  llvm::SmallVector<TransposeOp> transposes;
  llvm::IntEqClasses connected; ///< nodes between which no transpose stands
};

} // namespace lambent::graph

#endif
