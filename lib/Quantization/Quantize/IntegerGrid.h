//===- IntegerGrid.h - Grids whose numbers are a step apart -----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_INTEGERGRID_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_INTEGERGRID_H

#include "WeightRounding.h"

namespace lambent::quantization {

/// How a group's integers become numbers, for each column of a strip: w = scale
/// * (q - zero).
struct GridScales {
  ColumnRow scale, zero;
};

/// What q - zero may be, for each column.
struct IntegerRange {
  ColumnRow least, most;
};

/// A grid of integers times scales, which may be asked for.
class IntegerGrid : public WeightGrid {
public:
  /// Chooses all scales of a strip, whose first columns are those from `column`
  /// on, as rounding to the nearest does.
  virtual void chooseNearestScales(int64_t column, int64_t columns,
                                   const ColumnRow *rows) = 0;
  virtual GridScales getScales(int64_t group) const = 0;
  virtual void setScales(int64_t group, const GridScales &scales) = 0;
  virtual IntegerRange getRange(const GridScales &scales) const = 0;
};

} // namespace lambent::quantization

#endif
