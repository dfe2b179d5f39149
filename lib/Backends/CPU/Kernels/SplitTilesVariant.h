//===- SplitTilesVariant.h - When a product runs on tiles -------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITTILESVARIANT_H

#include "Variants.h"

namespace lambent::cpu {

/// Split tiles for a lir.matmul whose rhs is constant.
Proposal proposeSplitTiles(mlir::Operation *op, const Selection &selection);

/// Tiles of narrow elements as they are for one whose rhs is constant.
Proposal proposeNarrowTiles(mlir::Operation *op, const Selection &selection);

/// Split tiles for a lir.conv whose filter is constant.
Proposal proposeSplitConv(mlir::Operation *op, const Selection &selection);

/// Tiles of narrow elements as they are for one whose filter is constant.
Proposal proposeNarrowConv(mlir::Operation *op, const Selection &selection);

/// Split tiles for both products of a lir.attention.
Proposal proposeSplitAttention(mlir::Operation *op, const Selection &selection);

} // namespace lambent::cpu

#endif
