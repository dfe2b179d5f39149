//===- SparseConvPlan.h - How a convolution of few weights is dealt out ---===//
//
// A chunk takes some rows of an image's output pixels, of an open width a strip
// of them, and a group of its channels. A section of the input's channels is
// laid out as [word][phase][line][column], with zeros for padding, where a
// line's right padding is the next one's left padding. Tiles are neighbouring
// columns, whatever line they are in: what a weight is multiplied by then lies
// at one offset from a tile's first pixel, and some of the sums are of no
// pixel, and dropped. Strides split lines and columns into phases, each a slab
// of its own, of which there are those that taps read.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSECONVPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSECONVPLAN_H

#include "AssumedSizes.h"
#include "ConvPlan.h"
#include "SparseTile.h"

namespace lambent::cpu {

/// Everything that follows from a lir.conv's sizes, its algorithm and the
/// target.
struct SparseConvPlan {
  SparseConvPlan(lir::ConvOp op, const TargetInfo &target,
                 const SparseShape &shape);

  /// Why the op can't be computed so, whatever its weights are; empty when it
  /// can.
  static std::string explainRefusal(lir::ConvOp op, const TargetInfo &target);

  ConvPlan conv; ///< the op's dims
  ConvDim lines, columns;
  Size lineStride = 0; ///< elements of the input
  SparseShape shape;
  SparseTile tile;
  kernels::SparseRows rows;
  int64_t chunkLines = 1; ///< of the output, in a chunk
  int64_t strip = 1;      ///< columns of a line in a chunk; bound ones: all
  int64_t tiles = 1;      ///< of a chunk
  /// Of one core, for the sizes that are likely.
  double cycles = 0;

  /// Whether a run decides how long a line is.
  bool hasOpenColumns() const {
    return !areNumbers({columns.input, columns.output});
  }

  //===-- The slab, in words ----------------------------------------------===//

  int64_t lineElements = 1; ///< from one line to the next
  int64_t slabLines = 1;    ///< that a chunk reads, of each phase
  /// Where the phases of lines and of columns begin, ascending.
  llvm::SmallVector<int64_t> linePhases, columnPhases;
  int64_t getNumPhases() const {
    return linePhases.size() * columnPhases.size();
  }
  int64_t getPhaseElements() const;
  int64_t getChannelElements() const {
    return getNumPhases() * getPhaseElements();
  }
  /// What all taps of a tile read of a word of channels.
  int64_t getTileElements() const;
  /// All that tiles read or that is written, of a section.
  int64_t getSlabElements() const;
  /// Where each tap finds the input of the slab's first pixel, in bytes.
  llvm::SmallVector<int64_t> getTapBytes() const;
  /// How the filter is packed, without the map. It refers to the arrays.
  kernels::SparseRowPacking::Form
  getForm(llvm::ArrayRef<int64_t> depths,
          llvm::ArrayRef<int64_t> tapBytes) const;

  Size getNumChunks() const;
  Sizes getChunkGrid() const;
  /// Scratch memory: the slab, sums, and a vector of outputs for a vector of
  /// pixels.
  int64_t getSumPixels() const { return tiles * tile.getPixels(); }
  int64_t getSumsOffset() const;
  int64_t getStageOffset() const;
  int64_t getScratchBytes() const;
  std::string describe() const;

private:
  /// Where a tap finds the input of the slab's first pixel.
  struct TapPlace {
    int64_t phase, element;
  };
  llvm::SmallVector<TapPlace> getTapPlaces() const;
  void setLines(int64_t count);
  double estimateChunk(const TargetInfo &target) const;
  void cut(const TargetInfo &target, const AssumedSizes &assumed);
};

/// The shape that should take the least time where rows of `block` columns have
/// so many entries.
SparseShape chooseSparseConv(lir::ConvOp op, const TargetInfo &target,
                             int64_t block, int64_t entries);

} // namespace lambent::cpu

#endif
