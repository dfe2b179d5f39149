//===- SplitPacking.cpp - f32 constants as sums of bf16 numbers -----------===//

#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <limits>

using namespace lambent::kernels;

/// The upper half of an f32's bits, rounded to nearest, ties to even.
static uint16_t roundToBF16(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (std::isnan(value)) // must not become infinite
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static float widen(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

void lambent::kernels::splitFloat(float value, uint16_t *parts, int64_t count) {
  for (int64_t part = 0; part < count; ++part) {
    parts[part] = roundToBF16(value);
    float rounded = widen(parts[part]);
    value = std::isfinite(rounded) ? value - rounded : 0.0f;
  }
}

llvm::Expected<SplitPacking>
SplitPacking::create(mlir::AffineMap map, llvm::ArrayRef<int64_t> packedShape,
                     llvm::ArrayRef<int64_t> sourceShape, int64_t taps) {
  int64_t rank = packedShape.size();
  if (taps < 0 || rank < 5 + taps || packedShape.back() != 2 ||
      int64_t(map.getNumDims()) + 2 != rank)
    return llvm::createStringError(
        "packing: expected [batch..., part, panel, K / 2, column, 2], but got "
        "%zu dims for a map of %u",
        packedShape.size(), map.getNumDims());
  // The same panels in f32: without parts, rows one by one.
  llvm::ArrayRef<int64_t> batch = packedShape.drop_back(5 + taps),
                          tapSizes = packedShape.slice(rank - 3 - taps, taps);
  llvm::SmallVector<int64_t> shape(batch);
  shape.push_back(packedShape[batch.size() + 1]);
  llvm::append_range(shape, tapSizes);
  shape.append({2 * packedShape[rank - 3], packedShape[rank - 2]});
  auto panelPacking = Packing::create(map, shape, sourceShape, sizeof(float));
  if (!panelPacking)
    return panelPacking.takeError();
  SplitPacking packing(std::move(*panelPacking));
  for (int64_t size : batch)
    packing.batch *= size;
  packing.parts = packedShape[batch.size()];
  packing.panels = packedShape[batch.size() + 1];
  packing.depth = 2 * packedShape[rank - 3];
  for (int64_t size : tapSizes)
    packing.depth *= size;
  packing.columns = packedShape[rank - 2];
  return packing;
}

bool SplitPacking::pack(const char *source, char *packed, int64_t begin,
                        int64_t end, bool splat) const {
  int64_t size = depth * columns;
  std::vector<float> panel(size);
  std::vector<uint16_t> split(parts);
  auto *elements = reinterpret_cast<uint16_t *>(packed);
  for (int64_t row = begin; row < end; ++row) {
    panelPacking.packInto(source, reinterpret_cast<char *>(panel.data()),
                          row * depth, (row + 1) * depth, splat);
    int64_t first = row / panels * parts * panels + row % panels;
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < columns; ++j) {
        splitFloat(panel[k * columns + j], split.data(), parts);
        int64_t place = (k / 2 * columns + j) * 2 + k % 2;
        for (int64_t part = 0; part < parts; ++part)
          elements[(first + part * panels) * size + place] = split[part];
      }
  }
  return true;
}

ColumnScales SplitPacking::measure(const char *source, bool splat,
                                   bool flushesDenormals) const {
  ColumnScales scales;
  std::vector<float> panel(depth * columns);
  // Magnitudes as bits, which compare as numbers do.
  std::vector<uint32_t> largest(columns);
  for (int64_t row = 0; row < batch * panels; ++row) {
    panelPacking.packInto(source, reinterpret_cast<char *>(panel.data()),
                          row * depth, (row + 1) * depth, splat);
    llvm::fill(largest, 0);
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < columns; ++j) {
        uint32_t bits = llvm::bit_cast<uint32_t>(panel[k * columns + j]);
        largest[j] = std::max(largest[j], bits & 0x7fffffff);
      }
    for (uint32_t bits : largest) {
      float value = llvm::bit_cast<float>(bits);
      if (!std::isfinite(value))
        scales.isFinite = false;
      if (!value ||
          (flushesDenormals && value < std::numeric_limits<float>::min()))
        continue;
      scales.most = std::max(scales.most, value);
      scales.least = scales.least ? std::min(scales.least, value) : value;
    }
  }
  return scales;
}
