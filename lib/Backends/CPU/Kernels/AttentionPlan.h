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
    int64_t batch = 0, head = 0, row = 0, column = 0;
  };

  int64_t getNumChunks() const { return batch * heads * parts; }
  /// Scratch memory holds, in elements: the key as panels of columns
  /// [T / keyColumns][D][keyColumns], the value as [E / valueColumns][T]
  /// [valueColumns], the scores of a tile of queries, and their sums.
  int64_t getKeyElements() const;
  int64_t getValueElements() const;
  int64_t getScoreStride() const;
  int64_t getScratchElements() const;

  int64_t batch, heads, queries, keys, depth, width; ///< B, H, S, T, D, E
  Strides query, key, value, output, mask;
  mlir::Type element;
  int64_t lanes = 1;
  int64_t keyColumns = 1, valueColumns = 1;
  RowSplit split;    ///< of the queries into tiles
  int64_t parts = 1; ///< of a head's tiles
};

} // namespace lambent::cpu

#endif
