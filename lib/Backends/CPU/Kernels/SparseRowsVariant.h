//===- SparseRowsVariant.h - When zeros of weights pay ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWSVARIANT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEROWSVARIANT_H

#include "Variants.h"

namespace lambent::cpu {

Proposal proposeSparseRows(mlir::Operation *op, const Selection &selection);
Proposal proposeSparseConv(mlir::Operation *op, const Selection &selection);

} // namespace lambent::cpu

#endif
