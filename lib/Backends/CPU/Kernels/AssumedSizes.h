//===- AssumedSizes.h - What open sizes are taken to be ---------*- C++ -*-===//
//
// An algorithm is chosen when a model is compiled, and then serves whatever a
// run brings. Where sizes are open it is the one for a usual run: one image of
// 320 x 320, or what the ranges of its dims have that is nearest.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ASSUMEDSIZES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ASSUMEDSIZES_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

class AssumedSizes {
public:
  /// Of the function that `op` is in.
  explicit AssumedSizes(mlir::Operation *op);

  /// A number of images, at least 1 where it is open.
  int64_t getCount(const Size &images) const { return get(images, 1); }
  /// How high or wide a layer's image is, at least 1 where it is open.
  int64_t getLength(const Size &pixels) const { return get(pixels, 320); }

private:
  /// Of the dim that is `factor` times a symbol.
  struct Range {
    int64_t least = 0, most = INT64_MAX, factor = 1;
  };
  int64_t get(const Size &size, int64_t usual) const;

  llvm::SmallVector<Range> ranges; ///< of the symbols that have one
};

} // namespace lambent::cpu

#endif
