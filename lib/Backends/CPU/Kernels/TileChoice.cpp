//===- TileChoice.cpp - The arithmetic of tiles and chunks ----------------===//

#include "TileChoice.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace lambent::cpu;
using llvm::divideCeil;

TileLimits::TileLimits(const TargetInfo &target, mlir::Type accumulator,
                       StepCosts step)
    : lanes(target.getLanes(accumulator)), registers(target.vectorRegisters),
      vectorBytes(target.vectorBits / 8), hasFMA(target.hasFMA),
      halvesVectors(target.vectorBits == 512 &&
                    target.description.halvesVectors),
      step(step), description(target.description) {}

int64_t TileLimits::getMaxRows(int64_t vectors) const {
  // rows * vectors accumulators + vectors of rhs + 1 element of lhs (+ 1
  // product where none is added by its instruction) <= registers. With 32
  // registers LLVM spills from 29 accumulators or 32 registers in all on.
  bool addsProduct = hasFMA && step.instructions == 1;
  int64_t others =
      vectors * step.rhsRegisters + step.lhsRegisters + (addsProduct ? 0 : 1);
  int64_t usable = registers >= 32
                       ? std::min<int64_t>(registers - 1 - others, 28)
                       : registers - others;
  return usable / vectors;
}

RowSplit RowSplit::create(int64_t count, int64_t maxRows) {
  RowSplit split;
  if (count <= 0)
    return split;
  split.tiles = divideCeil(count, maxRows);
  split.rows = divideCeil(count, split.tiles);
  split.bigTiles = count - split.tiles * (split.rows - 1);
  return split;
}

int64_t TileLimits::getLastLanes(int64_t columns) const {
  int64_t rest = columns % lanes;
  return halvesVectors && rest > 0 && rest <= lanes / 2 ? lanes / 2 : lanes;
}

double TileLimits::getVectors(int64_t columns) const {
  return divideCeil(columns, lanes) - 1 + double(getLastLanes(columns)) / lanes;
}

double TileLimits::getStepCycles(int64_t rows, double vectors,
                                 int64_t panelBytes) const {
  double multiplies =
      0.5 *
      (rows * vectors * step.instructions * step.slowness +
       rows * step.lhsInstructions + vectors * step.rhsInstructions);
  double loads = (rows + std::ceil(vectors)) / description.loadsPerCycle;
  double latency = description.multiplyLatency; // of an accumulator's own chain
  double bytesPerCycle = panelBytes <= description.l2Bytes / 8 * 5
                             ? description.l2BytesPerCycle
                             : description.l3BytesPerCycle;
  double streamed = vectors * vectorBytes / bytesPerCycle;
  return std::max({multiplies, loads, streamed, latency}) + 0.25;
}

double TileLimits::getListedStepCycles(int64_t rows, double vectors) const {
  // The list is one load more.
  double loads = (rows + std::ceil(vectors) + 1) / description.loadsPerCycle;
  return std::max(getStepCycles(rows, vectors, /*panelBytes=*/0), loads + 0.25);
}

int64_t lambent::cpu::getMaxCachedRows(int64_t rowBytes,
                                       const CPUDescription &description) {
  // The sets repeat after a period: rows fall on period / gcd of them.
  if (rowBytes == 0)
    return 64;
  int64_t period = description.getSetPeriod();
  int64_t sets = period / std::gcd<int64_t>(rowBytes, period);
  return description.getCachedRowsPerSet() * sets;
}

/// Cycles that n columns of results take for each step of k, in tiles of
/// `vectors` vectors and as many rows as `split` says.
static double estimateTileCycles(const TileLimits &limits,
                                 const RowSplit &split, int64_t vectors,
                                 int64_t n, int64_t depthBytes) {
  int64_t columns = vectors * limits.lanes;
  int64_t panels = n / columns;
  int64_t rest = n - panels * columns;
  double tail = rest ? limits.getVectors(rest) : 0;
  int64_t panelBytes = depthBytes * columns;
  auto rowCycles = [&](int64_t rows) {
    if (!rows)
      return 0.0;
    double whole = limits.getStepCycles(rows, vectors, panelBytes);
    return panels * whole +
           (tail ? limits.getStepCycles(rows, tail, panelBytes) : 0);
  };
  int64_t smallTiles = split.tiles - split.bigTiles;
  double cycles = split.bigTiles * rowCycles(split.rows) +
                  smallTiles * rowCycles(split.rows - 1);
  // Each other size of tile is code of its own: worth one percent.
  return cycles * (1 + (tail ? 0.01 : 0) + (smallTiles ? 0.01 : 0));
}

/// Calls `visit` with each tile of m x n results and the cycles that it takes.
static void
visitTiles(const TileLimits &limits, int64_t m, int64_t n, int64_t rowBytes,
           int64_t depthBytes,
           llvm::function_ref<void(TileShape, double cycles)> visit) {
  int64_t mostVectors = std::min<int64_t>(6, divideCeil(n, limits.lanes));
  for (int64_t vectors = 1; vectors <= mostVectors; ++vectors) {
    int64_t maxRows =
        std::min({limits.getMaxRows(vectors),
                  getMaxCachedRows(rowBytes, limits.description), m});
    for (int64_t most = maxRows; most >= std::max<int64_t>(1, maxRows / 2);
         --most) {
      RowSplit split = RowSplit::create(m, most);
      visit({split.rows, vectors * limits.lanes},
            estimateTileCycles(limits, split, vectors, n, depthBytes));
    }
  }
}

TileShape lambent::cpu::chooseTile(const TileLimits &limits, int64_t m,
                                   int64_t n, int64_t rowBytes,
                                   int64_t depthBytes) {
  TileShape best{1, limits.lanes};
  double bestCycles = 0;
  visitTiles(limits, m, n, rowBytes, depthBytes,
             [&](TileShape tile, double cycles) {
               if (bestCycles == 0 || cycles < bestCycles) {
                 bestCycles = cycles;
                 best = tile;
               }
             });
  return best;
}

std::vector<TileShape> lambent::cpu::listOtherTiles(const TileLimits &limits,
                                                    int64_t m, int64_t n,
                                                    int64_t depthBytes) {
  // Estimates tell some percent from each other, not more.
  constexpr size_t most = 8;
  constexpr double mostTimes = 1.5;
  std::vector<std::pair<double, TileShape>> all;
  visitTiles(limits, m, n, /*rowBytes=*/0, depthBytes,
             [&](TileShape tile, double cycles) {
               auto isSame = [&](const auto &other) {
                 return other.second == tile;
               };
               if (llvm::none_of(all, isSame))
                 all.emplace_back(cycles, tile);
             });
  auto getOrder = [](const std::pair<double, TileShape> &each) {
    const auto &[cycles, tile] = each;
    return std::tuple(cycles, tile.columns, -tile.rows);
  };
  llvm::sort(all, [&](const auto &a, const auto &b) {
    return getOrder(a) < getOrder(b);
  });
  std::vector<TileShape> tiles;
  for (const auto &[cycles, tile] : all)
    if (tiles.size() < most && cycles <= mostTimes * all.front().first)
      tiles.push_back(tile);
  return tiles;
}

/// A depthwise tile of so many vectors.
static TileShape makeDepthwiseTile(const TileLimits &limits, int64_t width,
                                   int64_t taps, int64_t vectors) {
  // pixels * vectors accumulators + taps weights + 1 input <= registers. A
  // tile's code is pixels * vectors * taps long.
  int64_t accumulators =
      std::min<int64_t>(limits.registers >= 32 ? 28 : 10, 160 / taps);
  RowSplit split =
      RowSplit::create(width, std::max<int64_t>(1, accumulators / vectors));
  return {std::max<int64_t>(1, split.rows), vectors * limits.lanes};
}

/// Vectors of a depthwise tile, at most.
static int64_t getMaxDepthwiseVectors(const TileLimits &limits,
                                      int64_t channels) {
  return std::clamp<int64_t>(divideCeil(channels, limits.lanes), 1,
                             limits.registers >= 32 ? 4 : 2);
}

TileShape lambent::cpu::chooseDepthwiseTile(const TileLimits &limits,
                                            int64_t width, int64_t channels,
                                            int64_t taps) {
  // Some vectors side by side, because pixels a power of two apart share cache
  // sets, and as many of them as leave no narrower tile at the end.
  int64_t all = divideCeil(channels, limits.lanes);
  int64_t vectors = getMaxDepthwiseVectors(limits, channels);
  for (int64_t fewer = vectors; fewer > 1; --fewer)
    if (all % fewer == 0) {
      vectors = fewer;
      break;
    }
  return makeDepthwiseTile(limits, width, taps, vectors);
}

std::vector<TileShape>
lambent::cpu::listDepthwiseTiles(const TileLimits &limits, int64_t width,
                                 int64_t channels, int64_t taps) {
  std::vector<TileShape> tiles;
  for (int64_t n = getMaxDepthwiseVectors(limits, channels); n >= 1; --n)
    tiles.push_back(makeDepthwiseTile(limits, width, taps, n));
  return tiles;
}

/// The part by which equal chunks of `share` of all work take longer than it
/// would shared evenly, over 2, 4 and 8 workers.
static double getImbalance(int64_t chunks, double share) {
  double sum = 0;
  for (int64_t workers : {2, 4, 8})
    sum += divideCeil(chunks, workers) * workers * share - 1;
  return sum / 3;
}

/// Few chunks leave workers without one at the end: seven on two take as long
/// as eight. Cuts them smaller, down to a third of what is worth a chunk, where
/// that balances better. `units` is how many tiles times panels a third is.
static ChunkShape balance(ChunkShape chunk, int64_t copies, int64_t tiles,
                          int64_t panels, int64_t units, bool keepsTiles) {
  constexpr int64_t manyChunks = 32;
  // What handing out one more chunk costs, as a part of all work.
  constexpr double chunkCost = 0.002;
  auto getCount = [&](const ChunkShape &shape) {
    return copies * divideCeil(tiles, shape.tiles) *
           divideCeil(panels, shape.panels);
  };
  double all = double(copies) * tiles * panels;
  auto getCost = [&](const ChunkShape &shape) {
    int64_t count = getCount(shape);
    return getImbalance(count, shape.tiles * shape.panels / all) +
           chunkCost * count;
  };
  ChunkShape best = chunk;
  if (getCount(chunk) >= manyChunks)
    return best;
  double least = getCost(chunk);
  for (int64_t t = keepsTiles ? chunk.tiles : 1; t <= chunk.tiles; ++t)
    for (int64_t p = 1; p <= chunk.panels; ++p) {
      double cost = getCost({t, p});
      if (t * p < units || cost >= least)
        continue;
      least = cost;
      best = {t, p};
    }
  return best;
}

ChunkShape lambent::cpu::chooseChunk(int64_t copies, int64_t tiles,
                                     int64_t panels, TileShape tile, int64_t k,
                                     int64_t panelBytes,
                                     const CPUDescription &description) {
  // A core does about 50 multiply-adds and reads 2.5 elements of rhs from
  // memory in a nanosecond: a panel that is used once takes as long as 20 rows
  // of it.
  if (copies < 1 || tiles < 1 || panels < 1)
    return {};
  constexpr int64_t kMostChunks = 64;
  int64_t work = std::max<int64_t>(
      1, std::max<int64_t>(tile.rows, tiles > 1 ? 0 : 20) * tile.columns * k);
  int64_t total = work * tiles * panels * copies;
  int64_t target = std::max(kChunkWork, total / kMostChunks);
  int64_t units = std::max<int64_t>(1, divideCeil(target, work));
  ChunkShape chunk;
  bool keepsPanels = false;
  if (panelBytes * panels <= kFarBytes) {
    // The whole rhs stays in L2: read lhs once.
    chunk.panels = std::clamp<int64_t>(units, 1, panels);
    chunk.tiles =
        std::clamp<int64_t>(divideCeil(units, chunk.panels), 1, tiles);
  } else {
    // Each panel comes from far away: use it for as many rows as there are.
    constexpr int64_t manyPanels = 8; // for the threads
    keepsPanels = description.keepsPanels && panels >= manyPanels;
    chunk.tiles = keepsPanels ? tiles : std::clamp<int64_t>(units, 1, tiles);
    chunk.panels =
        std::clamp<int64_t>(divideCeil(units, chunk.tiles), 1, panels);
  }
  // Even out: the same number of chunks, none much smaller than the others.
  chunk.tiles = divideCeil(tiles, divideCeil(tiles, chunk.tiles));
  chunk.panels = divideCeil(panels, divideCeil(panels, chunk.panels));
  return balance(chunk, copies, tiles, panels, divideCeil(kChunkWork / 3, work),
                 keepsPanels);
}
