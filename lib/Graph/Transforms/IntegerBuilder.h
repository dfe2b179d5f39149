//===- IntegerBuilder.h - Short forms of ops on integers --------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_INTEGERBUILDER_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_INTEGERBUILDER_H

#include "TensorBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace lambent::graph {

/// Builds ops on integers of 8 and of 32 bits at one location.
class IntegerBuilder {
public:
  using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location,
                                              mlir::ValueRange)>;
  IntegerBuilder(mlir::PatternRewriter &rewriter, mlir::Location loc)
      : rewriter(rewriter), loc(loc) {}

  mlir::Value map(mlir::ValueRange inputs, mlir::Type element, Body body);
  /// The elements as i32.
  mlir::Value extend(mlir::Value narrow);
  /// The elements with their top bit flipped: 128 more or less, in the type of
  /// the other signedness.
  mlir::Value flip(mlir::Value narrow);
  /// Of i32, wrapping.
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value number(int32_t value);
  mlir::Value sum(mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keepDims);
  /// With the last two dims exchanged.
  mlir::Value swapLast(mlir::Value x);

private:
  mlir::PatternRewriter &rewriter;
  mlir::Location loc;
};

} // namespace lambent::graph

#endif
