//===- SparseVariants.h - When steps that are zero are left out -*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEVARIANTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEVARIANTS_H

#include "Variants.h"

namespace lambent::cpu {

/// Room for `most` kept steps of `steps`, rounded up so that kernels don't
/// differ by few.
int64_t roundKeptSteps(int64_t most, int64_t steps);

/// Why a kernel without the zero steps is not proposed: of steps of `columns`
/// weights the part `zeros` is zero, and from the part `breakEven` on leaving
/// them out should save enough.
std::string explainZeros(double zeros, int64_t columns, double breakEven);

Proposal proposeSparsePanels(mlir::Operation *op, const Selection &selection);
Proposal proposeSparseGemm(mlir::Operation *op, const Selection &selection);
Proposal proposeSparseWinograd(mlir::Operation *op, const Selection &selection);

} // namespace lambent::cpu

#endif
