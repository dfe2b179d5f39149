//===- TensorBuilder.h - Short forms of the ops that rewrites build -------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_TENSORBUILDER_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_TENSORBUILDER_H

#include "lambent/Graph/IR/Graph.h"

namespace lambent::graph {

/// The ranked type of a graph value.
inline mlir::RankedTensorType getTensorType(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// Whether `value` depends on constants only.
bool isConstantExpression(mlir::Value value);

/// The number that every element of a constant float tensor is, if it is one.
std::optional<double> getConstantSplat(mlir::Value value);

/// Builds graph ops at one location. Shapes are static wherever a size is
/// given.
class TensorBuilder {
public:
  using Vector = mlir::Value;
  TensorBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  /// 1 / sqrt(x + epsilon)
  mlir::Value inverseRoot(mlir::Value x, double epsilon);
  /// x * scale + shift
  mlir::Value mulAdd(mlir::Value x, mlir::Value scale, mlir::Value shift);
  /// Converts between float types; `x` itself if it has that type.
  mlir::Value castFloat(mlir::Value x, mlir::Type elementType);

  /// A constant float tensor of one value.
  mlir::Value splat(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                    double value);
  /// `x` itself if it has that shape.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  /// The same for known sizes, open ones too.
  mlir::Value reshapeTo(mlir::Value x, llvm::ArrayRef<Size> sizes);
  /// All elements in one dim.
  mlir::Value toVector(mlir::Value x) {
    return reshape(x, {getTensorType(x).getNumElements()});
  }
  /// `x` itself for the identity; a reshape if only unit dims move.
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> perm);
  mlir::Value expand(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  /// Elements [start, end) of one dim.
  mlir::Value slice(mlir::Value x, int64_t axis, int64_t start,
                    const Size &end);
  /// All elements of one dim, last first.
  mlir::Value reverse(mlir::Value x, int64_t axis);
  /// Appends zeros to one dim until it has `size` elements.
  mlir::Value padTo(mlir::Value x, int64_t axis, int64_t size);

private:
  using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location,
                                              mlir::ValueRange)>;
  mlir::Value map(mlir::ValueRange inputs, Body body);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// Whether transposing a tensor of this shape leaves its elements where they
/// are: only unit dims move.
bool movesOnlyUnitDims(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<int64_t> perm);

} // namespace lambent::graph

#endif
