//===- ConvColumns.h - Tiles of a convolution's output row ------*- C++ -*-===//
//
// An output row is cut into tiles of neighbouring pixels. Where taps fall into
// the padding they are left out at compile time: tiles for which the same
// pixels lack the same taps form a class, and share code.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVCOLUMNS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVCOLUMNS_H

#include "TileChoice.h"
#include "llvm/ADT/SmallVector.h"

namespace lambent::cpu {

/// One spatial dim of a convolution.
struct ConvDim {
  int64_t input = 1, output = 1, taps = 1;
  int64_t stride = 1, dilation = 1, pad = 0; ///< pad: before the first element
};

/// Pixels [begin, end) of a tile, those for which a tap lies in the image.
struct PixelRange {
  int64_t begin = 0, end = 0;
  bool operator==(const PixelRange &) const = default;
};

/// Neighbouring tiles that run the same code.
struct ColumnClass {
  int64_t firstTile = 0, endTile = 0;
  int64_t pixels = 0;
  llvm::SmallVector<PixelRange> taps; ///< per tap along the row
};

llvm::SmallVector<ColumnClass> classifyColumns(const ConvDim &columns,
                                               const RowSplit &split);

} // namespace lambent::cpu

#endif
