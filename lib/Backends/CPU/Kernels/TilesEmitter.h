//===- TilesEmitter.h - Products on tiles of matrices -----------*- C++ -*-===//
//
// The chunks of a lir.matmul on a tile unit, whatever its rows are made of:
// a chunk lays them out as tiles and multiplies them in SplitBlocks.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILESEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILESEMITTER_H

#include "SplitBlocks.h"
#include "SplitTilesPlan.h"
#include "TileOutput.h"

namespace lambent::cpu {

class TilesEmitter : public PackedBlocks {
public:
  TilesEmitter(lir::MatmulOp op, KernelBuilder &builder, TileUnit &unit,
               const SplitTilesPlan &plan)
      : PackedBlocks(builder, unit, plan, plan.getScratch()), op(op),
        plan(plan) {}

  llvm::LogicalResult emit();

protected:
  /// Lays the chunk's rows out as tiles and multiplies them, with
  /// multiplyTiles.
  virtual void emitRows() = 0;
  void multiplyTiles();
  /// Calls `body` with where rows from `row` on go in a panel.
  void
  store(mlir::Value panel, PanelWidth width, mlir::Value row, mlir::Value stage,
        llvm::function_ref<llvm::LogicalResult(const TileOutput &output)> body);
  /// A row of lhs in the model.
  mlir::Value getRow(mlir::Value row) {
    mlir::Value bytes =
        builder.mul(row, plan.product.lhs.row * plan.product.getElementBytes());
    return builder.bytePtr(input, bytes);
  }

  lir::MatmulOp op;
  const SplitTilesPlan &plan;

  // Of the current chunk.
  mlir::Value rowBegin, rowEnd;

private:
  void emitChunk(mlir::Value chunk);
  void finish(const Block &block, mlir::Value stage) override;
  mlir::Value batchPtr(mlir::Value base, llvm::ArrayRef<Size> strides,
                       int64_t elementBytes);

  llvm::SmallVector<mlir::Value> batchIndices;
  mlir::Value input; ///< lhs of this product in the batch
};

} // namespace lambent::cpu

#endif
