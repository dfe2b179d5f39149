//===- BlockPlacement.h - Places blocks in one arena ------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_BLOCKPLACEMENT_H
#define LAMBENT_RUNTIME_BLOCKPLACEMENT_H

#include <stdint.h>

struct LambentStatus;

namespace lambent::runtime {

/// Memory that layers [first, last] need.
struct Block {
  uint64_t bytes;
  uint32_t first, last;
  uint64_t offset; ///< in the arena, a multiple of 64
};

/// Sets the offsets so that no two blocks that a layer needs at once overlap;
/// `arena` is how many bytes all take. Deterministic. Fails where there is no
/// memory to plan in, or no arena could be so large.
LambentStatus *placeBlocks(Block *blocks, uint32_t count, uint64_t &arena);

} // namespace lambent::runtime

#endif
