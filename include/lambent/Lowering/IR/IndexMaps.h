//===- IndexMaps.h - The affine maps of lir's operands ----------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_IR_INDEXMAPS_H
#define LAMBENT_LOWERING_IR_INDEXMAPS_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace lambent::lir {

/// One result of an index map: `dim * stride + offset`, or `offset` alone when
/// `dim` is -1 (stride is 0 then). An offset may be a size that is open.
struct IndexTerm {
  int64_t dim = -1;
  int64_t stride = 0;
  Size offset = 0;

  bool operator==(const IndexTerm &other) const = default;
  bool isDim() const { return dim >= 0 && stride == 1 && offset.is(0); }
  bool isZero() const { return dim < 0 && offset.is(0); }
};

/// Reads `expr` as a term; failure when it is anything else.
mlir::FailureOr<IndexTerm> getIndexTerm(mlir::AffineExpr expr);

/// The terms of all of a map's results; failure when one is not a term.
mlir::FailureOr<llvm::SmallVector<IndexTerm>>
getIndexTerms(mlir::AffineMap map);

mlir::AffineExpr getIndexExpr(const IndexTerm &term,
                              mlir::MLIRContext *context);
mlir::AffineMap getIndexMap(unsigned dims, llvm::ArrayRef<IndexTerm> terms,
                            mlir::MLIRContext *context);

/// How an operand is found for an index of the domain's first dim.
enum class Batching {
  Batched, ///< at that index of its own first dim, and nowhere else
  Shared,  ///< whatever the index is
  Mixed,   ///< otherwise
};
Batching getBatching(mlir::AffineMap map);

/// Checks that `map` takes `domain` into the bounds of `buffer` by terms, as far
/// as the sizes' forms show.
/// `what` names the map in messages.
mlir::LogicalResult
verifyIndexMap(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
               llvm::StringRef what, mlir::AffineMap map,
               llvm::ArrayRef<Size> domain, mlir::MemRefType buffer);

} // namespace lambent::lir

#endif
