//===- WinogradEmitter.h - Emits a Winograd convolution ---------*- C++ -*-===//
//
// WinogradConv.cpp has the loops, products and results, WinogradInput.cpp what
// makes V of the input.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_WINOGRADEMITTER_H

#include "RegisterTile.h"
#include "WinogradPlan.h"

namespace lambent::cpu {

class WinogradEmitter {
public:
  WinogradEmitter(lir::ConvOp op, const WinogradPlan::Shape &shape,
                  KernelBuilder &builder);
  llvm::LogicalResult emit();

private:
  /// The transforms of both dims, y first.
  using Transforms = std::array<kernels::LinearTransform, 2>;
  /// Tiles [begin, end) and register tiles of a block. Where a run decides how
  /// many there are, register tiles are counted from the block's first one on,
  /// and all but the last one have `rows`; else that is null.
  struct Block {
    mlir::Value begin, end, registerBegin, registerEnd, rows;
  };
  Block getBlock(mlir::Value block);
  Block getOpenBlock(mlir::Value block);
  /// The panels [begin, end) of a chunk.
  std::pair<mlir::Value, mlir::Value> getPanels(mlir::Value chunk);
  /// The first tile of register tile `t`.
  mlir::Value getFirstTile(mlir::Value t);
  /// The tile's image and its first pixel of the output: {n, y, x}.
  llvm::SmallVector<mlir::Value> getPlace(mlir::Value tile);

  /// Chunks that transform the input of their blocks, too.
  void emitBlocks();
  /// The two stages of chunks that share it in the workspace.
  void emitInputs();
  void emitProducts();
  /// V of a block there.
  mlir::Value getSharedInputs(mlir::Value block);
  /// Products and results of the panels of a block's chunk.
  void emitPanels(const Block &block, mlir::Value chunk);
  /// Transforms the input of a block's tiles [begin, end).
  void transformInputs(const Block &block, mlir::Value begin, mlir::Value end);
  void transformInput(mlir::Value tile, mlir::Value target);
  /// Copies what a tile reads, from pixel (y, x) of the input on, with zeros
  /// for what is outside.
  void copyPatch(mlir::Value image, mlir::Value y, mlir::Value x);
  /// How far an index of a tile that begins at `first` lies in the image:
  /// [begin, end).
  std::pair<mlir::Value, mlir::Value> clampToImage(unsigned dim,
                                                   mlir::Value first);
  void multiply(const Block &block, mlir::Value panel, int64_t channels);
  /// Points to U of a panel at a point.
  TileOperands getFilter(mlir::Value panel, mlir::Value point);
  /// Multiplies register tiles [begin, end), of at most `rows`, of V at `lhs`.
  void multiplyRows(const Block &block, int64_t rows, mlir::Value begin,
                    mlir::Value end, mlir::Value lhs,
                    const TileOperands &filter, mlir::Value products,
                    int64_t vectors);
  void transformOutputs(const Block &block, mlir::Value panel,
                        int64_t channels);
  void storeResults(llvm::ArrayRef<mlir::Value> results,
                    llvm::ArrayRef<mlir::Value> place, mlir::Value channel,
                    mlir::Value count);
  void storeResult(mlir::Value result, llvm::ArrayRef<mlir::Value> place,
                   mlir::Value y, mlir::Value x, mlir::Value channel,
                   mlir::Value count);
  /// Applies `transforms` to a grid of vectors.
  llvm::SmallVector<mlir::Value> transform(const Transforms &transforms,
                                           llvm::ArrayRef<mlir::Value> grid);

  mlir::Value elementPtr(mlir::Value base, mlir::Value index) {
    return builder.elementPtr(base, plan.element, index);
  }

  lir::ConvOp op;
  KernelBuilder &builder;
  WinogradPlan plan;
  TileProduct product;
  mlir::VectorType vectorType;
  Transforms inputTransforms, outputTransforms;
  mlir::Value inputs;                 ///< V of the block at hand
  mlir::Value products, patch, stage; ///< scratch memory
  llvm::LogicalResult status = llvm::success();
};

} // namespace lambent::cpu

#endif
