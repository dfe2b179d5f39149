//===- SplitTilesVariant.h - When a product runs on bf16 tiles --*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H

#include "Variants.h"

namespace lambent::cpu {

/// Split tiles for a lir.matmul whose rhs is constant.
Proposal proposeSplitTiles(mlir::Operation *op, const Selection &selection);

/// Whether the target has tiles of bf16.
bool knowsSplitTiles(const TargetInfo &target);

} // namespace lambent::cpu

#endif
