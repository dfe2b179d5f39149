//===- SplitPacking.h - f32 constants as sums of bf16 numbers ---*- C++ -*-===//
//
// x = hi + lo + lo2, each the rest rounded to bf16 (to nearest, ties to even).
// Three parts give back every bit of an f32 that is far from the smallest ones.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SPLITPACKING_H
#define LAMBENT_LOWERING_KERNELS_SPLITPACKING_H

#include "lambent/Lowering/Kernels/Packing.h"

namespace lambent::kernels {

/// Splits `value` into `count` parts, as bits. The parts behind one that is not
/// finite are 0.
void splitFloat(float value, uint16_t *parts, int64_t count);

/// What panels hold, as far as it bounds sums of products with them.
struct ColumnScales {
  bool isFinite = true;
  /// The largest and the least of the columns' largest magnitudes; of columns
  /// that are all 0 there is none. 0 where all are.
  float most = 0, least = 0;
};

/// Carries out #lir.split_packing: f32 panels [batch..., panel, K, column] that
/// `map` reads from the source, as bf16 [batch..., part, panel, K / 2, column,
/// 2]. K may be several dims, `taps` of them before the halved one.
class SplitPacking : public lir::Packer {
public:
  static llvm::Expected<SplitPacking>
  create(mlir::AffineMap map, llvm::ArrayRef<int64_t> packedShape,
         llvm::ArrayRef<int64_t> sourceShape, int64_t taps = 0);

  /// What pack's range counts: a panel of one product of the batch.
  int64_t getNumRows() const override { return batch * panels; }
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;
  /// Reads all panels. Denormal numbers count as 0 where they are flushed.
  ColumnScales measure(const char *source, bool splat,
                       bool flushesDenormals) const;

private:
  SplitPacking(Packing panelPacking) : panelPacking(std::move(panelPacking)) {}

  Packing panelPacking; ///< of the f32 panels
  int64_t batch = 1, parts = 1, panels = 1, depth = 0, columns = 1;
};

} // namespace lambent::kernels

#endif
