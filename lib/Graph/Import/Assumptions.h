//===- Assumptions.h - What is taken for granted of input sizes -*- C++ -*-===//
//
// Where a model's open dims may have sizes for which it means something else
// than for all others, it is imported once for these others, and the run checks
// that. A version of the model that assumes less serves the rest.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ASSUMPTIONS_H
#define LAMBENT_LIB_GRAPH_IMPORT_ASSUMPTIONS_H

#include "lambent/Sizes/Size.h"
#include "llvm/ADT/DenseMap.h"

namespace lambent::graph {

/// What one import takes for granted, or would have to.
struct SizeAssumptions {
  /// Open dims that meet in an op that broadcasts are equal. Otherwise each may
  /// be 1 where another is not.
  bool equalDims = false;
  /// Where branches give results of different ranks, and input sizes alone
  /// decide which is taken: whether it is the one that most sizes take, by
  /// condition, in the order in which they are met. Of conditions behind the
  /// last it is.
  llvm::SmallVector<bool> usualBranches;

  /// So many conditions may decide which branches are taken: each may double
  /// the number of versions.
  static constexpr size_t mostConditions = 3;
};

/// What became of dims that met: the sizes that each such size is one of.
using MetSizes = llvm::DenseMap<mlir::AffineExpr, Sizes>;

/// Whether it is a number or a symbol. What follows from symbols, as the length
/// of a cache with what is new, hardly ever is 1 where it meets another size.
bool isPlainSize(const Size &size);

/// 1 where a size is not 1, else 0.
Size isNotOne(const Size &size);

} // namespace lambent::graph

#endif
