//===- TileOutput.h - What becomes of a tile's sums -------------*- C++ -*-===//
//
// Whatever summed them up, each row goes through the op's epilogue and to the
// op's output.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEOUTPUT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEOUTPUT_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

class ByteStores;

/// Where a tile's results go: row r at element outputOffset(r) of `output`,
/// columns side by side.
struct TileOutput {
  mlir::Operation *op = nullptr; ///< with the epilogue
  mlir::Value output;
  mlir::Value columns; ///< that exist, null for all of the tile's
  /// The output's index of row r, column 0 (i64 values, the last one the
  /// column's).
  llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value row)>
      indexOfRow;
  /// Room for the tile's accumulators. Heavy epilogues run in a loop over rows
  /// held there.
  mlir::Value stage;

  /// The buffer's type.
  mlir::MemRefType getType() const;
};

/// Whether an epilogue is so long that one copy of it per accumulator is too
/// much code.
bool isHeavyEpilogue(mlir::Operation *op, const TargetInfo &target);

/// The valid lanes of vector `v` of a row of `columns`; null for all.
mlir::Value countColumns(KernelBuilder &builder, mlir::Value columns, int64_t v,
                         int64_t lanes);

/// Applies the epilogue to a row, its vectors side by side, and stores it, with
/// `stores` together with what waits there. All but the last have the lanes of
/// the first. Failure was reported on the op.
llvm::LogicalResult storeTileRow(KernelBuilder &builder,
                                 const TileOutput &output, mlir::Value row,
                                 llvm::ArrayRef<mlir::Value> values,
                                 ByteStores *stores = nullptr);

/// The same of rows [0, count) in `output.stage`, vectors of these types each,
/// in a loop; with `exists`, an i1 for a row, of those only.
llvm::LogicalResult
storeStagedRows(KernelBuilder &builder, const TileOutput &output,
                mlir::Value count, llvm::ArrayRef<mlir::VectorType> vectors,
                int64_t rowElements,
                llvm::function_ref<mlir::Value(mlir::Value)> exists = nullptr);

} // namespace lambent::cpu

#endif
