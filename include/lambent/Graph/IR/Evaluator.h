//===- Evaluator.h - Runs a function of constants at compile time ---------===//

#ifndef LAMBENT_GRAPH_IR_EVALUATOR_H
#define LAMBENT_GRAPH_IR_EVALUATOR_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"

namespace lambent::graph {

/// What passes that need results of computations (constant folding, later
/// calibration and pruning) are handed. Compiler implements it by compiling the
/// function and running it.
class Evaluator {
public:
  virtual ~Evaluator() = default;
  /// Returns the results of `function`, a graph-dialect function without
  /// arguments whose types are static. The attributes own their data (dense for
  /// small results, dense_resource for large ones). Failure was reported.
  virtual mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>>
  evaluate(mlir::func::FuncOp function) = 0;
  /// Whether a result, or any other constant, holds what the model computes. An
  /// evaluator that only checks a model stands in for large ones.
  virtual bool isComputed(mlir::ElementsAttr value) const { return true; }
};

} // namespace lambent::graph

#endif
