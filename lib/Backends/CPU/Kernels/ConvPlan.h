//===- ConvPlan.h - How a lir.conv is tiled, packed and dealt out ---------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVPLAN_H

#include "ConvColumns.h"
#include "ShortSums.h"
#include "TileChoice.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"

namespace lambent::cpu {

/// Everything that follows from a convolution's sizes and the target. A unit of
/// work is one output row times one panel of output channels (depthwise: one
/// vector of channels).
struct ConvPlan {
  /// What its algorithm says.
  struct Form {
    bool depthwise = false;
    bool packed = false;           ///< whether the filter is
    std::optional<TileShape> tile; ///< none: the best
    ShortSums shortSums = {};
    int64_t keptSteps = 0; ///< of a sparse panel, at most; 0: they are dense
  };
  ConvPlan(lir::ConvOp op, const TargetInfo &target, const Form &form);

  /// The filter's shape as the kernel reads it, and the map to the model's:
  /// [group, panel, taps..., input channel, column], for depthwise
  /// [block, taps..., channel]. Channels that are one step of a product
  /// (TileProduct) lie behind the column.
  llvm::SmallVector<int64_t> getPackedShape() const;
  mlir::AffineMap getPackingMap(mlir::MLIRContext *context) const;
  /// Of a constant filter whose sums are short: a section is a tap.
  kernels::ShortPanel getShortPanel() const;
  /// Of a constant filter without the steps that are zero: a section is a tap.
  kernels::SparsePanel getSparsePanel() const;
  /// Of a sparse panel: the input's elements between neighbours of each of the
  /// filter's dims [taps..., channel]. 0 along those that loops around the
  /// panel's list add.
  llvm::SmallVector<int64_t> getListedStrides() const;
  /// Whether a list goes on from one row of taps to the next.
  bool joinsTapRows() const;
  /// The first element of a group's panel in the packed filter is a multiple
  /// of this.
  int64_t getPanelElements() const;
  Size getNumRows() const; ///< of output pixels, in all images
  Size getNumChunks() const;
  /// Chunks along groups, rows and panels.
  Sizes getChunkGrid() const;
  /// Scratch memory: a packed panel of the filter, the accumulators of a tile,
  /// then a piece of an input row.
  int64_t getFilterScratchBytes() const;
  int64_t getStageBytes() const;
  int64_t getWindowBytes() const;
  int64_t getScratchBytes() const;
  std::string describe() const;
  /// On one core, from the steps of its tiles.
  double estimateCycles(const TargetInfo &target) const;
  /// Tiles that may be as fast as the one that was chosen.
  std::vector<TileShape> listOtherTiles(const TargetInfo &target) const;

  const ConvDim &getColumns() const { return dims.back(); }
  /// Whether a run decides how long a row is.
  bool hasOpenColumns() const { return !getColumns().input.isNumber(); }
  /// The input's elements between neighbours of a row. Open rows have a number.
  int64_t getPixelStride() const { return inputStrides.back().getNumber(); }
  /// The spatial dims around a row.
  llvm::ArrayRef<ConvDim> getOuterDims() const {
    return llvm::ArrayRef(dims).drop_back();
  }

  /// Neighbouring input channels, or rows of depthwise taps, of a step.
  int64_t getStepChannels() const { return types.group; }
  /// Depthwise, of 8-bit integers: steps along a dim. Rows of taps are taken by
  /// steps, the taps of a row one by one.
  int64_t countSteps(const ConvDim &dim) const;
  /// Elements of a panel for each step.
  int64_t getPanelStep() const { return tile.columns * getStepChannels(); }

  bool depthwise = false;
  bool packed = false; ///< whether the op's filter is
  Size images = 1;
  int64_t group = 1;
  int64_t inputChannels = 1, outputChannels = 1; ///< of one group
  llvm::SmallVector<ConvDim> dims;       ///< without those of one element
  llvm::SmallVector<unsigned> positions; ///< of `dims` among the op's
  /// The input's elements between images, along each of `dims`.
  Size imageStride = 0;
  Sizes inputStrides;
  unsigned spatialRank = 0; ///< the op's
  mlir::Type element, accumulator; ///< in memory, of sums
  ProductTypes types;              ///< with their signs
  ShortSums shortSums;
  int64_t keptSteps = 0;
  int64_t lanes = 1;

  TileShape tile; ///< pixels x output channels
  /// Of a row's pixels. Of an open number of them all tiles but the last have
  /// `split.rows`, and a run decides how many that one has.
  RowSplit split;
  int64_t panels = 1;
  Size chunkRows = 1;      ///< rows of a chunk
  int64_t chunkPanels = 1; ///< and panels

private:
  /// A row's pixels, for the choice of a tile.
  int64_t getTileableWidth() const;
  TileLimits getLimits(const TargetInfo &target) const;
  void chooseTile(const TargetInfo &target);
  void cutChunks(const TargetInfo &target);
  int64_t getElementBytes() const;
  int64_t countTaps() const;
};

} // namespace lambent::cpu

#endif
