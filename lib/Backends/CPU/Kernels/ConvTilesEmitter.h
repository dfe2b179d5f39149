//===- ConvTilesEmitter.h - Convolutions on tiles of matrices ---*- C++ -*-===//
//
// output[pixel, oc] = sum over taps and ic of input[pixel + tap, ic] *
// filter[tap, ic, oc], an implicit product whose k is taps x channels, by
// SplitBlocks: a step is a line of channels of one tap, and for each tap a tile
// of lhs lies so many rows and columns further in the slab that the chunk has
// laid out, whatever its pixels are made of.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVTILESEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CONVTILESEMITTER_H

#include "ConvSlab.h"
#include "SplitBlocks.h"

namespace lambent::cpu {

class ConvTilesEmitter : public SplitBlocks {
public:
  ConvTilesEmitter(lir::ConvOp op, KernelBuilder &builder, TileUnit &unit,
                   const SplitConvPlan &plan)
      : SplitBlocks(builder, unit, plan, plan.getScratch(),
                    plan.getColumns().stride * DotStep::kRowBytes,
                    plan.getSlabPartBytes()),
        op(op), plan(plan) {}

  llvm::LogicalResult emit();

protected:
  /// Lays the chunk's slab out and multiplies it, with multiplyTiles.
  virtual void emitSlab(ConvSlab &slab) = 0;
  void multiplyTiles() { multiply({countTiles()}); }

  /// A pixel: its row of the chunk, and its column there.
  struct Place {
    mlir::Value row, column;
  };
  /// A tap's place in the slab, in pixels of its plane.
  struct Tap {
    mlir::Value plane, offset;
  };
  Tap getTap(mlir::Value tap);
  /// The output's indices of a pixel and the first column of a panel.
  llvm::SmallVector<mlir::Value> getIndices(mlir::Value panel, mlir::Value row,
                                            mlir::Value column);

  lir::ConvOp op;
  const SplitConvPlan &plan;
  ConvPiece piece; ///< of the current chunk

private:
  void emitChunk(mlir::Value chunk);
  mlir::Value getTile(mlir::Value tile) override;
  mlir::Value getStepOffset(mlir::Value step) override;
  void finish(const Block &block, mlir::Value stage) override;
  mlir::Value countTiles();
  /// A tile's first pixel.
  Place getPlace(mlir::Value tile);
};

} // namespace lambent::cpu

#endif
