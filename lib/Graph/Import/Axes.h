//===- Axes.h - Axes that are an input of a node ----------------*- C++ -*-===//
//
// Where an input of axes is known, handlers use axes of graph ops. Where a run
// decides which they are, their number is still known, and so is the rank of
// the result; its sizes are then computed from marks, which say of each dim
// whether it is one of the axes.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_AXES_H
#define LAMBENT_LIB_GRAPH_IMPORT_AXES_H

#include "Lists.h"

namespace lambent::graph {

/// The axes of an input, counted from the front or the end.
struct Axes {
  llvm::SmallVector<int64_t> known;
  /// i64[n], where a run decides them, maybe even their number; else null.
  mlir::Value open;
};

/// Reads a vector of axes; of an input that is a scalar, one axis. Where a rank
/// follows from their number, that has to be known (`getLength`).
Axes readAxes(Node &node, unsigned index, llvm::StringRef name);

/// Axes that a run decides, counted from the front. The run ends with an error
/// where one is out of [-rank, rank).
mlir::Value normalizeOpenAxes(Node &node, mlir::Value axes, int64_t rank);

/// i64[rank]: 1 at each of the axes (counted from the front), 0 elsewhere. The
/// run ends with an error where an axis is given twice.
mlir::Value markAxes(Node &node, mlir::Value axes, int64_t rank);

/// The entries of `dims` that are not marked, in order: `count` of them.
mlir::Value dropMarked(Node &node, mlir::Value dims, mlir::Value marks,
                       int64_t count);

/// A list as long as `marks`: 1 where there is a mark, elsewhere the entries of
/// `dims` in order.
mlir::Value spreadUnmarked(Node &node, mlir::Value dims, mlir::Value marks);

/// Given an entry for each of the axes: a list of `rank` entries that has these
/// at the axes (counted from the front) and 0 elsewhere.
mlir::Value spreadEntries(Node &node, mlir::Value entries, mlir::Value axes,
                          int64_t rank);

/// What is done to a tensor along one axis after the other.
struct AlongAxis {
  /// The size (i64[1]) that takes the place of that of the axis, given the
  /// number of the step.
  llvm::function_ref<mlir::Value(int64_t, mlir::Value)> resize;
  /// The step itself: to a tensor [before, size, behind], with the new size
  /// (i64[1]) that has been decided, along dim 1.
  llvm::function_ref<mlir::Value(int64_t, mlir::Value, mlir::Value)> step;
};

/// Does `work` along axes that a run decides. With `keepDims` the result has
/// the dims of `x` but for the new sizes, else it has none at the axes.
mlir::Value walkAxes(Node &node, mlir::Value x, mlir::Value axes, bool keepDims,
                     const AlongAxis &work);

} // namespace lambent::graph

#endif
