//===- RegisterTile.h - The register tile that every product is made of ---===//
//
// acc[r][v] += sum over k of lhs[r, k] * rhs[k, v] for `rows` rows and
// `vectors` vectors of columns, all accumulators in registers. What a step
// takes of lhs (TileProduct) is broadcast from memory; a step of rhs is
// `vectors` neighbouring vectors. Callers split their work into tiles whose
// sizes are constants, so that a tile has no tails. Of rows whose number a run
// decides a tile has only some: there is a loop over k for each number, all
// behind one choice.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_REGISTERTILE_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_REGISTERTILE_H

#include "TileOutput.h"
#include "TileProduct.h"

namespace lambent::cpu {

/// What a tile fetches into L2 while it computes: its part of the panel that
/// comes next. A part is some streams of lines, one after the other.
struct PanelPrefetch {
  mlir::Value base;  ///< the part's first byte; null: nothing
  int64_t lines = 0; ///< in each trip of the loop over k, of all streams
  int64_t streams = 1;
  int64_t streamBytes = 0; ///< from one stream's first line to the next's

  /// Fetches those lines of the trip that begins at `k` and takes `tripSteps`
  /// steps that belong to piece `piece` of `pieces`: they are spread over a
  /// trip, for a burst would hold up the loads.
  void fetch(KernelBuilder &builder, mlir::Value k, int64_t tripSteps,
             int64_t piece, int64_t pieces) const;
};

/// Where a tile finds its operands: step k of row r at lhs + rowOffsets[r] + k
/// * lhsStep, that of column j at rhs + k * rhsStep + j * group, counted in
/// elements. With vectorOffsets, vector v of rhs begins there instead of at
/// column v * lanes. With lhsOffsets, step k of row r is at lhs + lhsOrigin +
/// lhsOffsets[k] + rowOffsets[r] instead.
struct TileOperands {
  mlir::Value lhs;
  /// Of each row from `lhs`, in elements (i64).
  llvm::SmallVector<mlir::Value> rowOffsets;
  Size lhsStep = 1;
  mlir::Value lhsOffsets; ///< u32s; null: steps are lhsStep apart
  mlir::Value lhsOrigin;  ///< i64, which may be negative; null: 0
  mlir::Value rhs;
  Size rhsStep = 0;
  llvm::SmallVector<int64_t> vectorOffsets;
  /// Columns that may be read when rhs is not padded to the tile; null: all.
  mlir::Value readableColumns;
  mlir::Value depth; ///< steps of k
  /// The element of lhs from which step k's rows are found.
  mlir::Value getLhsPosition(KernelBuilder &builder, mlir::Value k) const;
  PanelPrefetch prefetch;
};

class RegisterTile {
public:
  /// With `existingRows` (an i64, at least 1) the rows from there on are
  /// neither read nor computed nor stored. The last vector of a row may have
  /// fewer lanes than the others: `lastLanes`, 0 for as many.
  RegisterTile(KernelBuilder &builder, const TileProduct &product, int64_t rows,
               int64_t vectors, mlir::Value existingRows = nullptr,
               int64_t lastLanes = 0);

  /// Sets the accumulators to zero.
  void clear();
  /// Adds the products of rows [rowBegin, rowEnd).
  void accumulate(const TileOperands &operands, int64_t rowBegin,
                  int64_t rowEnd);
  void accumulate(const TileOperands &operands) {
    accumulate(operands, 0, rows);
  }
  /// Fetches the lines that `store` will write, and those of epilogue inputs
  /// that have an element for each of the output's. Stores commit in order, so
  /// that a tile of few steps waits for each line that is not in L1.
  void fetch(const TileOutput &output);
  /// A loop around accumulate: body adds to the accumulators in each trip.
  void forLoop(mlir::Value lower, mlir::Value upper,
               llvm::function_ref<void(mlir::Value)> body);
  /// Applies the epilogue and stores. Failure was reported on the op.
  llvm::LogicalResult store(const TileOutput &output);

  /// The accumulator of row r, vector v.
  mlir::Value &at(int64_t row, int64_t vector) {
    return accumulators[row * vectors + vector];
  }
  /// All of them, row after row.
  llvm::SmallVector<mlir::Value> getSums() const { return accumulators; }
  void setSums(llvm::ArrayRef<mlir::Value> sums) {
    accumulators.assign(sums.begin(), sums.end());
  }
  int64_t getRows() const { return rows; }
  int64_t getVectors() const { return vectors; }
  /// Visits the rows that exist.
  void forEachRow(llvm::function_ref<void(int64_t row)> body);

private:
  /// Whether row `row` exists, an i1; null where all rows do, and for row 0.
  mlir::Value getExistence(int64_t row) const;
  int64_t getLanes(int64_t vector) const {
    return vector + 1 == vectors ? lastLanes : product.getLanes();
  }
  /// The accumulators with the products of the rows that exist, of which there
  /// are [least, most].
  llvm::SmallVector<mlir::Value>
  accumulateExisting(const TileOperands &operands, int64_t least, int64_t most);
  /// Adds the products of rows [rowBegin, rowEnd) to these accumulators.
  void accumulateRows(const TileOperands &operands, int64_t rowBegin,
                      int64_t rowEnd, llvm::MutableArrayRef<mlir::Value> sums);
  /// Fetches a row's lines of the buffer at `base`.
  void fetchRow(mlir::Value base, mlir::MemRefType type,
                mlir::ValueRange indices, bool isWritten);

  KernelBuilder &builder;
  const TileProduct &product;
  int64_t rows, vectors;
  mlir::Value existingRows;
  int64_t lastLanes;
  llvm::SmallVector<mlir::Value> accumulators;
};

/// Calls body(panel, columns) for panels [begin, end) of `total` columns: in a
/// loop for those of `panelColumns`, then for the last one if it is narrower.
void forEachPanel(KernelBuilder &builder, mlir::Value begin, mlir::Value end,
                  int64_t total, int64_t panelColumns,
                  llvm::function_ref<void(mlir::Value, int64_t)> body);

/// What a panel is wide.
struct PanelWidth {
  int64_t vectors;   ///< that its columns take
  mlir::Value count; ///< of the columns, null where the vectors are full
};

/// The same for any number of columns, in panels of `vectors` of `lanes`.
void forEachPanel(KernelBuilder &builder, mlir::Value begin, mlir::Value end,
                  const Size &total, int64_t vectors, int64_t lanes,
                  llvm::function_ref<void(mlir::Value, PanelWidth)> body);

} // namespace lambent::cpu

#endif
