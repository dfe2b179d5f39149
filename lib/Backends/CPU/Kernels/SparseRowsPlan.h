//===- SparseRowsPlan.h - How a product of few weights is cut ---*- C++ -*-===//
//
// A chunk takes some tiles of rows of lhs, one after the other, and a group of
// the output's columns. It transposes a section of a tile's rows to [words of
// k][row], adds up what all of the group's weights make of it, and so on with
// the next section; sums [column][row] then go back through transposition.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWSPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWSPLAN_H

#include "MatmulPlan.h"
#include "SparseTile.h"

namespace lambent::cpu {

/// Everything that follows from a lir.matmul's sizes, its algorithm and the
/// target.
struct SparseRowsPlan {
  SparseRowsPlan(lir::MatmulOp op, const TargetInfo &target,
                 const SparseShape &shape);

  /// Why the op can't be computed so, whatever its weights are; empty when it
  /// can.
  static std::string explainRefusal(lir::MatmulOp op, const TargetInfo &target);

  MatmulPlan product; ///< what is multiplied, and how it lies
  SparseShape shape;
  SparseTile tile;
  kernels::SparseRows rows;
  int64_t columns = 1, depth = 1; ///< depth in k
  Size tiles = 1; ///< of lhs
  int64_t chunkTiles = 1;
  /// Of one core, for the sizes that are likely.
  double cycles = 0;

  Size getChunkGrid() const { return tiles.ceilDiv(chunkTiles); }
  Size getNumChunks() const;
  /// Scratch memory: a section of a tile, its sums, and a vector of outputs for
  /// a vector of pixels.
  int64_t getSumsOffset() const;
  int64_t getStageOffset() const;
  Size getScratchBytes() const;
  std::string describe() const;

private:
  void cut(const TargetInfo &target);
};

/// The shape that should take the least time where rows of `block` columns have
/// so many entries.
SparseShape chooseSparseRows(lir::MatmulOp op, const TargetInfo &target,
                             int64_t block, int64_t entries);

} // namespace lambent::cpu

#endif
