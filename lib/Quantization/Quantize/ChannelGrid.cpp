//===- ChannelGrid.cpp - Integers of a scale for each channel -------------===//

#include "ChannelGrid.h"
#include "GridNumbers.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

static float clamp(float value) {
  return clamp(value, -mostWeightInteger, mostWeightInteger);
}

/// What each column's numbers lose with these scales.
static void addErrors(const ColumnRow &scale, ArrayRef<float> importance,
                      const ColumnRow *rows, ColumnRow &errors) {
  for (size_t k = 0; k < importance.size(); ++k)
    for (int64_t n = 0; n < roundedColumns; ++n) {
      float integer = clamp(rows[k][n] / scale[n]);
      float lost = rows[k][n] - roundSmall(integer) * scale[n];
      errors[n] += importance[k] * lost * lost;
    }
}

void ChannelGrid::chooseScales(int64_t, ArrayRef<float> importance,
                               const ColumnRow *rows) {
  std::fill_n(scale, roundedColumns, fixedScale);
  if (fixedScale != 0)
    return;
  for (size_t k = 0; k < importance.size(); ++k)
    for (int64_t n = 0; n < roundedColumns; ++n)
      scale[n] = std::max(scale[n], std::fabs(rows[k][n]) / mostWeightInteger);
  for (float &value : scale) // a channel of 0, or of nearly 0
    value = std::isnormal(value) ? value : 1;
  if (options.schema == Schema::SymmetricWithPower2Scale) {
    for (float &value : scale)
      value = std::exp2(std::ceil(std::log2(value)));
    return;
  }
  ColumnRow largest, error = {};
  std::copy_n(scale, roundedColumns, largest);
  addErrors(scale, importance, rows, error);
  // Below 0.7 of the range too much is cut off in any distribution seen.
  for (int percent = 98; percent >= 70; percent -= 2) {
    ColumnRow candidate, other = {};
    for (int64_t n = 0; n < roundedColumns; ++n)
      candidate[n] = largest[n] * float(percent) / 100;
    addErrors(candidate, importance, rows, other);
    for (int64_t n = 0; n < roundedColumns; ++n) {
      bool isBetter = other[n] < error[n] && std::isnormal(candidate[n]);
      error[n] = isBetter ? other[n] : error[n];
      scale[n] = isBetter ? candidate[n] : scale[n];
    }
  }
}

void ChannelGrid::round(int64_t, const ColumnRow &row,
                        ColumnRow &rounded) const {
  for (int64_t n = 0; n < roundedColumns; ++n)
    rounded[n] = roundSmall(clamp(row[n] / scale[n])) * scale[n];
}

void ChannelGrid::stretchScales(int64_t, ColumnRow &factor) {
  stretch(scale, factor,
          fixedScale != 0 ||
              options.schema == Schema::SymmetricWithPower2Scale);
}

void ChannelGrid::chooseNearestScales(int64_t column, int64_t columns,
                                      const ColumnRow *) {
  for (int64_t n = 0; n < roundedColumns; ++n)
    scale[n] = fixedScale != 0 ? fixedScale
               : n < columns   ? scales[size_t(column + n)]
                               : 1;
}

GridScales ChannelGrid::getScales(int64_t) const {
  GridScales result = {};
  std::copy_n(scale, roundedColumns, result.scale);
  return result;
}

void ChannelGrid::setScales(int64_t, const GridScales &given) {
  std::copy_n(given.scale, roundedColumns, scale);
}

IntegerRange ChannelGrid::getRange(const GridScales &) const {
  IntegerRange range;
  std::fill_n(range.least, roundedColumns, -mostWeightInteger);
  std::fill_n(range.most, roundedColumns, mostWeightInteger);
  return range;
}

void ChannelGrid::keep(int64_t column, int64_t columns,
                       const ColumnRow *rounded) {
  for (int64_t k = 0; k < matrix.sums; ++k)
    for (int64_t n = 0; n < columns; ++n)
      integers[size_t(k * matrix.sumStep + (column + n) * matrix.columnStep)] =
          int8_t(std::nearbyint(rounded[k][n] / scale[n]));
  for (int64_t n = 0; n < columns && !scales.empty(); ++n)
    scales[size_t(column + n)] = scale[n];
}

} // namespace lambent::quantization
