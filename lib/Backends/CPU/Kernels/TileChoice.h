//===- TileChoice.h - The arithmetic of tiles and chunks --------*- C++ -*-===//
//
// Which register tile a product gets and how its tiles are dealt out as chunks.
// Pure functions of sizes and of a few facts about the machine.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILECHOICE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILECHOICE_H

#include "TileProduct.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include <vector>

namespace lambent::cpu {

/// Rows of lhs and columns of rhs that one register tile multiplies. Columns
/// are a multiple of a vector.
struct TileShape {
  int64_t rows = 1;
  int64_t columns = 1;
  bool operator==(const TileShape &) const = default;
};

/// What tile choice needs to know of a machine.
struct TileLimits {
  int64_t lanes = 1; ///< columns of one vector
  int64_t registers = 16;
  int64_t vectorBytes = 16;
  bool hasFMA = true;
  bool halvesVectors = false; ///< half a vector is half the work
  StepCosts step;
  CPUDescription description;

  /// Of products whose sums are of type `accumulator`.
  TileLimits(const TargetInfo &target, mlir::Type accumulator,
             StepCosts step = {});
  /// The most rows a tile of `vectors` vectors may have without spilling; 0
  /// when none.
  int64_t getMaxRows(int64_t vectors) const;
  /// The vectors that so many columns take, of the last one half where that is
  /// enough and half the work.
  double getVectors(int64_t columns) const;
  /// The lanes of the last of these.
  int64_t getLastLanes(int64_t columns) const;
  /// Cycles per step of k that a tile takes.
  double getStepCycles(int64_t rows, double vectors, int64_t panelBytes) const;
  /// The same of a step that a list names, of a panel in L2.
  double getListedStepCycles(int64_t rows, double vectors) const;
  /// What it takes beside its steps: setting up and storing accumulators.
  double getTileCycles(int64_t rows, double vectors) const {
    return rows * vectors + 20;
  }
};

/// `count` rows split into `tiles` tiles whose sizes differ by one at most: the
/// first `bigTiles` have `rows` rows, the others one less.
struct RowSplit {
  int64_t tiles = 0, rows = 0, bigTiles = 0;
  static RowSplit create(int64_t count, int64_t maxRows);
  /// The first row of tile `t`.
  int64_t getRow(int64_t t) const {
    return t * rows - std::max<int64_t>(0, t - bigTiles);
  }
};

/// The tile that takes the fewest cycles for m x n results. `rowBytes` is the
/// distance of neighbouring rows of lhs in memory (0: they are contiguous),
/// `depthBytes` what a column of rhs takes.
TileShape chooseTile(const TileLimits &limits, int64_t m, int64_t n,
                     int64_t rowBytes, int64_t depthBytes);

/// Other tiles that may be as fast, the likely ones first. Rows of lhs may fall
/// on one set of L1.
std::vector<TileShape> listOtherTiles(const TileLimits &limits, int64_t m,
                                      int64_t n, int64_t depthBytes);

/// Pixels x channels of a depthwise tile with `taps` along a row.
TileShape chooseDepthwiseTile(const TileLimits &limits, int64_t width,
                              int64_t channels, int64_t taps);

/// Those of all widths.
std::vector<TileShape> listDepthwiseTiles(const TileLimits &limits,
                                          int64_t width, int64_t channels,
                                          int64_t taps);

/// Rows with a distance of `rowBytes` that can be read side by side without
/// evicting one another from L1.
int64_t getMaxCachedRows(int64_t rowBytes, const CPUDescription &description);

/// Tiles of rows and panels of columns that make one chunk.
struct ChunkShape {
  int64_t tiles = 1;
  int64_t panels = 1;
};

/// Multiply-adds that are worth a chunk: 20 microseconds.
constexpr int64_t kChunkWork = 1'000'000;

/// Chunks of at least kChunkWork where there is that much work, and no
/// more of them than 64 workers need. `copies` is how often the whole product
/// is done (batch); `panelBytes` is the size of one packed panel.
ChunkShape chooseChunk(int64_t copies, int64_t tiles, int64_t panels,
                       TileShape tile, int64_t k, int64_t panelBytes,
                       const CPUDescription &description);

} // namespace lambent::cpu

#endif
