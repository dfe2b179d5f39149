//===- SplitConvPlan.h - How a convolution on tiles is dealt out ----------===//
//
// A chunk splits the slab of the padded image that its output rows read, once
// for all taps: [tap of outer dims][step of
// channels][part][row][column][channel]. Rows of a tile are neighbouring pixels
// of an output row. Of a narrow image they are neighbouring columns of the
// slab, whatever row they are in: some of the sums are then of no pixel, and
// dropped.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITCONVPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITCONVPLAN_H

#include "ConvPlan.h"
#include "SplitProduct.h"

namespace lambent::cpu {

/// Everything that follows from a lir.conv's sizes, its parts and the target.
/// f32 are two or three parts of bf16, narrow elements are one.
struct SplitConvPlan : SplitProduct {
  SplitConvPlan(lir::ConvOp op, const TargetInfo &target, int64_t parts);

  /// Why tiles can't compute the op, whatever its elements are; empty when they
  /// can.
  static std::string explainRefusal(lir::ConvOp op);
  /// Why its filter isn't one that is split into so many parts; empty when it
  /// is.
  static std::string
  explainWrongFilter(lir::ConvOp op, const TargetInfo &target, int64_t parts);

  /// The filter as the kernel reads it, and the map from f32 panels to the
  /// model's: [part, panel, taps..., channel / group, column, group].
  llvm::SmallVector<int64_t> getPackedShape() const;
  /// Of one part that is packed as it is the map has its dim and the group's.
  mlir::AffineMap getPackingMap(mlir::MLIRContext *context) const;

  ConvPlan conv; ///< the op's dims
  ConvDim lines; ///< the dim whose elements are rows of pixels
  Size lineStride = 0;
  int64_t channelSteps = 1; ///< tiles along the channels
  /// Whether tiles run on from a row of pixels to the next.
  bool isFlat = false;
  /// Output rows of a chunk, and tiles of each of them.
  int64_t chunkRows = 1, chunkTiles = 1;
  bool cutsRows = false; ///< whether a chunk has not all tiles of a row

  const ConvDim &getColumns() const { return conv.getColumns(); }
  /// The spatial dims around rows of pixels.
  llvm::ArrayRef<ConvDim> getPlanes() const {
    return llvm::ArrayRef(conv.dims).drop_back(
        std::min<size_t>(2, conv.dims.size()));
  }
  int64_t countPlaneTaps() const;
  int64_t countTaps() const {
    return countPlaneTaps() * lines.taps * getColumns().taps;
  }
  /// Rows and columns of the image that so many of the output read.
  int64_t getSlabRows() const { return lines.getWindow(chunkRows); }
  int64_t getSlabColumns() const;
  int64_t getSlabPixels() const { return getSlabRows() * getSlabColumns(); }
  /// Bytes of one part of a step of channels, and of all of a tap of outer
  /// dims.
  int64_t getSlabPartBytes() const {
    return getSlabPixels() * DotStep::kRowBytes;
  }
  int64_t getPlaneBytes() const {
    return channelSteps * parts * getSlabPartBytes();
  }
  /// Channels, filled up.
  int64_t getChannels() const { return channelSteps * step.getDepth(); }

  /// Of images, planes, rows, columns and panels.
  Sizes getChunkGrid() const;
  Size getNumChunks() const { return productOf(getChunkGrid()); }
  Scratch getScratch() const;
  Size getScratchBytes() const { return getScratch().bytes; }
  std::string describe() const { return "conv tiles " + describeTiles(); }

private:
  void chooseTile(const TargetInfo &target, int64_t height, int64_t width);
  void cut(const TargetInfo &target, double copies, int64_t height,
           int64_t width);
  /// Tiles that `rows` output rows with `tiles` each take.
  int64_t countTiles(int64_t rows, int64_t tiles) const;
};

} // namespace lambent::cpu

#endif
