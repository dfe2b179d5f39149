//===- ShortSums.h - Sums of products of bytes in 16 bits -------*- C++ -*-===//
//
// What kernels::ShortPacking splits off of weights is added in extra steps, of
// which a panel has a list.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SHORTSUMS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SHORTSUMS_H

#include "RegisterTile.h"
#include "lambent/Lowering/Kernels/ShortPacking.h"

namespace lambent::cpu {

/// What an algorithm says of them.
struct ShortSums {
  int64_t chain = 0;      ///< steps added up in 16 bits; 0: in 32 bits
  int64_t extraSteps = 0; ///< of a panel, at most
  std::string describe() const {
    return " short, chains of " + std::to_string(chain) + ", " +
           std::to_string(extraSteps) + " extra";
  }
};

/// The extra steps of a packed panel.
class ShortExtra {
public:
  ShortExtra(KernelBuilder &builder, const kernels::ShortPanel &layout,
             mlir::Value panel)
      : builder(builder), layout(layout), panel(panel) {}

  /// Adds those of `sections` sections from `first` on to rows [rowBegin,
  /// rowEnd): `operands` are those of all steps of these sections.
  void accumulate(RegisterTile &registers, const TileOperands &operands,
                  int64_t rowBegin, int64_t rowEnd, mlir::Value first,
                  int64_t sections);

private:
  /// Number `index` of the list at `offset` of the panel.
  mlir::Value load(int64_t offset, mlir::Value index);

  KernelBuilder &builder;
  kernels::ShortPanel layout;
  mlir::Value panel;
};

} // namespace lambent::cpu

#endif
