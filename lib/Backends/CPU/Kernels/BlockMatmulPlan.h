//===- BlockMatmulPlan.h - How a lir.block_matmul is tiled and dealt out --===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKMATMULPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKMATMULPLAN_H

#include "TileChoice.h"
#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Everything that follows from an op's sizes and the target. A chunk is a
/// block of rows times a range of panels: it rounds its rows to codes in
/// scratch memory first.
struct BlockMatmulPlan {
  /// `tile` is what its algorithm says, or none for the best.
  BlockMatmulPlan(lir::BlockMatmulOp op, const TargetInfo &target,
                  std::optional<TileShape> tile);

  const BlockFormat &format;
  bool packed;   ///< rhs is laid out in panels
  bool hasTable; ///< codes are places in it, of 4 bits where they are packed
  int64_t lanes;
  Size rows;
  int64_t columns, depth, blocks;
  Size lhsRow, lhsDepth; ///< steps in elements
  TileShape tile;
  int64_t panels, chunkRows, chunkPanels;

  Size getRowChunks() const { return rows.ceilDiv(chunkRows); }
  int64_t getPanelRanges() const;
  Size getNumChunks() const;
  /// Codes of a chunk's rows, then a scale and a sum for each block, then the
  /// accumulators of a tile.
  int64_t getCodeBytes() const;
  int64_t getParameterBytes() const;
  Size getScratchBytes() const;
  std::string describe() const;
  double estimateCycles() const;
};

} // namespace lambent::cpu

#endif
