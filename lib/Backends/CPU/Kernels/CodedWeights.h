//===- CodedWeights.h - Weights of few bits, as tiles take them -*- C++ -*-===//
//
// Weight (k, column) is (code - zero) * scale, zeros and scales those of a
// block of k. Packed, panels are [N / columns][K / e][columns][e] codes, where
// e of them fill 32 bits, the first k in the lowest ones; scales and zeros are
// [N / columns][blocks][columns].
//
// A tile that decodes adds up lhs * (code - zero) for each block by itself and
// multiplies the sums by the scales: each element is exact, as it is where a
// panel is dequantized, and only sums round.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CODEDWEIGHTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CODEDWEIGHTS_H

#include "MatmulPlan.h"
#include "RegisterTile.h"

namespace lambent::cpu {

class CodedWeights {
public:
  CodedWeights(lir::QuantizedMatmulOp op, KernelBuilder &builder,
               const MatmulPlan &plan);

  bool isPacked() const { return packed; }
  /// Codes of k that are decoded together.
  static int64_t getStep(int64_t bits) { return 32 / bits; }

  /// Writes the weights of a panel to target[k * plan.getPanelStep() + column].
  void decode(mlir::Value panel, PanelWidth width, mlir::Value target);
  /// Adds the products of a tile's rows and a packed panel.
  void accumulate(RegisterTile &tile, const TileOperands &operands,
                  mlir::Value panel);

  using Values = llvm::SmallVector<mlir::Value>;
  /// The scales or zeros of a panel's part of a block, as floats.
  Values loadParameters(mlir::OpOperand &operand, mlir::Value panel,
                        PanelWidth width, mlir::Value block) const;
  /// The same of zeros, or nothing where there are none.
  Values loadZeros(mlir::Value panel, PanelWidth width,
                   mlir::Value block) const;
  /// Of a packed panel, the codes of the step that begins at k.
  Values loadDwords(mlir::Value panel, int64_t vectors, mlir::Value k) const;

private:
  /// Visits code - zero of `count` k from `k` on, a step's first one: each as
  /// vectors of columns, for `place` = 0, 1, ...
  void
  forEachCode(mlir::Value panel, PanelWidth width, mlir::Value k, int64_t count,
              llvm::ArrayRef<mlir::Value> zeros,
              llvm::function_ref<void(int64_t place, const Values &)> body);
  /// Bytes of a k that are not packed, of which the lowest bits count.
  mlir::Value loadBytes(mlir::Value panel, PanelWidth width, mlir::Value k,
                        int64_t vector);
  /// Code `place` of those that lie in each 32 bits.
  mlir::Value decodeShared(mlir::Value dwords, int64_t place);
  mlir::Value decodeBytes(mlir::Value bytes);
  /// Calls body(first k, number of k, carried) for the steps of `count` k.
  Values forEachStep(mlir::Value first, int64_t count, Values carried,
                     llvm::function_ref<Values(mlir::Value k, int64_t count,
                                               mlir::ValueRange carried)>
                         body);

  /// Its operands are found through it, also by what only reads them.
  mutable lir::QuantizedMatmulOp op;
  KernelBuilder &builder;
  const MatmulPlan &plan;
  bool packed;
  int64_t bits, step, blockSize, depth, blocks;
};

} // namespace lambent::cpu

#endif
