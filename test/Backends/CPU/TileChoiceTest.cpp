//===- TileChoiceTest.cpp - The arithmetic of tiles and chunks ------------===//

#include "Kernels/TileChoice.h"
#include "Kernels/ConvColumns.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace lambent::cpu;
using llvm::divideCeil;

namespace {

class TileChoice : public testing::Test {
protected:
  TileLimits getLimits(const std::string &cpu) {
    auto target = TargetInfo::create(cpu);
    EXPECT_TRUE(bool(target));
    return TileLimits(*target, mlir::Float32Type::get(&context));
  }
  mlir::MLIRContext context;
};

TEST_F(TileChoice, KeepsAccumulatorsInRegisters) {
  for (std::string cpu : {"x86-64", "x86-64-v3", "x86-64-v4"}) {
    TileLimits limits = getLimits(cpu);
    for (int64_t m : {1, 7, 14, 100})
      for (int64_t n : {1, 16, 48, 1000}) {
        TileShape tile = chooseTile(limits, m, n, 0, 1024);
        int64_t vectors = tile.columns / limits.lanes;
        EXPECT_EQ(tile.columns % limits.lanes, 0);
        EXPECT_LE(tile.rows * vectors + vectors + 1, limits.registers);
        EXPECT_LE(tile.rows * vectors, 28);
      }
  }
}

TEST_F(TileChoice, HalvesTheLastVectorWhereThatIsHalfTheWork) {
  TileLimits zen = getLimits("znver4"), rapids = getLimits("sapphirerapids"),
             narrow = getLimits("x86-64-v3:znver4");
  for (auto [columns, lanes] :
       {std::pair(1, 8), {8, 8}, {9, 16}, {16, 16}, {24, 8}, {34, 8}, {48, 16}})
    EXPECT_EQ(zen.getLastLanes(columns), lanes) << columns;
  EXPECT_EQ(rapids.getLastLanes(24), 16);
  EXPECT_EQ(narrow.getLastLanes(4), 8);
  EXPECT_EQ(zen.getVectors(24), 1.5);
  EXPECT_EQ(zen.getVectors(32), 2);
  EXPECT_EQ(rapids.getVectors(24), 2);
  EXPECT_LT(zen.getStepCycles(14, 1.5, 1024), zen.getStepCycles(14, 2, 1024));
}

TEST_F(TileChoice, TakesFewRowsWhereTheyShareCacheSets) {
  TileLimits limits = getLimits("x86-64-v4");
  EXPECT_LE(chooseTile(limits, 196, 512, 4096, 4096).rows, 6);
  EXPECT_EQ(getMaxCachedRows(4096, CPUDescription::find("graniterapids")), 14);
  EXPECT_EQ(getMaxCachedRows(4096, CPUDescription::find("znver4")), 6);
  EXPECT_EQ(getMaxCachedRows(4096 + 64, CPUDescription::find("znver4")),
            6 * 64);
}

TEST_F(TileChoice, ListsOtherTilesThatFit) {
  TileLimits limits = getLimits("x86-64-v4");
  std::vector<TileShape> tiles = listOtherTiles(limits, 49, 512, 2048 * 4);
  EXPECT_GT(tiles.size(), 2u);
  for (TileShape tile : tiles) {
    EXPECT_EQ(tile.columns % limits.lanes, 0);
    EXPECT_LE(tile.rows, limits.getMaxRows(tile.columns / limits.lanes));
    EXPECT_EQ(llvm::count(tiles, tile), 1);
  }
  // Also those with more rows than the rule of the sets allows.
  EXPECT_EQ(tiles.front(), chooseTile(limits, 49, 512, 0, 2048 * 4));
  EXPECT_EQ(listOtherTiles(limits, 1, 1, 4).size(), 1u);
}

TEST_F(TileChoice, ListsDepthwiseTilesOfAllWidths) {
  TileLimits limits = getLimits("x86-64-v4");
  std::vector<TileShape> tiles = listDepthwiseTiles(limits, 56, 144, 3);
  ASSERT_EQ(tiles.size(), 4u);
  EXPECT_EQ(tiles.back().columns, limits.lanes);
  EXPECT_EQ(llvm::count(tiles, chooseDepthwiseTile(limits, 56, 144, 3)), 1);
}

TEST_F(TileChoice, SplitsRowsEvenly) {
  RowSplit split = RowSplit::create(128, 14);
  EXPECT_EQ(split.tiles, 10);
  EXPECT_EQ(split.rows, 13);
  EXPECT_EQ(split.bigTiles, 8);
  EXPECT_EQ(split.getRow(8), 8 * 13);
  EXPECT_EQ(split.getRow(10), 128);
  EXPECT_EQ(RowSplit::create(0, 14).tiles, 0);
}

TEST_F(TileChoice, CoversTheWorkWithChunks) {
  for (int64_t tiles : {1, 3, 100})
    for (int64_t panels : {1, 7, 64}) {
      ChunkShape chunk = chooseChunk(2, tiles, panels, {14, 32}, 512, 65536,
                                     CPUDescription::find("znver4"));
      EXPECT_GE(chunk.tiles, 1);
      EXPECT_LE(chunk.tiles, tiles);
      EXPECT_GE(chunk.panels, 1);
      EXPECT_LE(chunk.panels, panels);
    }
}

TEST_F(TileChoice, CutsFewChunksSoThatWorkersFinishTogether) {
  // A 1x1 convolution of 64 to 384 channels on 14x14 pixels: pairs of tiles
  // would make seven chunks.
  ChunkShape chunk = chooseChunk(1, 14, 12, {14, 32}, 64, 8192,
                                 CPUDescription::find("znver4"));
  int64_t chunks = divideCeil(14, chunk.tiles) * divideCeil(12, chunk.panels);
  EXPECT_EQ(chunks % 2, 0);
  EXPECT_LE(double(divideCeil(chunks, 4) * 4 * chunk.tiles * chunk.panels),
            1.15 * 14 * 12);
}

TEST(ConvColumns, PutsEdgesInClassesOfTheirOwn) {
  // 3 taps with padding 1: the first and the last pixel lack one.
  ConvDim columns{56, 56, 3, 1, 1, 1};
  auto classes = classifyColumns(columns, RowSplit::create(56, 14));
  ASSERT_EQ(classes.size(), 3u);
  EXPECT_EQ(classes[0].taps[0], (PixelRange{1, 14}));
  EXPECT_EQ(classes[0].taps[1], (PixelRange{0, 14}));
  EXPECT_EQ(classes[1].firstTile, 1);
  EXPECT_EQ(classes[1].endTile, 3);
  EXPECT_EQ(classes[2].taps[2], (PixelRange{0, 13}));
}

TEST(ConvColumns, LeavesOutTapsThatNoPixelHas) {
  ConvDim columns{2, 4, 5, 1, 1, 3};
  auto classes = classifyColumns(columns, RowSplit::create(4, 14));
  ASSERT_EQ(classes.size(), 1u);
  EXPECT_EQ(classes[0].taps[0], (PixelRange{3, 4}));
  EXPECT_EQ(classes[0].taps[4], (PixelRange{0, 1}));
}

} // namespace
