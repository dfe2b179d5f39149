//===- KernelSymbols.h - The symbols that a kernel's code reads -*- C++ -*-===//
//
// Kernels that differ in nothing but which symbols their sizes follow from have
// the same code: it finds the values of its symbols in the order in which the
// kernel names them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_IR_KERNELSYMBOLS_H
#define LAMBENT_LOWERING_IR_KERNELSYMBOLS_H

#include "mlir/IR/Operation.h"

namespace lambent::lir {

/// The symbols of an op's attributes, operands and region, each once, in the
/// order in which they come.
llvm::SmallVector<unsigned> listSymbols(mlir::Operation *op);

/// Makes symbol `symbols[i]` symbol i, in the op and in the types of its
/// operands, which are arguments of the block that it is in.
void renumberSymbols(mlir::Operation *op, llvm::ArrayRef<unsigned> symbols);

} // namespace lambent::lir

#endif
