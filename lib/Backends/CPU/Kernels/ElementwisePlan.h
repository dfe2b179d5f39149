//===- ElementwisePlan.h - How an elementwise op becomes loops --*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ELEMENTWISEPLAN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ELEMENTWISEPLAN_H

#include "Chunks.h"
#include "StridedDomain.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// How one op becomes loops: decided once, from shapes and target. The dim
/// along which the output is contiguous is the vector dim.
class ElementwisePlan {
public:
  ElementwisePlan(lir::ElementwiseOp op, const TargetInfo &target);

  lir::ElementwiseOp op;
  StridedDomain domain;
  unsigned numOutputs;
  int64_t vectorDim;
  int64_t lanes; ///< 0: scalars
  /// The other dim of transposed tiles of lanes x lanes, or -1.
  int64_t tileDim = -1;
  /// The last dim where vectors run along the one before it, or -1.
  int64_t shortDim = -1;
  unsigned elementBits = 0; ///< of the widest type, where there is a short dim
  /// The leading dims (those but the tile's) that items count through.
  llvm::SmallVector<int64_t> itemDims;
  int64_t block; ///< how much of the vector dim an item takes
  Chunks chunks;

  const Size &size(int64_t dim) const { return domain.sizes[dim]; }
  unsigned numInputs() const { return domain.accesses.size() - numOutputs; }
  bool isTransposed(unsigned operand) const {
    return tileDim >= 0 && operand < numInputs() &&
           isTransposedAlong(operand, tileDim);
  }
  Size tileBlocks() const {
    return tileDim < 0 ? Size(1) : size(tileDim).ceilDiv(lanes);
  }
  Size vectorBlocks() const { return size(vectorDim).ceilDiv(block); }

private:
  /// Whether the last dim fills little of a vector of `full` lanes and the
  /// outputs' rows of it lie side by side.
  bool isShort(int64_t full, int64_t bits) const;
  bool isTransposedAlong(unsigned operand, int64_t dim) const;
  void findTile(int64_t fullLanes);
  void cut();
};

} // namespace lambent::cpu

#endif
