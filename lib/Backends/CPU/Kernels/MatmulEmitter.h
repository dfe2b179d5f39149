//===- MatmulEmitter.h - A product as register tiles ------------*- C++ -*-===//
//
// A chunk is a block of row tiles times a range of panels of one product of the
// batch. It goes through the panels and, within a panel, through the tiles, so
// that a panel stays in L2 while lhs passes by. Sparse panels are so short that
// it is the other way round: a tile's rows of lhs stay in L1.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_MATMULEMITTER_H

#include "CodedWeights.h"
#include "LhsDigits.h"
#include "MatmulPlan.h"
#include "PanelPacking.h"
#include "RegisterTile.h"

namespace lambent::cpu {

/// Emits one op's product as register tiles.
class MatmulEmitter {
public:
  MatmulEmitter(lir::ProductOpInterface op, KernelBuilder &builder,
                const MatmulPlan &itsPlan)
      : op(op), builder(builder), plan(itsPlan),
        product(plan.types, builder.getTarget()) {
    auto coded = llvm::dyn_cast<lir::QuantizedMatmulOp>(op.getOperation());
    if (coded)
      codes.emplace(coded, builder, plan);
    if (plan.digitRows)
      digits.emplace(coded, builder, plan, *codes);
  }

  llvm::LogicalResult emit() {
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](mlir::Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  void emitChunk(mlir::Value chunk);
  void emitPanel(mlir::Value panel, PanelWidth width);
  /// Visits the chunk's panels.
  void
  forEachPanel(llvm::function_ref<void(mlir::Value panel, PanelWidth)> body);
  /// The rhs of a panel that was packed when the model was compiled.
  TileOperands getPacked(mlir::Value panel);
  /// The rows of a tile: `most`, or where `count` is given only so many.
  struct TileRows {
    mlir::Value tile, first;
    int64_t most;
    mlir::Value count;
  };
  void emitTiles(mlir::Value panel, PanelWidth width,
                 const TileOperands &operands);
  /// Multiplies by a panel of codes: each tile decodes them, or one for all of
  /// them does.
  void emitCodedPanel(mlir::Value panel, PanelWidth width,
                      const TileOperands &operands);
  void emitTile(mlir::Value panel, PanelWidth width, const TileRows &rows,
                TileOperands operands);
  /// Adds a tile's products with a panel of codes.
  void multiplyCodes(RegisterTile &tile, const TileOperands &operands,
                     mlir::Value firstRow, mlir::Value panel);
  /// Writes the chunk's rows as digits if they are few.
  void writeDigits();
  void packLhs();
  /// Packs k of `columns` columns to packed[step of k][column][group].
  void pack(const StridedMatrix &source, mlir::Value columns,
            int64_t paddedColumns, mlir::Value packed, int64_t step);
  PanelPrefetch prefetchNext(mlir::Value rhs, mlir::Value tile,
                             int64_t vectors);
  /// Visits the chunk's tiles, those of each size in a loop of their own.
  using TileBody = llvm::function_ref<void(const TileRows &rows)>;
  void forEachTile(TileBody body);

  /// The first element of lhs or rhs for the chunk's place in the batch.
  mlir::Value batchPtr(mlir::Value base, llvm::ArrayRef<Size> strides) {
    mlir::Value offset = builder.i64(0);
    for (auto [index, stride] : llvm::zip_equal(batchIndices, strides))
      offset = builder.add(offset, builder.mul(index, stride));
    return builder.elementPtr(base, plan.element, offset);
  }

  /// The first row of a tile.
  mlir::Value rowOfTile(mlir::Value tile) {
    mlir::Value row = builder.mul(tile, plan.split.rows);
    if (!plan.rows.isNumber() || plan.split.bigTiles == plan.split.tiles)
      return row;
    mlir::Value small = builder.max(
        builder.sub(tile, builder.i64(plan.split.bigTiles)), builder.i64(0));
    return builder.sub(row, small);
  }

  /// A tile of lhs in scratch memory: [steps][rows, padded][group].
  mlir::Value packedTile(mlir::Value tile) {
    mlir::Value position = builder.mul(builder.sub(tile, tileBegin),
                                       plan.steps * plan.getPackedLhsStep());
    return builder.elementPtr(packedLhs, plan.element, position);
  }

  lir::ProductOpInterface op;
  KernelBuilder &builder;
  MatmulPlan plan;
  TileProduct product;
  std::optional<CodedWeights> codes;
  std::optional<LhsDigits> digits;
  llvm::LogicalResult status = llvm::success();

  // Of the current chunk.
  llvm::SmallVector<mlir::Value> batchIndices;
  mlir::Value tileBegin, tileEnd, panelBegin, panelEnd;
  mlir::Value lhs, rhs; ///< of this product in the batch
  mlir::Value packedLhs, packedRhs, stage;
  mlir::Value digitsAreUsable; ///< an i1
};

} // namespace lambent::cpu

#endif
