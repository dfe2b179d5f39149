//===- Donation.h - Which outputs take the memory of inputs -----*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_DONATION_H
#define LAMBENT_LIB_COMPILER_DONATION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

namespace lambent {

/// Marks the inputs of `main` that give their memory to an output with
/// `graph.donated`, the output's number. A name may hold a `*`, which stands
/// for the same text in both. Fails, with one message for each, where there is
/// no such input or output, where one is named twice, and where types differ.
llvm::Error
markDonations(mlir::func::FuncOp main,
              llvm::ArrayRef<std::pair<std::string, std::string>> donations);

} // namespace lambent

#endif
