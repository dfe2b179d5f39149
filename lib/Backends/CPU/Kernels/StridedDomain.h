//===- StridedDomain.h - A domain and its operands' strides ---------------===//
//
// The maps of lir.elementwise as plain strides: dims of size 1 drop out, dims
// are ordered by the output's stride, and neighbours that every operand walks
// through without a gap become one.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_STRIDEDDOMAIN_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_STRIDEDDOMAIN_H

#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Where an operand's element is: offset + sum of index * stride, in elements.
struct Access {
  mlir::Type elementType;
  Size offset = 0;
  Sizes strides; ///< one a dim of the domain
};

struct StridedDomain {
  Sizes sizes;
  llvm::SmallVector<Access> accesses; ///< the op's operands in order
  /// For each dim of the op's domain the dim here that it is, or -1 (size 1).
  /// Dims that the region asks for by lir.index are never merged.
  llvm::SmallVector<int64_t> dimOf;

  explicit StridedDomain(lir::ElementwiseOp op);

  int64_t rank() const { return sizes.size(); }
  /// The element that operand `operand` has at `indices`.
  mlir::Value position(KernelBuilder &builder, unsigned operand,
                       mlir::ValueRange indices) const;

private:
  void mergeNeighbours(const llvm::SmallVector<bool> &keep);
};

} // namespace lambent::cpu

#endif
