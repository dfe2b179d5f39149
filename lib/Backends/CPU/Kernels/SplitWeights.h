//===- SplitWeights.h - Constants as sums of bf16 parts ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITWEIGHTS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITWEIGHTS_H

#include "SplitProduct.h"
#include "Variants.h"
#include "lambent/Lowering/IR/WeightData.h"

namespace lambent::cpu {

/// Whether the target has a tile unit.
bool knowsSplitTiles(const TargetInfo &target);

/// Estimates are rough: tiles must take so much less than multiply-adds. Empty
/// where they do.
std::string explainTime(double cycles, double others);

/// How a rhs is packed.
struct SplitLayout {
  llvm::SmallVector<int64_t> shape;
  lir::SplitPackingAttr packing;
};

/// Which lhs products with these weights are right for, of sums of `depth`
/// products. Without a value `reason` says why there is none.
std::optional<SplitRange> boundLhs(lir::WeightOp weight,
                                   const SplitLayout &layout, int64_t depth,
                                   bool strict, std::string &reason);

} // namespace lambent::cpu

#endif
