//===- ArenaLayout.h - Places blocks that live for a while in one arena ---===//

#ifndef LAMBENT_LIB_LOWERING_TRANSFORMS_ARENALAYOUT_H
#define LAMBENT_LIB_LOWERING_TRANSFORMS_ARENALAYOUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace lambent::lir {

/// Memory that is needed from time `begin` to time `end`, both included.
struct ArenaBlock {
  int64_t bytes = 0; ///< a multiple of the alignment
  int64_t begin = 0, end = 0;
  int64_t offset = 0;

  bool livesWith(const ArenaBlock &other) const {
    return begin <= other.end && other.begin <= end;
  }
};

/// The largest sum of bytes that live at once: no arena can be smaller.
int64_t getPeakBytes(llvm::ArrayRef<ArenaBlock> blocks);

/// Sets the offsets so that blocks that live at once do not overlap, and
/// returns the arena's size. Deterministic.
int64_t layOutArena(llvm::MutableArrayRef<ArenaBlock> blocks);

} // namespace lambent::lir

#endif
