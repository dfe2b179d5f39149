//===- SplitTilesPlan.h - How a product on tiles is dealt out ------*- C++ -*-//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESPLAN_H

#include "MatmulPlan.h"
#include "SplitProduct.h"

namespace lambent::cpu {

/// Everything that follows from a lir.matmul's sizes, its parts and the target.
/// f32 are two or three parts of bf16, narrow elements are one.
struct SplitTilesPlan : SplitProduct {
  SplitTilesPlan(lir::MatmulOp op, const TargetInfo &target, int64_t parts);

  /// Why these tiles can't compute the op, whatever its elements are; empty
  /// when they can.
  static std::string explainRefusal(lir::MatmulOp op, const TargetInfo &target);

  /// Why its rhs isn't one that is split into so many parts; empty when it is.
  static std::string explainWrongRhs(lir::MatmulOp op, int64_t parts);

  MatmulPlan product; ///< what is multiplied, and how it lies
  Size tiles = 1;     ///< of lhs

  int64_t getChunkRows() const { return chunkPairs * 2 * rows; }
  Size getChunkGrid(unsigned which) const;
  Size getNumChunks() const;
  Scratch getScratch() const {
    return SplitProduct::getScratch(2 * chunkPairs * getLhsBytes());
  }
  Size getScratchBytes() const { return getScratch().bytes; }
  std::string describe() const { return "matmul tiles " + describeTiles(); }

private:
  void cut(const TargetInfo &target);
};

} // namespace lambent::cpu

#endif
