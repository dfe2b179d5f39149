//===- TilesEmitter.cpp - Products on tiles of matrices -------------------===//

#include "TilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

LogicalResult TilesEmitter::emit() {
  lhs = getScratch(scratch.lhs);
  forEachChunk(builder, unit, [&](Value chunk) { emitChunk(chunk); });
  return status;
}

Value TilesEmitter::batchPtr(Value base, ArrayRef<Size> strides,
                             int64_t elementBytes) {
  Value offset = builder.i64(0);
  for (auto [index, stride] : llvm::zip_equal(batchIndices, strides))
    offset = builder.add(offset, builder.mul(index, stride * elementBytes));
  return builder.bytePtr(base, offset);
}

void TilesEmitter::emitChunk(Value chunk) {
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
  emitRows();
}

void TilesEmitter::multiplyTiles() {
  Value rows = builder.sub(rowEnd, rowBegin);
  multiply({builder.divUnsigned(builder.add(rows, plan.rows - 1), plan.rows),
            /*mayBeOdd=*/!plan.tiles.isMultipleOf(2),
            /*hasPairs=*/!plan.tiles.is(1)});
}

void TilesEmitter::finish(const Block &block, Value stage) {
  Value first = builder.add(rowBegin, builder.mul(block.tile, plan.rows));
  Value count = builder.min(builder.i64(block.height * plan.rows),
                            builder.sub(rowEnd, first));
  store(block.panel, block.width, first, stage, [&](const TileOutput &output) {
    SmallVector<VectorType> vectors(block.width.vectors, getSumType());
    return storeStagedRows(builder, output, count, vectors,
                           SplitProduct::kPanelColumns);
  });
}

void TilesEmitter::store(
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
