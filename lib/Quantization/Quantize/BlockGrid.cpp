//===- BlockGrid.cpp - Integers in blocks that share scales ---------------===//

#include "BlockGrid.h"
#include "../WideCode.h"
#include "GridNumbers.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

BlockFormat getBlockFormat(const QuantizeOptions &options) {
  if (options.numbers == QuantizedNumbers::Int8Weights)
    return {onnx::TensorProto::INT8, 8, -127, 127, false};
  if (options.range.schema == Schema::Asymmetric)
    return {onnx::TensorProto::UINT4, 4, 0, 15, true};
  return {onnx::TensorProto::INT4, 4, -8, 7, false};
}

BlockGrid::BlockGrid(const BlockFormat &format, const QuantizeOptions &options,
                     const graph::FloatTensor &tensor, int64_t sumAxis)
    : format(format), schema(options.range.schema), group(options.group) {
  matrix = {tensor.elements, tensor.dims[sumAxis], tensor.dims[1 - sumAxis],
            sumAxis == 0 ? tensor.dims[1] : 1,
            sumAxis == 0 ? 1 : tensor.dims[1]};
  int64_t groups = (matrix.sums + group - 1) / group;
  groupStep = sumAxis == 0 ? matrix.columns : 1;
  columnStep = sumAxis == 0 ? 1 : groups;
  strip.resize(size_t(groups));
  blocks.dims = tensor.dims;
  blocks.dims[sumAxis] = groups;
  blocks.integers.resize(tensor.elements.size());
  blocks.scales.resize(size_t(groups * matrix.columns));
  blocks.zeros.resize(blocks.scales.size());
}

void BlockGrid::makeScales(const ColumnRow &least, const ColumnRow &most,
                           GridScales &scales) const {
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float scale = format.hasZero
                      ? (most[n] - least[n]) / float(format.most - format.least)
                      : std::max(most[n] / float(format.most),
                                 least[n] / float(format.least));
    bool isScale = std::isnormal(scale);
    scales.scale[n] = isScale ? scale : 1;
    scales.zero[n] =
        isScale && format.hasZero
            ? clamp(std::nearbyint(-least[n] / scale), 0, float(format.most))
            : 0;
  }
}

void BlockGrid::roundTo(const GridScales &scales, const ColumnRow &row,
                        ColumnRow &rounded) const {
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float integer =
        clamp(row[n] / scales.scale[n], float(format.least) - scales.zero[n],
              float(format.most) - scales.zero[n]);
    rounded[n] = roundSmall(integer) * scales.scale[n];
  }
}

/// errors += sum_k importance[k] (rows[k] - rounded rows[k])^2
LAMBENT_WIDE_CODE
static void addSquares(const ColumnRow &scale, const IntegerRange &range,
                       ArrayRef<float> importance, const ColumnRow *rows,
                       ColumnRow &errors) {
  ColumnRow inverse;
  for (int64_t n = 0; n < roundedColumns; ++n)
    inverse[n] = 1 / scale[n];
  for (size_t k = 0; k < importance.size(); ++k)
    for (int64_t n = 0; n < roundedColumns; ++n) {
      float integer =
          clamp(rows[k][n] * inverse[n], range.least[n], range.most[n]);
      float lost = rows[k][n] - roundSmall(integer) * scale[n];
      errors[n] += importance[k] * lost * lost;
    }
}

void BlockGrid::addErrors(const GridScales &scales, ArrayRef<float> importance,
                          const ColumnRow *rows, ColumnRow &errors) const {
  addSquares(scales.scale, getRange(scales), importance, rows, errors);
}

void BlockGrid::chooseScales(int64_t index, ArrayRef<float> importance,
                             const ColumnRow *rows) {
  GridScales &best = strip[size_t(index)];
  ColumnRow least = {}, most = {};
  for (size_t k = 0; k < importance.size(); ++k)
    for (int64_t n = 0; n < roundedColumns; ++n) {
      least[n] = std::min(least[n], rows[k][n]);
      most[n] = std::max(most[n], rows[k][n]);
    }
  makeScales(least, most, best);
  if (schema == Schema::SymmetricWithPower2Scale) {
    for (float &scale : best.scale)
      scale = std::exp2(std::ceil(std::log2(scale)));
    return;
  }
  if (format.bits > 4)
    return;
  ColumnRow error = {};
  addErrors(best, importance, rows, error);
  // Both ends on their own, since 15 steps are few.
  for (int low = 100; low >= 60; low -= 5)
    for (int high = 100; high >= 60; high -= 5) {
      ColumnRow lower, upper, other = {};
      for (int64_t n = 0; n < roundedColumns; ++n) {
        lower[n] = least[n] * float(low) / 100;
        upper[n] = most[n] * float(high) / 100;
      }
      GridScales candidate;
      makeScales(lower, upper, candidate);
      addErrors(candidate, importance, rows, other);
      for (int64_t n = 0; n < roundedColumns; ++n) {
        if (!(other[n] < error[n]))
          continue;
        error[n] = other[n];
        best.scale[n] = candidate.scale[n];
        best.zero[n] = candidate.zero[n];
      }
    }
}

void BlockGrid::round(int64_t index, const ColumnRow &row,
                      ColumnRow &rounded) const {
  roundTo(strip[size_t(index / group)], row, rounded);
}

void BlockGrid::stretchScales(int64_t index, ColumnRow &factor) {
  stretch(strip[size_t(index)].scale, factor,
          /*areFixed=*/schema == Schema::SymmetricWithPower2Scale);
}

void BlockGrid::chooseNearestScales(int64_t, int64_t, const ColumnRow *rows) {
  std::vector<float> ones(size_t(std::min(group, matrix.sums)), 1.0f);
  for (int64_t first = 0; first < matrix.sums; first += group)
    chooseScales(
        first / group,
        ArrayRef(ones).take_front(size_t(std::min(group, matrix.sums - first))),
        rows + first);
}

GridScales BlockGrid::getScales(int64_t index) const {
  return strip[size_t(index)];
}

void BlockGrid::setScales(int64_t index, const GridScales &scales) {
  strip[size_t(index)] = scales;
}

IntegerRange BlockGrid::getRange(const GridScales &scales) const {
  IntegerRange range;
  for (int64_t n = 0; n < roundedColumns; ++n) {
    range.least[n] = float(format.least) - scales.zero[n];
    range.most[n] = float(format.most) - scales.zero[n];
  }
  return range;
}

void BlockGrid::keep(int64_t column, int64_t columns,
                     const ColumnRow *rounded) {
  for (int64_t k = 0; k < matrix.sums; ++k) {
    const GridScales &scales = strip[size_t(k / group)];
    for (int64_t n = 0; n < columns; ++n)
      blocks.integers[size_t(k * matrix.sumStep +
                             (column + n) * matrix.columnStep)] =
          char(std::nearbyint(rounded[k][n] / scales.scale[n]) +
               scales.zero[n]);
  }
  for (size_t g = 0; g < strip.size(); ++g)
    for (int64_t n = 0; n < columns; ++n) {
      size_t place = size_t(int64_t(g) * groupStep + (column + n) * columnStep);
      blocks.scales[place] = strip[g].scale[n];
      blocks.zeros[place] = char(strip[g].zero[n]);
    }
}

std::vector<float> BlockGrid::dequantize() const {
  std::vector<float> floats(blocks.integers.size());
  for (int64_t k = 0; k < matrix.sums; ++k)
    for (int64_t n = 0; n < matrix.columns; ++n) {
      size_t place = size_t(k * matrix.sumStep + n * matrix.columnStep);
      size_t block = size_t(k / group * groupStep + n * columnStep);
      floats[place] = float(blocks.integers[place] - blocks.zeros[block]) *
                      blocks.scales[block];
    }
  return floats;
}

} // namespace lambent::quantization
