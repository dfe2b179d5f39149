//===- SplitAttentionPlan.h - Attention on tiles of parts -------*- C++ -*-===//
//
// A chunk is a part of one head's queries, as in AttentionPlan. It splits key,
// value and its queries into bf16 parts, and takes blocks of queries: their
// scores go to scratch memory, become exponentials there, are split in turn,
// and multiply the value.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITATTENTIONPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITATTENTIONPLAN_H

#include "AttentionPlan.h"
#include "SplitProduct.h"

namespace lambent::cpu {

struct SplitAttentionPlan {
  SplitAttentionPlan(lir::AttentionOp op, const TargetInfo &target,
                     int64_t parts);

  /// Why tiles can't compute the op, whatever its elements are; empty when they
  /// can.
  static std::string explainRefusal(lir::AttentionOp op,
                                    const TargetInfo &target);

  AttentionPlan attention; ///< how operands lie, and chunks
  int64_t keys, depth, width;
  /// query . key^T and exponentials . value, with tiles of as many rows.
  SplitProduct scores, outputs;
  int64_t chunkTiles = 1; ///< of queries, at most
  int64_t blockTiles = 1; ///< whose scores are in memory at once
  /// Of one core, for the sizes that are likely; of vectors, the same work.
  double cycles = 0, vectorCycles = 0;

  int64_t getRows() const { return scores.rows; }
  int64_t getBlockRows() const { return blockTiles * getRows(); }
  int64_t getScoreStride() const {
    return attention.getScoreStride().getNumber();
  }

  /// In bytes: what both products need, key and value in parts, sixteen rows of
  /// the key before they are transposed, a block's scores and the inverses of
  /// their sums, each in all lanes.
  struct Scratch {
    SplitProduct::Scratch scores, outputs;
    int64_t key, value, keyRows, blockScores, inverses, bytes;
  };
  Scratch getScratch() const;

  Size getNumChunks() const { return attention.getNumChunks(); }
  Size getScratchBytes() const;
  std::string describe() const {
    return "attention tiles " + scores.describeTiles();
  }

private:
  void estimate(const TargetInfo &target);
};

} // namespace lambent::cpu

#endif
