//===- MatmulPlan.h - How a lir.matmul is tiled, packed and dealt out -----===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULPLAN_H

#include "ShortSums.h"
#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"

namespace lambent::cpu {

/// How tiles get at an operand.
enum class OperandAccess {
  /// Read where it is.
  InPlace,
  /// Packed at compile time: rhs as panels [N / columns][K / group][columns]
  /// [group], where `group` k are one step (TileProduct).
  Packed,
  /// Packed into scratch memory by each chunk.
  CopyInto,
  /// Codes of few bits, dequantized by each chunk: into scratch memory, or for
  /// few rows in registers.
  Decoded,
};

/// Everything that follows from an op's sizes and the target. Rows are the
/// output's dim that lhs has, columns the output's last dim: where that is m,
/// lhs and rhs change places.
struct MatmulPlan {
  /// `tile` is what its algorithm says, or none for the best, and so are
  /// `shortSums`, and whether few rows of lhs are multiplied as digits. A
  /// sparse panel keeps `keptSteps` at most; 0: panels are dense.
  MatmulPlan(lir::ProductOpInterface op, const TargetInfo &target,
             std::optional<TileShape> tile, ShortSums shortSums = {},
             bool inDigits = false, int64_t keptSteps = 0);

  /// One operand's step in elements per step of a domain dim.
  struct Strides {
    Sizes batch;
    Size row = 0, column = 0, depth = 0;
  };

  /// Whether register tiles apply: the output's last dim is m or n.
  bool vectorized = false;
  bool swapped = false;
  bool coded = false; ///< rhs holds codes
  int64_t digitRows = 0; ///< of lhs that LhsDigits writes, 0 for none
  Sizes batch;
  Size rows = 1, columns = 1, depth = 1;
  Strides lhs, rhs;
  mlir::Type element, accumulator; ///< in memory, of sums
  ProductTypes types;              ///< with their signs
  int64_t lanes = 1;
  int64_t group = 1; ///< k of a step
  Size steps = 1;    ///< that `depth` takes, the last one filled up with zeros
  ShortSums shortSums;
  int64_t keptSteps = 0; ///< of a sparse panel, at most; 0: panels are dense

  TileShape tile;
  /// Of a bound number of rows. Else all tiles but the last have `split.rows`,
  /// and a run decides how many that one has.
  RowSplit split;
  Size tiles = 1, panels = 1;
  Size chunkTiles = 1;     ///< tiles of a chunk, at least 1
  int64_t chunkPanels = 1; ///< and panels
  OperandAccess lhsAccess = OperandAccess::InPlace,
                rhsAccess = OperandAccess::InPlace;

  /// Whether a tile multiplies by codes as it decodes them: of as few rows, or
  /// where a run decides how many there are.
  bool decodesInTiles() const;
  /// The most rows that are so few; of open ones, each then decodes by itself.
  static constexpr int64_t kFewRows = 8, kFewOpenRows = 2;

  /// Products in the batch.
  Size getCopies() const { return productOf(batch); }
  /// Chunks along rows (0) or columns (1).
  Size getChunkGrid(unsigned which) const;
  Size getNumChunks() const;
  /// Scratch memory: packed lhs, then a packed panel of rhs, then the
  /// accumulators of a tile, then digits of lhs.
  Size getLhsScratchBytes() const;
  Size getRhsScratchBytes() const;
  Size getStageBytes() const;
  Size getScratchBytes() const;
  std::string describe() const;
  int64_t getElementBytes() const;
  /// On one core, from the steps of its tiles.
  double estimateCycles(const TargetInfo &target) const;
  /// The same with what a tile takes beside its steps.
  double estimateTiles(const TargetInfo &target) const;
  /// That of sparse panels which keep the part `share` of their steps.
  double estimateListed(const TargetInfo &target, double share) const;
  /// Tiles that may be as fast as the one that was chosen.
  std::vector<TileShape> listOtherTiles(const TargetInfo &target) const;

private:
  /// Rows or columns for the choice of a tile.
  static int64_t getTileable(const Size &size);
  void chooseTile(const TargetInfo &target);
  /// One that decodes weights for so few rows that no panel is worth it.
  bool chooseDecodingTile(const TargetInfo &target);
  TileLimits getLimits(const TargetInfo &target) const;
  void chooseLhsAccess(const TargetInfo &target);
  /// How rhs is read and how work is cut where sizes are bound, or open.
  void cutBound(const TargetInfo &target);
  void cutOpen(const TargetInfo &target);
  void cutForDigits();
  ChunkShape chooseChunks(int64_t copies, int64_t tiles,
                          const TargetInfo &target) const;

public:
  /// Elements per step in a packed tile of lhs, and in a panel of rhs.
  int64_t getPackedLhsStep() const;
  int64_t getPanelStep() const { return tile.columns * group; }
  /// Elements of a packed panel.
  Size getPanelElements() const;
  /// Of a constant rhs whose sums are short.
  kernels::ShortPanel getShortPanel() const;
  /// Elements of lhs, as tiles read it, between neighbouring k.
  int64_t getListedStride() const;
  /// Of one whose panels are sparse.
  kernels::SparsePanel getSparsePanel() const;
};

/// Of a product one result at a time: a chunk is a run of results.
struct ScalarProductPlan {
  Size chunks;
  Size getNumChunks() const { return chunks; }
  Size getScratchBytes() const { return 0; }
  std::string describe() const { return "matmul scalar"; }
};

} // namespace lambent::cpu

#endif
