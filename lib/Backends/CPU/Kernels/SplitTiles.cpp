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
#include "SplitBlocks.h"
#include "SplitRows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SplitTilesEmitter : public PackedBlocks {
public:
  SplitTilesEmitter(lir::MatmulOp op, KernelBuilder &builder, TileUnit &unit,
                    SplitTilesAttr algorithm, const SplitTilesPlan &plan)
      : PackedBlocks(builder, unit, plan, plan.getScratch()), op(op),
        range{algorithm.getLeastExponent(), algorithm.getMostExponent()},
        plan(plan),
        vectorProduct(plan.product.element, plan.product.accumulator,
                      builder.getTarget()) {}

  LogicalResult emit() {
    lhs = getScratch(scratch.lhs);
    forEachChunk(builder, unit, [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  void emitChunk(Value chunk);
  void finish(const Block &block, Value stage) override;
  /// Whether tiles are right for all rows, an i1.
  Value splitRows();
  void emitTiles();
  void emitVectors(Value panel, PanelWidth width);
  void emitVectorRows(PanelWidth width, Value panel, Value joined, Value row,
                      int64_t rows);
  void store(Value panel, PanelWidth width, Value row, Value stage,
             function_ref<LogicalResult(const TileOutput &output)> body);

  /// A row of lhs in the model.
  Value getRow(Value row) {
    return builder.elementPtr(input, plan.product.element,
                              builder.mul(row, plan.product.lhs.row));
  }
  Value batchPtr(Value base, ArrayRef<Size> strides, int64_t elementBytes) {
    Value offset = builder.i64(0);
    for (auto [index, stride] : llvm::zip_equal(batchIndices, strides))
      offset = builder.add(offset, builder.mul(index, stride * elementBytes));
    return builder.bytePtr(base, offset);
  }

  lir::MatmulOp op;
  SplitRange range;
  const SplitTilesPlan &plan;
  TileProduct vectorProduct;

  // Of the current chunk.
  SmallVector<Value> batchIndices;
  Value rowBegin, rowEnd;
  Value input; ///< lhs of this product in the batch
};

} // namespace

void SplitTilesEmitter::emitChunk(Value chunk) {
  const MatmulPlan &whole = plan.product;
  Sizes grid(whole.batch);
  grid.append({plan.getChunkGrid(0), plan.getChunkGrid(1)});
  SmallVector<Value> indices = builder.delinearize(chunk, grid);
  batchIndices.assign(indices.begin(), indices.end() - 2);
  rowBegin = builder.mul(indices[whole.batch.size()], plan.getChunkRows());
  rowEnd = builder.min(builder.add(rowBegin, plan.getChunkRows()),
                       builder.value(whole.rows));
  panelBegin = builder.mul(indices.back(), plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.i64(plan.panels));
  input = batchPtr(builder.getBuffer(op.getLhsMutable()), whole.lhs.batch,
                   whole.getElementBytes());
  rhs = batchPtr(builder.getBuffer(op.getRhsMutable()), whole.rhs.batch,
                 plan.step.rhs.getIntOrFloatBitWidth() / 8);
  builder.ifThen(
      builder.likely(splitRows()), [&] { emitTiles(); },
      [&] {
        forEachPanel(
            [&](Value panel, PanelWidth width) { emitVectors(panel, width); });
      });
}

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

//===-- By tiles ----------------------------------------------------------===//

void SplitTilesEmitter::emitTiles() {
  Value rows = builder.sub(rowEnd, rowBegin);
  multiply({builder.divUnsigned(builder.add(rows, plan.rows - 1), plan.rows),
            /*mayBeOdd=*/!plan.tiles.isMultipleOf(2),
            /*hasPairs=*/!plan.tiles.is(1)});
}

void SplitTilesEmitter::finish(const Block &block, Value stage) {
  Value first = builder.add(rowBegin, builder.mul(block.tile, plan.rows));
  Value count = builder.min(builder.i64(block.height * plan.rows),
                            builder.sub(rowEnd, first));
  store(block.panel, block.width, first, stage, [&](const TileOutput &output) {
    SmallVector<VectorType> vectors(block.width.vectors, getSumType());
    return storeStagedRows(builder, output, count, vectors,
                           SplitProduct::kPanelColumns);
  });
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

void SplitTilesEmitter::store(
    Value panel, PanelWidth width, Value row, Value stage,
    function_ref<LogicalResult(const TileOutput &output)> body) {
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
  Value column = builder.mul(panel, SplitProduct::kPanelColumns);
  auto indexOfRow = [&](Value r) {
    SmallVector<Value> domain(batchIndices);
    domain.append({builder.add(row, r), column, builder.i64(0)});
    return builder.applyMap(map, domain);
  };
  if (failed(body({op, builder.getBuffer(op.getOutputMutable()), width.count,
                   indexOfRow, stage})))
    status = failure();
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

bool SplitTilesAttr::usesTileUnit() const { return true; }
