//===- PanelLayout.h - How constants are cut into panels --------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_PANELLAYOUT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_PANELLAYOUT_H

#include "ConvPlan.h"
#include "MatmulPlan.h"

namespace lambent::cpu {

/// Panels of a constant: which there are, [outer...], and what is in each,
/// [inner...].
struct PanelLayout {
  mlir::AffineMap map; ///< from both to the constant
  llvm::SmallVector<int64_t> outer, inner;

  int64_t countPanels() const;
  /// [outer..., inner...].
  llvm::SmallVector<int64_t> getShape() const;
};

/// Of a rhs: [batch or 1 ..., panel, k, column], where a step takes several k
/// [batch or 1 ..., panel, step, column, k].
PanelLayout getPanelLayout(lir::MatmulOp op, const MatmulPlan &plan);
/// Of a filter: [group, panel, tap..., channel, column], where a step takes
/// several channels [group, panel, tap..., step, column, channel].
PanelLayout getPanelLayout(lir::ConvOp op, const ConvPlan &plan);

} // namespace lambent::cpu

#endif
