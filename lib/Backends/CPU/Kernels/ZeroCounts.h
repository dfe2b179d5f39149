//===- ZeroCounts.h - How many of a constant's numbers are 0 ----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ZEROCOUNTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ZEROCOUNTS_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Counts the zeros of constants, of each once, whichever ops and variants ask.
class ZeroCounts {
public:
  /// The part that is 0 of a constant of f32 or i8 that has elements; none
  /// where it has lost its data.
  std::optional<double> getShare(lir::WeightOp weight) const;

private:
  /// By values, which stay when a weight's op is packed and erased.
  mutable llvm::DenseMap<mlir::Attribute, double> shares;
};

} // namespace lambent::cpu

#endif
