//===- BlockMatmul.cpp - Products of blocks of integers -------------------===//
//
// acc[m, n] += (sum over a block of lhs[m, k] * rhs[n, k]) * 2^(E_m + E_n) for
// one block after the other. A block's sum is of integers, four products by one
// instruction where the CPU has it; it is exact, and so is what the power of
// two makes of it: each addition rounds once, on every CPU alike.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmKernel.h"
#include "AlgorithmPlans.h"
#include "BlockCodes.h"
#include "OperandStrides.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class BlockMatmulEmitter {
public:
  BlockMatmulEmitter(lir::BlockMatmulOp op, KernelBuilder &builder,
                     TileShape tile)
      : op(op), builder(builder), plan(op, builder.getTarget(), tile),
        rows(op, builder, plan), columns(op, builder, plan),
        sums(builder.getF32Type(), builder.getF32Type(), builder.getTarget()),
        // What is in registers counts as lhs of both.
        byUnsigned(
            {getByte(true), getByte(false), builder.getI32Type(), /*group=*/4},
            builder.getTarget()),
        bySigned(
            {getByte(false), getByte(true), builder.getI32Type(), /*group=*/4},
            builder.getTarget()) {}

  LogicalResult emit() {
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  Type getByte(bool isUnsigned) {
    return IntegerType::get(builder.getContext(), 8,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  }

  void emitChunk(Value chunk) {
    SmallVector<Value> place = builder.delinearize(
        chunk, Sizes{plan.getRowChunks(), plan.getPanelRanges()});
    Value first = builder.mul(place[0], plan.chunkRows),
          count = builder.min(builder.i64(plan.chunkRows),
                              builder.sub(builder.value(plan.rows), first));
    builder.forLoop(builder.i64(0), count, 1, [&](Value row) {
      rows.round(builder.add(first, row), row);
    });
    Value panel = builder.mul(place[1], plan.chunkPanels),
          end = builder.min(builder.add(panel, plan.chunkPanels),
                            builder.i64(plan.panels));
    forEachPanel(builder, panel, end, Size(plan.columns),
                 plan.tile.columns / plan.lanes, plan.lanes,
                 [&](Value at, PanelWidth width) {
                   emitPanel(at, width, first, count);
                 });
  }

  /// All rows of the chunk, in tiles and then one by one.
  void emitPanel(Value panel, PanelWidth width, Value first, Value count) {
    int64_t height = plan.tile.rows;
    Value whole = count;
    if (height > 1)
      whole = builder.sub(count, builder.remUnsigned(count, height));
    builder.forLoop(builder.i64(0), whole, height, [&](Value row) {
      emitTile(panel, width, first, row, height);
    });
    if (height > 1)
      builder.forLoop(whole, count, 1, [&](Value row) {
        emitTile(panel, width, first, row, 1);
      });
  }

  void emitTile(Value panel, PanelWidth width, Value first, Value row,
                int64_t height) {
    RegisterTile tile(builder, sums, height, width.vectors);
    AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
    Value column = builder.mul(panel, plan.tile.columns);
    auto indexOfRow = [&](Value r) {
      return builder.applyMap(map, {builder.add(builder.add(first, row), r),
                                    column, builder.i64(0)});
    };
    Value stage = builder.bytePtr(
        builder.getScratch(),
        builder.i64(plan.getCodeBytes() + plan.getParameterBytes()));
    TileOutput output{op, builder.getBuffer(op.getOutputMutable()), width.count,
                      indexOfRow, stage};
    tile.clear();
    tile.forLoop(builder.i64(0), builder.i64(plan.blocks), [&](Value block) {
      addBlock(tile, panel, width, row, block);
    });
    if (failed(tile.store(output)))
      status = failure();
  }

  void addBlock(RegisterTile &tile, Value panel, PanelWidth width, Value row,
                Value block) {
    int64_t height = tile.getRows();
    SmallVector<Value> places, totals;
    for (int64_t r = 0; r < height; ++r) {
      places.push_back(builder.add(row, r));
      Value start =
          builder.broadcast(rows.loadStart(places[r], block), plan.lanes);
      totals.append(width.vectors, start);
    }
    int64_t together = 4 * columns.getSteps();
    Value begin = builder.mul(block, plan.format.size);
    for (int64_t k = 0; k < plan.format.size; k += together) {
      SmallVector<BlockColumns::Values> steps =
          columns.load(panel, width, builder.add(begin, k));
      for (auto [step, dwords] : llvm::enumerate(steps)) {
        SmallVector<TileProduct::Parts> right;
        for (Value vector : dwords)
          right.push_back(byUnsigned.splitLhs(builder, vector));
        for (int64_t r = 0; r < height; ++r) {
          Value codes = rows.loadCodes(
              places[r], builder.add(begin, k + 4 * int64_t(step)));
          TileProduct::Parts left =
              bySigned.splitLhs(builder, builder.broadcast(codes, plan.lanes));
          for (int64_t v = 0; v < width.vectors; ++v) {
            Value &total = totals[r * width.vectors + v];
            total = byUnsigned.multiplyAdd(builder, right[v], left, total);
          }
        }
      }
    }
    BlockColumns::Values scales = columns.loadScales(panel, width, block);
    for (int64_t r = 0; r < height; ++r) {
      Value scale =
          builder.broadcast(rows.loadScale(places[r], block), plan.lanes);
      for (int64_t v = 0; v < width.vectors; ++v) {
        Value number = builder.create<arith::SIToFPOp>(
            scale.getType(), totals[r * width.vectors + v]);
        tile.at(r, v) =
            builder.fma(number, builder.mulf(scale, scales[v]), tile.at(r, v));
      }
    }
  }

  lir::BlockMatmulOp op;
  KernelBuilder &builder;
  BlockMatmulPlan plan;
  BlockRows rows;
  BlockColumns columns;
  TileProduct sums, byUnsigned, bySigned;
  LogicalResult status = success();
};

Proposal proposePanels(Operation *op, const Selection &selection) {
  BlockMatmulPlan plan(cast<lir::BlockMatmulOp>(op), selection.target,
                       std::nullopt);
  return {
      BlockPanelsAttr::get(op->getContext(), plan.tile.rows, plan.tile.columns),
      "", plan.estimateCycles()};
}

struct BlockMatmulKernel
    : AlgorithmKernel<BlockMatmulKernel, lir::BlockMatmulOp,
                      getBlockMatmulVariants> {
  bool takesOpenSizes(Operation *) const { return true; }
  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }
};

} // namespace

ArrayRef<Variant> cpu::getBlockMatmulVariants() {
  static constexpr Variant variants[] = {{"block-panels", proposePanels}};
  return variants;
}

BlockMatmulPlan cpu::planKernel(BlockPanelsAttr algorithm, Operation *op,
                                const TargetInfo &target) {
  return BlockMatmulPlan(
      cast<lir::BlockMatmulOp>(op), target,
      TileShape{algorithm.getRows(), algorithm.getColumns()});
}

LogicalResult BlockPanelsAttr::emitKernel(Operation *op,
                                          KernelBuilder &builder) const {
  return BlockMatmulEmitter(cast<lir::BlockMatmulOp>(op), builder,
                            TileShape{getRows(), getColumns()})
      .emit();
}

void BlockPanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  auto matmul = cast<lir::BlockMatmulOp>(op);
  lir::WeightOp codes = getUnpackedWeight(matmul.getRhs()),
                exponents = getUnpackedWeight(matmul.getExponents());
  // What is not constant is read where it is.
  if (!codes || !exponents)
    return;
  MLIRContext *context = op->getContext();
  BlockMatmulPlan plan(matmul, target, TileShape{getRows(), getColumns()});
  int64_t columns = plan.tile.columns;
  AffineExpr panel, row, column, place, half;
  bindDims(context, panel, row, column, place, half);
  AffineExpr n = panel * columns + column;
  if (plan.hasTable)
    packer.pack(
        matmul.getRhsMutable(), codes,
        {plan.panels, plan.depth / 8, columns, 4, 1},
        lir::BitPackingAttr::get(
            AffineMap::get(5, 0, {n, row * 8 + half * 4 + place}, context), 4));
  else
    packer.pack(matmul.getRhsMutable(), codes,
                {plan.panels, plan.depth / 4, columns, 4},
                lir::PackingAttr::get(
                    AffineMap::get(4, 0, {n, row * 4 + place}, context)));
  packer.pack(matmul.getExponentsMutable(), exponents,
              {plan.panels, plan.blocks, columns},
              lir::PackingAttr::get(AffineMap::get(3, 0, {n, row}, context)));
  dropRhsMap(matmul);
}

void cpu::attachBlockMatmulKernel(MLIRContext &context) {
  lir::BlockMatmulOp::attachInterface<BlockMatmulKernel>(context);
}
