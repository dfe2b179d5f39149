//===- PruneGrid.h - Any number, or 0 where that costs least ----*- C++ -*-===//
//
// Pruning as a rounding: where index k of a column becomes 0, what is left
// makes up for it, as in GPTQ. A group of indices gets its zeros when those
// before it have become what they are, by importance[k] w^2, the error squared
// that it leaves: w^2 / [H^-1]_kk of the indices from k on (E. Frantar, D.
// Alistarh: SparseGPT, arXiv 2301.00774).
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_QUANTIZATION_PRUNE_PRUNEGRID_H
#define LAMBENT_LIB_QUANTIZATION_PRUNE_PRUNEGRID_H

#include "../Quantize/WeightRounding.h"
#include "PrunedWeights.h"

namespace lambent::quantization {

class PruneGrid final : public WeightGrid {
public:
  /// Of a matrix of some channels, `taps` indices for each of its inputs.
  /// `factors` say what an error of each costs; `kept` gets what the channels
  /// become, [channels, sums].
  PruneGrid(int64_t sums, int64_t taps, double share,
            const ZeroStructure &structure, llvm::ArrayRef<float> factors,
            llvm::MutableArrayRef<float> result);

  int64_t getGroup() const override { return group; }
  void chooseScales(int64_t group, llvm::ArrayRef<float> importance,
                    const ColumnRow *rows) override;
  void round(int64_t index, const ColumnRow &row,
             ColumnRow &rounded) const override;
  bool hasScales() const override { return false; }
  void stretchScales(int64_t group, ColumnRow &factor) override;
  void keep(int64_t column, int64_t columns, const ColumnRow *rounded) override;

private:
  const int64_t sums, taps;
  const double share;
  const ZeroStructure structure;
  const llvm::ArrayRef<float> factors;
  const llvm::MutableArrayRef<float> result;
  int64_t group;
  int64_t strip = 0; ///< the first column of the strip on its way
  /// Of the elements that were decided, and how many became 0.
  int64_t decided = 0, zeros = 0;
  /// What stays, of the strip: 1, or 0.
  std::unique_ptr<ColumnRow[]> stays;
};

} // namespace lambent::quantization

#endif
