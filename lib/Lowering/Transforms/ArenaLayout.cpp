//===- ArenaLayout.cpp - Places blocks that live for a while in one arena -===//
//
// Greedy: blocks are placed one after the other, each at the lowest offset
// where it fits between the placed blocks that live at the same time. The
// result depends on the order. A few orders are tried; then the best one is
// improved by moving the block that ends highest to the front, again and again.
//
//===----------------------------------------------------------------------===//

#include "ArenaLayout.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

using namespace llvm;
using namespace lambent::lir;

int64_t lambent::lir::getPeakBytes(ArrayRef<ArenaBlock> blocks) {
  int64_t last = -1;
  for (const ArenaBlock &block : blocks)
    last = std::max(last, block.end);
  SmallVector<int64_t> change(last + 2, 0);
  for (const ArenaBlock &block : blocks) {
    change[block.begin] += block.bytes;
    change[block.end + 1] -= block.bytes;
  }
  int64_t live = 0, peak = 0;
  for (int64_t bytes : change)
    peak = std::max(peak, live += bytes);
  return peak;
}

/// Places all blocks in `order`; returns the arena's size.
static int64_t place(MutableArrayRef<ArenaBlock> blocks,
                     ArrayRef<unsigned> order) {
  int64_t size = 0;
  SmallVector<const ArenaBlock *> placed, neighbors; // placed: by offset
  for (unsigned index : order) {
    ArenaBlock &block = blocks[index];
    int64_t offset = 0;
    for (const ArenaBlock *other : placed) {
      if (!block.livesWith(*other))
        continue;
      if (other->offset >= offset + block.bytes)
        break;
      offset = std::max(offset, other->offset + other->bytes);
    }
    block.offset = offset;
    size = std::max(size, offset + block.bytes);
    placed.insert(
        llvm::upper_bound(placed, &block,
                          [](const ArenaBlock *a, const ArenaBlock *b) {
                            return a->offset < b->offset;
                          }),
        &block);
  }
  return size;
}

int64_t lambent::lir::layOutArena(MutableArrayRef<ArenaBlock> blocks) {
  int64_t peak = getPeakBytes(blocks);
  SmallVector<unsigned> order(blocks.size()), best;
  std::iota(order.begin(), order.end(), 0);
  int64_t bestSize = INT64_MAX;
  auto attempt = [&](ArrayRef<unsigned> candidate) {
    int64_t size = place(blocks, candidate);
    if (size >= bestSize)
      return false;
    bestSize = size;
    best.assign(candidate.begin(), candidate.end());
    return true;
  };
  auto length = [&](unsigned i) { return blocks[i].end - blocks[i].begin + 1; };
  auto attemptBy = [&](auto key) {
    SmallVector<unsigned> sorted(order);
    llvm::sort(sorted, [&](unsigned a, unsigned b) {
      return std::make_tuple(key(a), blocks[b].begin, a) >
             std::make_tuple(key(b), blocks[a].begin, b);
    });
    attempt(sorted);
  };
  attemptBy([&](unsigned i) { return blocks[i].bytes; });
  attemptBy([&](unsigned i) { return blocks[i].bytes * length(i); });
  attemptBy([&](unsigned i) { return length(i); });
  attemptBy([&](unsigned i) { return -blocks[i].begin; });
  attemptBy([&](unsigned i) { return blocks[i].end; });
  // Large models are close to the peak already, and each attempt is quadratic.
  int attempts = blocks.size() > 2000 ? 0 : 200;
  SmallVector<unsigned> current(best);
  for (; attempts > 0 && bestSize > peak; --attempts) {
    place(blocks, current);
    auto top = llvm::max_element(current, [&](unsigned a, unsigned b) {
      return blocks[a].offset + blocks[a].bytes <
             blocks[b].offset + blocks[b].bytes;
    });
    if (top == current.begin())
      break;
    std::rotate(current.begin(), top, top + 1);
    attempt(current);
  }
  return blocks.empty() ? 0 : place(blocks, best);
}
