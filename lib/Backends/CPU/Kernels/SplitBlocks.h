//===- SplitBlocks.h - Blocks of tiles of parts -----------------*- C++ -*-===//
//
// A chunk goes through its panels of rhs and, within a panel, through pairs of
// tiles of lhs: blocks of up to 32x32 sums, that go through a stage in L1 to
// the epilogue. Of a panel that is longer than L1 the pairs take some steps,
// and then the next ones. What lhs is, and where sums go, is the op's.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITBLOCKS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITBLOCKS_H

#include "NextPanel.h"
#include "SplitProduct.h"
#include "TileUnit.h"

namespace lambent::cpu {

/// Visits the builder's chunks with the unit set up.
void forEachChunk(KernelBuilder &builder, TileUnit &unit,
                  llvm::function_ref<void(mlir::Value chunk)> body);

class SplitBlocks {
public:
  virtual ~SplitBlocks() = default;

protected:
  /// `lhsRowBytes` lie between the rows of a tile of lhs, `lhsPartBytes`
  /// between its parts.
  SplitBlocks(KernelBuilder &builder, TileUnit &unit,
              const SplitProduct &product, const SplitProduct::Scratch &scratch,
              int64_t lhsRowBytes, int64_t lhsPartBytes)
      : builder(builder), product(product), scratch(scratch), unit(unit),
        lhsRowBytes(lhsRowBytes), lhsPartBytes(lhsPartBytes) {}

  /// Tiles of lhs, `height` of them from `tile` of the chunk on, times a panel.
  struct Block {
    mlir::Value panel;
    PanelWidth width;
    mlir::Value tile;
    int64_t height;
  };

  /// The first byte of a tile of lhs, split; from there on to one of its steps.
  virtual mlir::Value getTile(mlir::Value tile) = 0;
  virtual mlir::Value getStepOffset(mlir::Value step) = 0;
  /// Takes a block's sums from its stage to the output.
  virtual void finish(const Block &block, mlir::Value stage) = 0;

  /// Multiplies the tiles of the chunk. With `mayBeOdd` or `hasPairs` false
  /// there is no single one at the end, or no pair of them.
  struct Tiles {
    mlir::Value count;
    bool mayBeOdd = true, hasPairs = true;
  };
  void multiply(const Tiles &tiles);
  void forEachPanel(
      llvm::function_ref<void(mlir::Value panel, PanelWidth width)> body) {
    cpu::forEachPanel(builder, panelBegin, panelEnd, product.columns,
                      product.getPanelVectors(), product.lanes, body);
  }
  /// Adds the parts of a panel up, in f32, and returns where they are.
  mlir::Value join(mlir::Value panel, PanelWidth width);

  mlir::Value getScratch(int64_t bytes) {
    return builder.bytePtr(builder.getScratch(), builder.i64(bytes));
  }
  mlir::VectorType getSumType() {
    return builder.vectorType(product.step.accumulator, product.lanes);
  }
  /// From one row of sums to the next in a stage.
  static constexpr int64_t kPanelRowBytes = 4 * SplitProduct::kPanelColumns;

  KernelBuilder &builder;
  const SplitProduct &product;
  SplitProduct::Scratch scratch;
  TileUnit &unit;
  llvm::LogicalResult status = llvm::success();
  // Of the current chunk.
  mlir::Value panelBegin, panelEnd;
  mlir::Value rhs; ///< the first panel of the first part

private:
  /// Steps [begin, end), and whether there are others before and behind them.
  struct Steps {
    mlir::Value begin, end;
    bool isFirst, isLast;
  };
  void emitPanel(const Tiles &tiles, mlir::Value panel, PanelWidth width,
                 const Steps &steps);
  /// Calls body for the runs of steps that a panel's blocks take.
  void forEachRun(llvm::function_ref<void(const Steps &steps)> body);
  /// A block whose sums go to the output at once.
  void emitBlock(const Block &block, const Steps &steps, mlir::Value pair);
  void finishLast(mlir::Value pairs);
  void forEachSum(const Block &block,
                  llvm::function_ref<void(int64_t i, int64_t j)> body);
  void addUp(const Block &block, const Steps &steps, mlir::Value pair);
  void storeSums(const Block &block, mlir::Value to);
  PanelPrefetch fetchNext(mlir::Value panel, mlir::Value pair, int64_t part);

  Block getPair(mlir::Value panel, mlir::Value pair) {
    return {
        panel, {product.getPanelVectors(), nullptr}, builder.mul(pair, 2), 2};
  }
  /// Where block `number` of those that wait leaves its sums.
  mlir::Value getStage(mlir::Value number) {
    mlir::Value odd = builder.remUnsigned(number, 2);
    return builder.bytePtr(getScratch(scratch.stage),
                           builder.mul(odd, SplitProduct::kSumsBytes));
  }
  /// Where a pair's sums are between runs of steps.
  mlir::Value getSums(mlir::Value pair) {
    return builder.bytePtr(getScratch(scratch.sums),
                           builder.mul(pair, SplitProduct::kSumsBytes));
  }
  mlir::Value getPanel(mlir::Value panel) {
    return builder.bytePtr(rhs, builder.mul(panel, product.getPanelBytes()));
  }

  int64_t lhsRowBytes, lhsPartBytes;
};

/// Of a lhs whose tiles lie one after the other: [tile][step][part][row][K].
class PackedBlocks : public SplitBlocks {
protected:
  PackedBlocks(KernelBuilder &builder, TileUnit &unit,
               const SplitProduct &product,
               const SplitProduct::Scratch &scratch)
      : SplitBlocks(builder, unit, product, scratch, DotStep::kRowBytes,
                    product.getLhsTileBytes()) {}

  mlir::Value getTile(mlir::Value tile) override {
    return builder.bytePtr(lhs, builder.mul(tile, product.getLhsBytes()));
  }
  mlir::Value getStepOffset(mlir::Value step) override {
    return builder.mul(step, product.parts * product.getLhsTileBytes());
  }
  /// Splits row `row` of the tiles, which is at `from`. Returns its largest
  /// magnitude as splitRow does.
  mlir::Value splitInto(mlir::Value row, int64_t depth, mlir::Value from);
  /// Copies such a row of `bytes` bytes.
  void copyInto(mlir::Value row, int64_t bytes, mlir::Value from);

  mlir::Value lhs; ///< the first tile

private:
  /// Where a row of the tiles begins.
  mlir::Value getTileRow(mlir::Value row);
};

} // namespace lambent::cpu

#endif
