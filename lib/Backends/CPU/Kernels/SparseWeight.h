//===- SparseWeight.h - Constants whose zeros may be left out ---*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEWEIGHT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEWEIGHT_H

#include "Variants.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// A constant of f32 or i8.
struct SparseWeight {
  llvm::ArrayRef<char> data; ///< of one element with `splat`
  bool splat = false;
  llvm::ArrayRef<int64_t> shape;
  double zeros = 0; ///< the part of it that is 0
};

/// Fewer zeros are not looked into: what is left out saves no more than its
/// part of the time, and each way to leave it out costs some of that.
constexpr double kLeastZeros = 0.1;

/// The part of dense weights' time that a kernel must save. There are two,
/// since estimates err by different factors (docs/performance.md): lists of
/// vectors promised 2.0 where they gained 1.2, and promise too much most of all
/// where few steps are left out.
constexpr double kLeastListGain = 0.2;
/// What rows of weights take was predicted within a factor of 1.18.
constexpr double kLeastRowGain = 0.05;

/// A weight of `element`, f32 or i8, whose zeros may be left out and, with
/// `needsZeros`, that has some; else `reason` says why not.
std::optional<SparseWeight> findZeros(lir::WeightOp weight, mlir::Type element,
                                      const Selection &selection,
                                      std::string &reason,
                                      bool needsZeros = true);

} // namespace lambent::cpu

#endif
