//===- SplitTilesVariant.h - When a product runs on bf16 tiles --*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H

#include "Variants.h"

namespace lambent::cpu {

/// Split tiles for a lir.matmul whose rhs is constant.
Proposal proposeSplitTiles(mlir::Operation *op, const Selection &selection);

/// The same for a lir.conv whose filter is constant.
Proposal proposeSplitConv(mlir::Operation *op, const Selection &selection);

} // namespace lambent::cpu

#endif
