//===- IndexPlaces.h - What indices mean, and what they ask ----*- C++ -*-===//
//
// Shared by what reads and what writes by index.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IR_INDEXPLACES_H
#define LAMBENT_LIB_GRAPH_IR_INDEXPLACES_H

#include "Shapes.h"

namespace lambent::graph {

/// Fails unless indices are i32 or i64.
mlir::LogicalResult checkIndices(mlir::RankedTensorType type,
                                 EmitError emitError);

/// Fails unless indices are such, one for each element of a result or update
/// along `axis`: of data's rank, and no larger than data in the other dims.
mlir::LogicalResult checkElementIndices(mlir::RankedTensorType data,
                                        mlir::RankedTensorType indices,
                                        int64_t axis, EmitError emitError);

/// Fails unless the last dim of indices holds tuples into dims of data from dim
/// `batch` on.
mlir::LogicalResult checkIndexTuples(mlir::RankedTensorType data,
                                     mlir::RankedTensorType indices,
                                     int64_t batch, EmitError emitError);

/// What is looked up or updated in `count` dims from `axis` on needs elements
/// there, unless `moved`, the shape of what moves, is empty.
mlir::LogicalResult checkChoices(mlir::RankedTensorType data, int64_t axis,
                                 int64_t count, llvm::ArrayRef<Size> moved,
                                 EmitError emitError);

/// The dims of data that tuples lead into; none where their number is open.
llvm::ArrayRef<int64_t> getIndexedDims(mlir::RankedTensorType data,
                                       mlir::RankedTensorType indices,
                                       int64_t batch);

/// The rules for indices into one dim, none where it is open.
llvm::SmallVector<ValueRule> getIndexRules(mlir::Value data,
                                           mlir::Value indices, int64_t axis);

/// The place in a dim that an index means, which counts from the end where it
/// is negative; nothing where it leads out of the dim: that is left to
/// graph-check-values.
std::optional<int64_t> findPlace(int64_t index, int64_t dim);

/// The place in dims as one, row by row, that a tuple means.
struct TuplePlace {
  std::optional<int64_t> place; ///< nothing where an index is not known
  bool isWrong = false;         ///< an index leads out of its dim
};
TuplePlace findPlace(llvm::ArrayRef<mlir::Attribute> tuple,
                     llvm::ArrayRef<int64_t> dims);

} // namespace lambent::graph

#endif
