//===- ShortVariants.h - When sums of bytes' products are short -*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SHORTVARIANTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SHORTVARIANTS_H

#include "Variants.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Whether an op multiplies unsigned by signed bytes, with sums of i32.
bool isOfBytes(lir::MatmulOp op);
bool isOfBytes(lir::ConvOp op);

/// Whether the target adds up products of bytes in 16 bits, and not in 32.
bool knowsShortSums(const TargetInfo &target);

Proposal proposeShortPanels(mlir::Operation *op, const Selection &selection);
Proposal proposeShortConv(mlir::Operation *op, const Selection &selection);

} // namespace lambent::cpu

#endif
