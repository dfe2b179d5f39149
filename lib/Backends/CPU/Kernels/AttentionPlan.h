//===- AttentionPlan.h - How a lir.attention is tiled and dealt out -------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONPLAN_H

#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Everything that follows from an attention's sizes and the target. A chunk is
/// a part of one head: of its queries where keys and values are packed, of its
/// keys where few queries read them in place.
struct AttentionPlan {
  AttentionPlan(lir::AttentionOp op, const TargetInfo &target);

  /// One operand's step in elements per step of batch, head, row and column:
  /// (s, d) of query, (t, d) of key, (t, e) of value, (s, e) of output and
  /// (s, t) of mask.
  struct Strides {
    Size batch = 0, head = 0, row = 0, column = 0;
  };

  Size getNumChunks() const;
  Size getScratchElements() const;

  Size batch, heads, queries, keys, depth, width; ///< B, H, S, T, D, E
  Strides query, key, value, output, mask;
  mlir::Type element;
  int64_t lanes = 1;

  // Packed: scratch memory holds, in elements, the key as panels of columns
  // [T / keyColumns][D][keyColumns], the value as [E / valueColumns][T]
  // [valueColumns], the scores of a tile of queries, for each of these a vector
  // with what its lanes hold, first the largest scores, then the sums, and of
  // all lanes the largest score and the sum's inverse.
  Size getKeyElements() const;
  Size getValueElements() const;
  Size getScoreStride() const;
  /// Rows of a tile, as many as whole vectors have lanes.
  int64_t getPaddedRows() const { return llvm::alignTo(split.rows, lanes); }

  int64_t keyColumns = 1, valueColumns = 1;
  /// Of a bound number of queries into tiles. Else all tiles but the last have
  /// `split.rows`, and a run decides how many that one has.
  RowSplit split;
  Size tiles = 1;
  Size parts = 1; ///< of a head's tiles
  int64_t tilesPerPart = 1;

  // In place: scratch memory holds the scores of all queries with the keys of
  // one part, and their sums. What is known of a part goes to the op's
  // partials, unless there is one part: for each query the products' sums
  // [E, aligned], the largest score and the sum of the exponentials.
  static constexpr int64_t mostInPlace = 8; ///< queries
  static constexpr int64_t partKeys = 128;
  bool isStaged() const { return !isInPlace.is(0) && !keyParts.is(1); }
  int64_t getPartScoreStride() const { return partKeys + lanes; }
  int64_t getPartialStride() const {
    return width.alignTo(lanes).getNumber() + lanes;
  }
  /// 1 where a run reads keys and values in place, 0 where it packs them.
  Size isInPlace = 0;
  Size keyParts = 1; ///< of a head's keys
  /// What an op that may read in place needs for its partials; 0: nothing.
  Size partialElements = 0;
  int64_t mostRows = 0;     ///< the number of queries, or mostInPlace
  int64_t valueVectors = 1; ///< of a tile of sums
  int64_t valueRows = 1;

private:
  void planPacked(const TargetInfo &target);
  void planInPlace(const TargetInfo &target);
  Size getPackedScratch() const;
};

} // namespace lambent::cpu

#endif
