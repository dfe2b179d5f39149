//===- ConvColumns.cpp - Tiles of a convolution's output row --------------===//

#include "ConvColumns.h"
#include "llvm/Support/MathExtras.h"

using namespace lambent;
using namespace lambent::cpu;

bool ConvDim::mayLeaveImage() const {
  if (!pad.is(0))
    return true;
  // Without padding every window fits.
  Size behind = input - 1 - ((output - 1) * stride - pad + (taps - 1) * dilation);
  return !padEnd.is(0) && !behind.isNotNegative();
}

/// Pixels p of [0, pixels) with 0 <= (first + p) * stride + offset < input.
static PixelRange getValidPixels(const ConvDim &dim, int64_t first,
                                 int64_t pixels, int64_t tap) {
  int64_t offset = tap * dim.dilation - dim.pad.getNumber();
  int64_t begin = llvm::divideCeilSigned(-offset, dim.stride) - first;
  int64_t end = llvm::divideCeilSigned(dim.input.getNumber() - offset, dim.stride) - first;
  begin = std::clamp<int64_t>(begin, 0, pixels);
  return {begin, std::clamp<int64_t>(end, begin, pixels)};
}

llvm::SmallVector<ColumnClass>
lambent::cpu::classifyColumns(const ConvDim &columns, const RowSplit &split) {
  llvm::SmallVector<ColumnClass> classes;
  for (int64_t tile = 0; tile < split.tiles; ++tile) {
    ColumnClass here;
    here.firstTile = tile;
    here.endTile = tile + 1;
    here.pixels = tile < split.bigTiles ? split.rows : split.rows - 1;
    for (int64_t tap = 0; tap < columns.taps; ++tap)
      here.taps.push_back(
          getValidPixels(columns, split.getRow(tile), here.pixels, tap));
    if (!classes.empty() && classes.back().pixels == here.pixels &&
        classes.back().taps == here.taps)
      classes.back().endTile = tile + 1;
    else
      classes.push_back(std::move(here));
  }
  return classes;
}

ColumnClass lambent::cpu::makeOpenColumns(const ConvDim &columns,
                                          int64_t pixels, bool isOpen) {
  ColumnClass result;
  result.pixels = pixels;
  result.taps.assign(columns.taps, {0, pixels});
  result.isOpen = isOpen;
  return result;
}
