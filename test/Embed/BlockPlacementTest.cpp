//===- BlockPlacementTest.cpp - Blocks in one arena -----------------------===//

#include "Runtime/BlockPlacement.h"
#include "Models.h"
#include <algorithm>
#include <random>

using namespace lambent::runtime;
using namespace lambent::test;

namespace {

uint64_t roundUp(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

uint64_t getLivePeak(const std::vector<Block> &blocks) {
  uint64_t peak = 0;
  for (const Block &at : blocks) {
    uint64_t live = 0;
    for (const Block &block : blocks)
      if (block.first <= at.first && at.first <= block.last)
        live += roundUp(block.bytes);
    peak = std::max(peak, live);
  }
  return peak;
}

/// Places blocks, checks what must hold, and returns the arena's bytes.
uint64_t place(std::vector<Block> &blocks) {
  uint64_t arena = 1;
  EXPECT_EQ(take(placeBlocks(blocks.data(), blocks.size(), arena)), "");
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block &a = blocks[i];
    EXPECT_EQ(a.offset % 64, 0u);
    EXPECT_LE(a.offset + a.bytes, arena);
    for (size_t j = 0; j < i; ++j) {
      const Block &b = blocks[j];
      bool together = a.first <= b.last && b.first <= a.last;
      bool overlap =
          a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      if (together && overlap) {
        ADD_FAILURE() << "blocks " << j << " and " << i << " overlap";
        return arena;
      }
    }
  }
  return arena;
}

TEST(BlockPlacement, placesNothing) {
  std::vector<Block> none;
  EXPECT_EQ(place(none), 0u);
  std::vector<Block> empty = {{0, 0, 3, 7}, {0, 1, 1, 7}};
  EXPECT_EQ(place(empty), 0u);
  EXPECT_EQ(empty[1].offset, 0u);
}

TEST(BlockPlacement, reusesWhatIsNotNeededAnyMore) {
  std::vector<Block> blocks = {{100, 0, 1, 0}, {100, 1, 2, 0}, {100, 2, 3, 0}};
  EXPECT_EQ(place(blocks), 256u);
  EXPECT_EQ(blocks[0].offset, blocks[2].offset);
}

TEST(BlockPlacement, refusesWhatNoMemoryHolds) {
  uint64_t arena;
  for (uint64_t bytes : {UINT64_MAX, uint64_t(INT64_MAX), uint64_t(1) << 62}) {
    std::vector<Block> blocks = {{bytes, 0, 0, 0}, {bytes, 1, 1, 0}};
    EXPECT_EQ(take(placeBlocks(blocks.data(), 2, arena)),
              "out of memory: the arena needs 9223372036854775807 bytes");
  }
}

/// Any blocks at all.
TEST(BlockPlacement, neverOverlaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<Block> blocks(random() % 80);
    for (Block &block : blocks) {
      block.bytes = random() % (round % 3 ? 5000 : 200);
      block.first = random() % 40;
      block.last = block.first + random() % (round % 2 ? 4 : 40);
    }
    uint64_t arena = place(blocks);
    EXPECT_LE(arena, 2 * getLivePeak(blocks) + 64);
    std::vector<Block> again = blocks;
    EXPECT_EQ(place(again), arena);
    for (size_t i = 0; i < blocks.size(); ++i)
      EXPECT_EQ(blocks[i].offset, again[i].offset);
  }
}

/// A chain of layers whose sizes change by stages, with residuals and a few
/// values that live long, as nets have them.
std::vector<Block> makeNet(std::mt19937 &random, uint32_t layers) {
  std::vector<Block> blocks;
  uint64_t bytes = 1 << 20;
  for (uint32_t i = 0; i + 1 < layers; ++i) {
    if (random() % 12 == 0)
      bytes = std::max<uint64_t>(4096, random() % 2 ? bytes / 2 : bytes * 2);
    uint32_t life = random() % 4 == 0 ? 3 : random() % 40 == 0 ? layers / 2 : 1;
    uint64_t own = random() % 3 ? bytes : bytes * (1 + random() % 4);
    bytes = std::min<uint64_t>(bytes, 64 << 20);
    blocks.push_back({own, i, std::min(i + life, layers - 1), 0});
  }
  return blocks;
}

TEST(BlockPlacement, isCloseToTheLivePeakOfNets) {
  std::mt19937 random(7);
  double worst = 0, sum = 0;
  constexpr int nets = 100;
  for (int i = 0; i < nets; ++i) {
    std::vector<Block> blocks = makeNet(random, 20 + random() % 300);
    double ratio = double(place(blocks)) / double(getLivePeak(blocks));
    worst = std::max(worst, ratio);
    sum += ratio;
  }
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LT(worst, 1.15);
  EXPECT_LT(sum / nets, 1.03);
}

TEST(BlockPlacement, placesAThousandBlocks) {
  std::mt19937 random(3);
  std::vector<Block> blocks = makeNet(random, 1001);
  EXPECT_GE(place(blocks), getLivePeak(blocks));
}

} // namespace
