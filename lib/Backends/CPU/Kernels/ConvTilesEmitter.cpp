//===- ConvTilesEmitter.cpp - Convolutions on tiles of matrices -----------===//

#include "ConvTilesEmitter.h"
#include "TileOutput.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

LogicalResult ConvTilesEmitter::emit() {
  forEachChunk(builder, unit, [&](Value chunk) { emitChunk(chunk); });
  return status;
}

void ConvTilesEmitter::emitChunk(Value chunk) {
  SmallVector<Value> indices = builder.delinearize(chunk, plan.getChunkGrid());
  piece.image = indices.front();
  piece.planes.assign(indices.begin() + 1, indices.end() - 3);
  auto cut = [&](Value index, int64_t each, const Size &all, Value &begin) {
    begin = builder.mul(index, each);
    return builder.min(builder.i64(each),
                       builder.sub(builder.value(all), begin));
  };
  piece.rows =
      cut(indices.end()[-3], plan.chunkRows, plan.lines.output, piece.rowBegin);
  if (plan.cutsRows) {
    piece.columns = cut(indices.end()[-2], plan.chunkTiles * plan.rows,
                        plan.getColumns().output, piece.columnBegin);
  } else {
    piece.columnBegin = builder.i64(0);
    piece.columns = builder.value(plan.getColumns().output);
  }
  panelBegin = builder.mul(indices.back(), plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.i64(plan.panels));
  rhs = builder.getBuffer(op.getFilterMutable());
  ConvSlab slab(op, builder, plan, piece, getScratch(scratch.lhs));
  emitSlab(slab);
}

Value ConvTilesEmitter::countTiles() {
  auto count = [&](Value pixels) {
    return builder.divUnsigned(builder.add(pixels, plan.rows - 1), plan.rows);
  };
  if (!plan.isFlat)
    return builder.mul(piece.rows, count(piece.columns));
  Value whole = builder.mul(builder.add(piece.rows, -1), plan.getSlabColumns());
  return count(builder.add(whole, piece.columns));
}

ConvTilesEmitter::Tap ConvTilesEmitter::getTap(Value tap) {
  const ConvDim &along = plan.getColumns();
  Value line = builder.divUnsigned(tap, along.taps),
        plane = builder.divUnsigned(line, plan.lines.taps);
  Value x = builder.mul(builder.remUnsigned(tap, along.taps), along.dilation),
        y = builder.mul(builder.remUnsigned(line, plan.lines.taps),
                        plan.lines.dilation * plan.getSlabColumns());
  return {plane, builder.add(x, y)};
}

ConvTilesEmitter::Place ConvTilesEmitter::getPlace(Value tile) {
  if (plan.isFlat) {
    Value pixel = builder.mul(tile, plan.rows);
    return {builder.divUnsigned(pixel, plan.getSlabColumns()),
            builder.remUnsigned(pixel, plan.getSlabColumns())};
  }
  if (!plan.cutsRows)
    return {builder.divUnsigned(tile, plan.chunkTiles),
            builder.mul(builder.remUnsigned(tile, plan.chunkTiles), plan.rows)};
  Value tiles =
      builder.divUnsigned(builder.add(piece.columns, plan.rows - 1), plan.rows);
  Value row = builder.create<arith::DivUIOp>(tile, tiles);
  return {row,
          builder.mul(builder.sub(tile, builder.mul(row, tiles)), plan.rows)};
}

Value ConvTilesEmitter::getTile(Value tile) {
  Place place = getPlace(tile);
  Value pixel = builder.add(
      builder.mul(place.row, plan.lines.stride * plan.getSlabColumns()),
      builder.mul(place.column, plan.getColumns().stride));
  return builder.bytePtr(getScratch(scratch.lhs),
                         builder.mul(pixel, DotStep::kRowBytes));
}

Value ConvTilesEmitter::getStepOffset(Value step) {
  Tap tap = getTap(builder.divUnsigned(step, plan.channelSteps));
  Value channels = builder.mul(builder.remUnsigned(step, plan.channelSteps),
                               plan.parts * plan.getSlabPartBytes());
  return builder.add(
      builder.add(channels, builder.mul(tap.plane, plan.getPlaneBytes())),
      builder.mul(tap.offset, DotStep::kRowBytes));
}

SmallVector<Value> ConvTilesEmitter::getIndices(Value panel, Value row,
                                                Value column) {
  SmallVector<Value> spatial(piece.planes);
  if (plan.conv.dims.size() > 1)
    spatial.push_back(builder.add(piece.rowBegin, row));
  spatial.push_back(builder.add(piece.columnBegin, column));
  SmallVector<Value> indices(plan.conv.spatialRank + 2, builder.i64(0));
  indices.front() = piece.image;
  for (auto [position, index] : llvm::zip_equal(plan.conv.positions, spatial))
    indices[position + 1] = index;
  indices.back() = builder.mul(panel, SplitProduct::kPanelColumns);
  return indices;
}

void ConvTilesEmitter::finish(const Block &block, Value stage) {
  builder.forLoop(builder.i64(0), builder.i64(block.height), 1, [&](Value i) {
    Place place = getPlace(builder.add(block.tile, i));
    Value sums =
        builder.bytePtr(stage, builder.mul(i, plan.rows * kPanelRowBytes));
    auto getPixel = [&](Value r) -> Place {
      if (!plan.isFlat)
        return {place.row, builder.add(place.column, r)};
      Value column = builder.add(place.column, r);
      return {builder.add(place.row,
                          builder.divUnsigned(column, plan.getSlabColumns())),
              builder.remUnsigned(column, plan.getSlabColumns())};
    };
    auto indexOfRow = [&](Value r) {
      Place pixel = getPixel(r);
      return getIndices(block.panel, pixel.row, pixel.column);
    };
    auto exists = [&](Value r) -> Value {
      Place pixel = getPixel(r);
      return builder.create<arith::AndIOp>(
          builder.lessThan(pixel.row, piece.rows),
          builder.lessThan(pixel.column, piece.columns));
    };
    Value count = builder.i64(plan.rows);
    if (!plan.isFlat)
      count = builder.min(count, builder.sub(piece.columns, place.column));
    TileOutput output{op, builder.getBuffer(op.getOutputMutable()),
                      block.width.count, indexOfRow, sums};
    SmallVector<VectorType> vectors(block.width.vectors, getSumType());
    if (failed(storeStagedRows(
            builder, output, count, vectors, SplitProduct::kPanelColumns,
            plan.isFlat ? function_ref<Value(Value)>(exists) : nullptr)))
      status = failure();
  });
}
