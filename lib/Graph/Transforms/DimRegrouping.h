//===- DimRegrouping.h - Reshapes that split and merge dims -----*- C++ -*-===//
//
// Channel shuffle, depth to space, space to depth and flattened images are a
// reshape, or a reshape, a transpose and a reshape. They can be done on
// channels-last data as well: split every dim into the same factors, and merge
// the factors of every dim of the result, with the dims in the other order.

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_DIMREGROUPING_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_DIMREGROUPING_H

#include "TensorBuilder.h"

namespace lambent::graph {

/// A number for each of some dims.
using Dims = llvm::SmallVector<int64_t>;

/// The permutation that takes ONNX's [N, C, spatial...] to [N, spatial..., C].
llvm::SmallVector<int64_t> getPermutationToChannelsLast(int64_t rank);
llvm::SmallVector<int64_t> invertPermutation(llvm::ArrayRef<int64_t> perm);

class DimRegrouping {
public:
  /// Recognizes the ops that end in `last`, if input and result have at least
  /// three dims and no transpose is needed on channels-last data that isn't
  /// there already.
  static std::optional<DimRegrouping> match(ReshapeOp last);

  mlir::Value getInput() const { return input; }
  /// The ops before the last reshape, which nothing else uses.
  llvm::ArrayRef<mlir::Operation *> getInnerOps() const { return innerOps; }
  /// Builds them on channels-last `data`.
  mlir::Value buildChannelsLast(TensorBuilder &tensors, mlir::Value data) const;

private:
  mlir::Value input;
  llvm::SmallVector<mlir::Operation *> innerOps;
  Dims factors;                            ///< sizes
  llvm::SmallVector<Dims> inputs, results; ///< the factors of each dim
};

} // namespace lambent::graph

#endif
