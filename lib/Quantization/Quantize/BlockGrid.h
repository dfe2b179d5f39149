//===- BlockGrid.h - Integers in blocks that share scales -------*- C++ -*-===//
//
// Each block of consecutive weights of a column has a scale and, with the
// asymmetric schema, a zero point: w = scale * (q - zero). Of some ranges the
// one with the least squared error is taken.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKGRID_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKGRID_H

#include "IntegerGrid.h"
#include "lambent/Quantization/Quantize.h"

namespace lambent::quantization {

/// The integers of weights, and the type that holds them.
struct BlockFormat {
  int32_t dataType;
  unsigned bits;
  int least, most;
  bool hasZero;
};

BlockFormat getBlockFormat(const QuantizeOptions &options);

/// The integers of a matrix, a byte each, with their scales and zero points.
struct Blocks {
  std::vector<int64_t> dims; ///< of the scales
  std::string integers, zeros;
  std::vector<float> scales;
};

/// Blocks along an axis of a matrix.
class BlockGrid final : public IntegerGrid {
public:
  BlockGrid(const BlockFormat &format, const QuantizeOptions &options,
            const graph::FloatTensor &matrix, int64_t sumAxis);

  const SummedMatrix &getMatrix() const { return matrix; }
  const Blocks &getBlocks() const { return blocks; }
  /// What the integers stand for, as the matrix lies.
  std::vector<float> dequantize() const;

  int64_t getGroup() const override { return group; }
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
  void makeScales(const ColumnRow &least, const ColumnRow &most,
                  GridScales &scales) const;
  void roundTo(const GridScales &scales, const ColumnRow &row,
               ColumnRow &rounded) const;
  void addErrors(const GridScales &scales, llvm::ArrayRef<float> importance,
                 const ColumnRow *rows, ColumnRow &errors) const;

  const BlockFormat format;
  const Schema schema;
  const int64_t group;
  SummedMatrix matrix;
  int64_t groupStep, columnStep; ///< in the tensors of scales
  std::vector<GridScales> strip; ///< of each group
  Blocks blocks;
};

} // namespace lambent::quantization

#endif
