//===- ConvColumns.h - Tiles of a convolution's output row ------*- C++ -*-===//
//
// An output row is cut into tiles of neighbouring pixels. Where taps fall into
// the padding they are left out at compile time: tiles for which the same
// pixels lack the same taps form a class, and share code. Of a row whose size is
// open there are two classes: tiles that are whole and in the image, and others,
// of which a run decides what lies in the image and how many pixels there are.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVCOLUMNS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVCOLUMNS_H

#include "TileChoice.h"
#include "lambent/Sizes/Size.h"
#include "llvm/ADT/SmallVector.h"

namespace lambent::cpu {

/// One spatial dim of a convolution.
struct ConvDim {
  Size input = 1, output = 1;
  int64_t taps = 1;
  int64_t stride = 1, dilation = 1;
  Size pad = 0;    ///< before the first element
  Size padEnd = 0; ///< after the last one; more than is read may be given

  /// Whether a tap may lie in the padding, as far as can be seen.
  bool mayLeaveImage() const;
  /// Elements of the input from the first tap of `pixels` neighbouring pixels
  /// to their last one.
  int64_t getWindow(int64_t pixels) const {
    return (pixels - 1) * stride + (taps - 1) * dilation + 1;
  }
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
  /// Whether some of these may lie outside the image after all, and some of the
  /// pixels behind the row's end.
  bool isOpen = false;
};

/// The columns are bound.
llvm::SmallVector<ColumnClass> classifyColumns(const ConvDim &columns,
                                               const RowSplit &split);

/// A tile with all its taps, of a row whose size is open.
ColumnClass makeOpenColumns(const ConvDim &columns, int64_t pixels,
                            bool isOpen);

} // namespace lambent::cpu

#endif
