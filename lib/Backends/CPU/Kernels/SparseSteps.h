//===- SparseSteps.h - The steps that a sparse panel keeps ------*- C++ -*-===//
//
// A register tile goes through a panel's list (kernels::SparsePanel) instead of
// through all k: a step costs one load more, of where its lhs is.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSESTEPS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSESTEPS_H

#include "RegisterTile.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"

namespace lambent::cpu {

/// The kept steps of a packed panel.
class SparseSteps {
public:
  SparseSteps(KernelBuilder &builder, const kernels::SparsePanel &layout,
              mlir::Value panel)
      : builder(builder), layout(layout), panel(panel) {}

  /// Points `operands` at the steps of sections [first, end).
  void select(TileOperands &operands, mlir::Value first, mlir::Value end);

private:
  /// Word `index` of the panel.
  mlir::Value wordPtr(mlir::Value index);
  /// The first kept step of a section.
  mlir::Value getBegin(mlir::Value section);

  KernelBuilder &builder;
  kernels::SparsePanel layout;
  mlir::Value panel;
};

} // namespace lambent::cpu

#endif
