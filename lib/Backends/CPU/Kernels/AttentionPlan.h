//===- AttentionPlan.h - How a lir.attention is tiled and dealt out -------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONPLAN_H

#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Everything that follows from an attention's sizes and the target. A chunk is
/// a part of one head's queries.
struct AttentionPlan {
  AttentionPlan(lir::AttentionOp op, const TargetInfo &target);

  /// One operand's step in elements per step of batch, head, row and column:
  /// (s, d) of query, (t, d) of key, (t, e) of value, (s, e) of output and
  /// (s, t) of mask.
  struct Strides {
    Size batch = 0, head = 0, row = 0, column = 0;
  };

  Size getNumChunks() const { return batch * heads * parts; }
  /// Scratch memory holds, in elements: the key as panels of columns
  /// [T / keyColumns][D][keyColumns], the value as [E / valueColumns][T]
  /// [valueColumns], the scores of a tile of queries, and their sums.
  Size getKeyElements() const;
  Size getValueElements() const;
  Size getScoreStride() const;
  Size getScratchElements() const;

  Size batch, heads, queries, keys, depth, width; ///< B, H, S, T, D, E
  Strides query, key, value, output, mask;
  mlir::Type element;
  int64_t lanes = 1;
  int64_t keyColumns = 1, valueColumns = 1;
  /// Of a bound number of queries into tiles. Else all tiles but the last have
  /// `split.rows`, and a run decides how many that one has.
  RowSplit split;
  Size tiles = 1;
  Size parts = 1; ///< of a head's tiles
  int64_t tilesPerPart = 1;
};

} // namespace lambent::cpu

#endif
