//===- Migration.h - By how much channels are divided -----------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_MIGRATION_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_MIGRATION_H

#include "Quantization.h"

namespace lambent::quantization {

/// A product whose weight takes the factors of the channels that it reads.
struct MigrationReader {
  const Product *product;
  WeightMatrix matrix;
  graph::FloatTensor values;
};

/// A tensor and what multiplies its channels.
struct MigratedTensor {
  const TensorProfile &profile; ///< with channels
  llvm::ArrayRef<MigrationReader> readers;
  const RangeOptions &range;
  bool isPerTensor;     ///< one scale for each weight
  bool hasOtherReaders; ///< that read its integers as numbers
};

/// What channels are divided by, for the strength that is asked for, or the one
/// that leaves least noise: none where that is no division.
std::vector<double> chooseMigration(const MigratedTensor &tensor,
                                    const MigrationStrength &strength);

} // namespace lambent::quantization

#endif
