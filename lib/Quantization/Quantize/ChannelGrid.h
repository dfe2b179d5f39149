//===- ChannelGrid.h - Integers of a scale for each channel -----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_CHANNELGRID_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_CHANNELGRID_H

#include "IntegerGrid.h"
#include "Quantization.h"

namespace lambent::quantization {

/// The largest integer of a weight, and minus the least.
constexpr float mostWeightInteger = 127;

/// Channels of a weight, each with one scale for all that it sums.
class ChannelGrid final : public IntegerGrid {
public:
  /// `integers` are laid out as the matrix is, `scales` have one for each of
  /// its columns, at first that of rounding to the nearest. A `fixedScale` that
  /// is not 0 is that of all.
  ChannelGrid(const SummedMatrix &matrix, const RangeOptions &options,
              float fixedScale, llvm::MutableArrayRef<int8_t> integers,
              llvm::MutableArrayRef<float> scales)
      : matrix(matrix), options(options), fixedScale(fixedScale),
        integers(integers), scales(scales) {}

  int64_t getGroup() const override { return matrix.sums; }
  void chooseScales(int64_t group, llvm::ArrayRef<float> importance,
                    const ColumnRow *rows) override;
  void round(int64_t index, const ColumnRow &row,
             ColumnRow &rounded) const override;
  void stretchScales(int64_t group, ColumnRow &factor) override;
  void keep(int64_t column, int64_t columns, const ColumnRow *rounded) override;
  void chooseNearestScales(int64_t column, int64_t columns,
                           const ColumnRow *rows) override;
  GridScales getScales(int64_t group) const override;
  void setScales(int64_t group, const GridScales &scales) override;
  IntegerRange getRange(const GridScales &scales) const override;

private:
  const SummedMatrix &matrix;
  const RangeOptions &options;
  const float fixedScale;
  llvm::MutableArrayRef<int8_t> integers;
  llvm::MutableArrayRef<float> scales;
  ColumnRow scale = {};
};

} // namespace lambent::quantization

#endif
