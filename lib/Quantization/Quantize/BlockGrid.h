//===- BlockGrid.h - Integers in blocks that share scales -------*- C++ -*-===//
//
// Each block of consecutive weights of a column has a scale and, with the
// asymmetric schema, a zero point: w = scale * (q - zero). Of some ranges the
// one with the least squared error is taken.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKGRID_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKGRID_H

#include "WeightRounding.h"
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
class BlockGrid final : public WeightGrid {
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

private:
  /// The scales and zero points of a group, for a strip of columns.
  struct Scales {
    ColumnRow scale, zero;
  };
  void makeScales(const ColumnRow &least, const ColumnRow &most,
                  Scales &scales) const;
  void roundTo(const Scales &scales, const ColumnRow &row,
               ColumnRow &rounded) const;
  void addErrors(const Scales &scales, llvm::ArrayRef<float> importance,
                 const ColumnRow *rows, ColumnRow &errors) const;

  const BlockFormat format;
  const Schema schema;
  const int64_t group;
  SummedMatrix matrix;
  int64_t groupStep, columnStep; ///< in the tensors of scales
  std::vector<Scales> strip;     ///< of each group
  Blocks blocks;
};

} // namespace lambent::quantization

#endif
