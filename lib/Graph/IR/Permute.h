//===- Permute.h - Permutations of dims, and operands brought into them ---===//

#ifndef LAMBENT_LIB_GRAPH_IR_PERMUTE_H
#define LAMBENT_LIB_GRAPH_IR_PERMUTE_H

#include "Shapes.h"

namespace lambent::graph {

/// Entry d of the result is entry perm[d].
inline Shape permuteShape(llvm::ArrayRef<int64_t> shape,
                          llvm::ArrayRef<int64_t> perm) {
  Shape result;
  for (int64_t axis : perm)
    result.push_back(shape[axis]);
  return result;
}

/// The type of a tensor whose dims are permuted so.
inline mlir::RankedTensorType permuteType(mlir::RankedTensorType type,
                                          llvm::ArrayRef<int64_t> perm) {
  Sizes sizes = getSizes(type), result;
  for (int64_t axis : perm)
    result.push_back(sizes[axis]);
  return makeTensorType(result, type.getElementType());
}

inline bool isIdentityPermutation(llvm::ArrayRef<int64_t> perm) {
  for (auto [d, axis] : llvm::enumerate(perm))
    if (static_cast<int64_t>(d) != axis)
      return false;
  return true;
}

/// The position that a dim of the old data has in the permuted data.
inline int64_t permutedAxis(int64_t axis, llvm::ArrayRef<int64_t> perm) {
  return llvm::find(perm, axis) - perm.begin();
}

/// Axes as they are numbered in permuted data, in the order given.
inline Shape permuteAxes(llvm::ArrayRef<int64_t> axes,
                         llvm::ArrayRef<int64_t> perm) {
  Shape result;
  for (int64_t axis : axes)
    result.push_back(permutedAxis(axis, perm));
  return result;
}

/// Row-major strides of a shape seen as one of `rank` dims that it broadcasts
/// to: 0 where it repeats.
Shape getBroadcastStrides(llvm::ArrayRef<int64_t> shape, int64_t rank);

/// `operand` with its dims in the order of the permuted data. Where it is not
/// permuted already it gets the result's rank and a transpose; one element
/// needs neither.
mlir::Value permuteOperand(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value operand, bool permuted,
                           llvm::ArrayRef<int64_t> perm);

} // namespace lambent::graph

#endif
