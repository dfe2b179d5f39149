//===- IndexedDomain.h - An op's domain and operands, to be reshaped ------===//
//
// Fusion meets views: the producer writes [32, 64] and the consumer reads
// [4, 8, 64]. Both are brought to a common shape by splitting dims of their
// domains, which only changes the shapes under which their buffers are seen.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_LOWERING_TRANSFORMS_INDEXEDDOMAIN_H
#define LAMBENT_LIB_LOWERING_TRANSFORMS_INDEXEDDOMAIN_H

#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::lir {

/// A buffer seen under `shape`, and the index at which each point of the domain
/// accesses it.
struct IndexedOperand {
  mlir::Value buffer;
  Sizes shape;
  llvm::SmallVector<IndexTerm> terms;
};

struct IndexedDomain {
  Sizes sizes;
  llvm::SmallVector<IndexedOperand> operands;

  /// Splits dim `dim` into dims of `parts`, whose product is its size. Fails,
  /// changing nothing, when an operand cannot follow.
  mlir::LogicalResult splitDim(unsigned dim, llvm::ArrayRef<Size> parts);

  /// Merges dims [begin, begin + count) into one. Fails, changing nothing, when
  /// an operand does not hold them side by side.
  mlir::LogicalResult mergeDims(unsigned begin, unsigned count);

  /// Brings operand `index` to `shape`, a refinement of its own shape without
  /// unit dims, by splitting dims. Fails, leaving the domain half changed, when
  /// that is not possible: work on a copy.
  mlir::LogicalResult refineOperand(unsigned index,
                                    llvm::ArrayRef<Size> shape);
};

/// The domain and operands of an element-wise op.
mlir::FailureOr<IndexedDomain> getIndexedDomain(ElementwiseOp op);
/// The same for the domain, lhs, rhs and output of a matrix product, or the
/// operands of attention in the order of its maps. Fails where one is packed.
mlir::FailureOr<IndexedDomain>
getIndexedDomain(llvm::ArrayRef<Size> sizes, mlir::ArrayAttr maps,
                 llvm::ArrayRef<mlir::Value> buffers);

/// The coarsest shape without unit dims of which the dims of both shapes are
/// products; failure when there is none.
mlir::FailureOr<Sizes>
getCommonRefinement(llvm::ArrayRef<Size> a, llvm::ArrayRef<Size> b);

/// The operand's buffer under its shape.
mlir::Value materialize(mlir::OpBuilder &builder, mlir::Location loc,
                        const IndexedOperand &operand);

/// Writes equal accesses of a domain of `sizes` equally: a dim of one element
/// counts as 0, except where it stands at its own place.
void normalizeTerms(llvm::MutableArrayRef<IndexTerm> terms,
                    llvm::ArrayRef<Size> sizes);

/// `inner`, terms over the index of a buffer, as terms over the domain in which
/// that index is `outer`.
llvm::SmallVector<IndexTerm> composeTerms(llvm::ArrayRef<IndexTerm> inner,
                                          llvm::ArrayRef<IndexTerm> outer);

/// For each dim of a domain of `dims` dims, the term over the index of a buffer
/// that is accessed at `terms`; failure unless each dim of the domain of more
/// than one element is one whole dim of the buffer, and the other way round.
mlir::FailureOr<llvm::SmallVector<IndexTerm>>
invertTerms(llvm::ArrayRef<IndexTerm> terms, llvm::ArrayRef<Size> sizes,
            llvm::ArrayRef<Size> bufferShape);

} // namespace lambent::lir

#endif
