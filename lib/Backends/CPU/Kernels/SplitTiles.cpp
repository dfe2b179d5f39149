//===- SplitTiles.cpp - f32 products as sums of bf16 ones -----------------===//
//
// x = hi + lo (+ lo2), each of bf16, and a product of two such sums is that of
// the parts, without the smallest. A chunk splits its rows of lhs into tiles
// [row tile][step of K][part][row][K], and multiplies them in SplitBlocks.
//
// Where a row's numbers have no such parts, or products of them are too small
// or too large, the chunk is multiplied in f32: each panel's parts are added up
// again, and the rows are those of the model.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "RegisterTile.h"
#include "SplitRows.h"
#include "TilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SplitTilesEmitter : public TilesEmitter {
public:
  SplitTilesEmitter(lir::MatmulOp op, KernelBuilder &builder, TileUnit &unit,
                    SplitTilesAttr algorithm, const SplitTilesPlan &plan)
      : TilesEmitter(op, builder, unit, plan),
        range{algorithm.getLeastExponent(), algorithm.getMostExponent()},
        vectorProduct(plan.product.element, plan.product.accumulator,
                      builder.getTarget()) {}

private:
  void emitRows() override {
    builder.ifThen(
        builder.likely(splitRows()), [&] { multiplyTiles(); },
        [&] {
          forEachPanel([&](Value panel, PanelWidth width) {
            emitVectors(panel, width);
          });
        });
  }
  /// Whether tiles are right for all rows, an i1.
  Value splitRows();
  void emitVectors(Value panel, PanelWidth width);
  void emitVectorRows(PanelWidth width, Value panel, Value joined, Value row,
                      int64_t rows);

  SplitRange range;
  TileProduct vectorProduct;
};

} // namespace

Value SplitTilesEmitter::splitRows() {
  auto split = [&](Value row, ValueRange sofar) -> SmallVector<Value> {
    Value largest = splitInto(builder.sub(row, rowBegin),
                              plan.product.depth.getNumber(), getRow(row));
    return {andInRange(builder, sofar.front(), largest, range)};
  };
  Value all = builder.forLoop(rowBegin, rowEnd, 1, beginInRange(builder), split)
                  .front();
  return isInRange(builder, all);
}

//===-- By vectors, in f32 ------------------------------------------------===//

void SplitTilesEmitter::emitVectors(Value panel, PanelWidth width) {
  Value joined = join(panel, width);
  TileLimits limits(builder.getTarget(), plan.product.accumulator);
  int64_t most = limits.getMaxRows(plan.getPanelVectors());
  most = std::clamp<int64_t>(most, 1, plan.rows);
  Value whole = builder.add(
      rowBegin,
      builder.mul(builder.divUnsigned(builder.sub(rowEnd, rowBegin), most),
                  most));
  builder.forLoop(rowBegin, whole, most, [&](Value row) {
    emitVectorRows(width, panel, joined, row, most);
  });
  if (most > 1)
    builder.forLoop(whole, rowEnd, 1, [&](Value row) {
      emitVectorRows(width, panel, joined, row, 1);
    });
}

void SplitTilesEmitter::emitVectorRows(PanelWidth width, Value panel,
                                       Value joined, Value row, int64_t rows) {
  TileOperands operands;
  operands.lhs = getRow(row);
  for (int64_t r = 0; r < rows; ++r)
    operands.rowOffsets.push_back(
        builder.mul(builder.i64(r), plan.product.lhs.row));
  operands.rhs = joined;
  operands.rhsStep = SplitProduct::kPanelColumns;
  operands.depth = builder.value(plan.product.depth);
  RegisterTile registers(builder, vectorProduct, rows, width.vectors);
  registers.accumulate(operands);
  store(panel, width, row, getScratch(scratch.stage),
        [&](const TileOutput &output) { return registers.store(output); });
}

SplitTilesPlan cpu::planKernel(SplitTilesAttr algorithm, Operation *op,
                               const TargetInfo &target) {
  return SplitTilesPlan(cast<lir::MatmulOp>(op), target, algorithm.getParts());
}

LogicalResult SplitTilesAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  if (std::string why = SplitTilesPlan::explainWrongRhs(matmul, getParts());
      !why.empty())
    return op->emitOpError(why);
  SplitTilesPlan plan(matmul, builder.getTarget(), getParts());
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return SplitTilesEmitter(matmul, builder, *unit, *this, plan).emit();
}

StringRef SplitTilesAttr::getTileFeature(Operation *op) const {
  return DotStep::getBF16(Builder(op)).feature;
}
