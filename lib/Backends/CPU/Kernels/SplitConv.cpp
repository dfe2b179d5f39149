//===- SplitConv.cpp - f32 convolutions as sums of bf16 products ----------===//
//
// output[pixel, oc] = sum over taps and ic of input[pixel + tap, ic] *
// filter[tap, ic, oc], an implicit product whose k is taps x channels, by
// SplitBlocks: a step is 32 channels of one tap, and for each tap a tile of lhs
// lies so many rows and columns further in the slab that the chunk has split.
//
// Where a pixel's channels have no such parts, or products of them are too
// small or too large, the chunk copies its slab in f32, and multiplies it by
// each panel's sum of parts.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "ConvSlab.h"
#include "SplitBlocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SplitConvEmitter : public SplitBlocks {
public:
  SplitConvEmitter(lir::ConvOp op, KernelBuilder &builder, TileUnit &unit,
                   SplitConvAttr algorithm, const SplitConvPlan &plan)
      : SplitBlocks(builder, unit, plan, plan.getScratch(),
                    plan.getColumns().stride * DotStep::kRowBytes,
                    plan.getSlabPartBytes()),
        op(op),
        range{algorithm.getLeastExponent(), algorithm.getMostExponent()},
        plan(plan), vectorProduct(plan.conv.element, plan.conv.accumulator,
                                  builder.getTarget()) {}

  LogicalResult emit() {
    forEachChunk(builder, unit, [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  void emitChunk(Value chunk);
  Value getTile(Value tile) override;
  Value getStepOffset(Value step) override;
  void finish(const Block &block, Value stage) override;
  Value countTiles();

  /// Where a tile's first pixel is: its row of the chunk, and its column there.
  struct Place {
    Value row, column;
  };
  Place getPlace(Value tile);
  /// A tap's place in the slab, in pixels of its plane.
  struct Tap {
    Value plane, offset;
  };
  Tap getTap(Value tap);
  void emitVectors(Value panel, PanelWidth width);
  void emitVectorTile(Value panel, PanelWidth width, Value joined, Place first,
                      int64_t pixels);
  SmallVector<Value> getIndices(Value panel, Value row, Value column);

  lir::ConvOp op;
  SplitRange range;
  const SplitConvPlan &plan;
  TileProduct vectorProduct;

  ConvPiece piece; ///< of the current chunk
};

} // namespace

void SplitConvEmitter::emitChunk(Value chunk) {
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
  builder.ifThen(
      builder.likely(slab.split(range)), [&] { multiply({countTiles()}); },
      [&] {
        slab.copy();
        forEachPanel(
            [&](Value panel, PanelWidth width) { emitVectors(panel, width); });
      });
}

Value SplitConvEmitter::countTiles() {
  auto count = [&](Value pixels) {
    return builder.divUnsigned(builder.add(pixels, plan.rows - 1), plan.rows);
  };
  if (!plan.isFlat)
    return builder.mul(piece.rows, count(piece.columns));
  Value whole = builder.mul(builder.add(piece.rows, -1), plan.getSlabColumns());
  return count(builder.add(whole, piece.columns));
}

SplitConvEmitter::Tap SplitConvEmitter::getTap(Value tap) {
  const ConvDim &along = plan.getColumns();
  Value line = builder.divUnsigned(tap, along.taps),
        plane = builder.divUnsigned(line, plan.lines.taps);
  Value x = builder.mul(builder.remUnsigned(tap, along.taps), along.dilation),
        y = builder.mul(builder.remUnsigned(line, plan.lines.taps),
                        plan.lines.dilation * plan.getSlabColumns());
  return {plane, builder.add(x, y)};
}

//===-- By tiles ----------------------------------------------------------===//

SplitConvEmitter::Place SplitConvEmitter::getPlace(Value tile) {
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

Value SplitConvEmitter::getTile(Value tile) {
  Place place = getPlace(tile);
  Value pixel = builder.add(
      builder.mul(place.row, plan.lines.stride * plan.getSlabColumns()),
      builder.mul(place.column, plan.getColumns().stride));
  return builder.bytePtr(getScratch(scratch.lhs),
                         builder.mul(pixel, DotStep::kRowBytes));
}

Value SplitConvEmitter::getStepOffset(Value step) {
  Tap tap = getTap(builder.divUnsigned(step, plan.channelSteps));
  Value channels = builder.mul(builder.remUnsigned(step, plan.channelSteps),
                               plan.parts * plan.getSlabPartBytes());
  return builder.add(
      builder.add(channels, builder.mul(tap.plane, plan.getPlaneBytes())),
      builder.mul(tap.offset, DotStep::kRowBytes));
}

SmallVector<Value> SplitConvEmitter::getIndices(Value panel, Value row,
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

void SplitConvEmitter::finish(const Block &block, Value stage) {
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

//===-- By vectors, in f32 ------------------------------------------------===//

void SplitConvEmitter::emitVectors(Value panel, PanelWidth width) {
  Value joined = join(panel, width);
  TileLimits limits(builder.getTarget(), plan.conv.accumulator);
  int64_t most = std::clamp<int64_t>(limits.getMaxRows(plan.getPanelVectors()),
                                     1, plan.rows);
  builder.forLoop(builder.i64(0), piece.rows, 1, [&](Value row) {
    Value whole = builder.mul(builder.divUnsigned(piece.columns, most), most);
    builder.forLoop(builder.i64(0), whole, most, [&](Value column) {
      emitVectorTile(panel, width, joined, {row, column}, most);
    });
    if (most > 1)
      builder.forLoop(whole, piece.columns, 1, [&](Value column) {
        emitVectorTile(panel, width, joined, {row, column}, 1);
      });
  });
}

void SplitConvEmitter::emitVectorTile(Value panel, PanelWidth width,
                                      Value joined, Place first,
                                      int64_t pixels) {
  const ConvDim &along = plan.getColumns();
  RegisterTile registers(builder, vectorProduct, pixels, width.vectors);
  Value pixel = builder.add(
      builder.mul(first.row, plan.lines.stride * plan.getSlabColumns()),
      builder.mul(first.column, along.stride));
  registers.forLoop(
      builder.i64(0), builder.i64(plan.countTaps()), [&](Value tap) {
        Tap place = getTap(tap);
        Value at = builder.add(builder.add(pixel, place.offset),
                               builder.mul(place.plane, plan.getSlabPixels()));
        TileOperands operands;
        operands.lhs =
            builder.elementPtr(getScratch(scratch.lhs), plan.conv.element,
                               builder.mul(at, plan.getChannels()));
        for (int64_t p = 0; p < pixels; ++p)
          operands.rowOffsets.push_back(
              builder.i64(p * along.stride * plan.getChannels()));
        operands.rhs = builder.elementPtr(
            joined, plan.conv.element,
            builder.mul(tap, plan.getChannels() * SplitProduct::kPanelColumns));
        operands.rhsStep = SplitProduct::kPanelColumns;
        operands.depth = builder.i64(plan.getChannels());
        registers.accumulate(operands);
      });
  auto indexOfRow = [&](Value r) {
    return getIndices(panel, first.row, builder.add(first.column, r));
  };
  if (failed(registers.store({op, builder.getBuffer(op.getOutputMutable()),
                              width.count, indexOfRow,
                              getScratch(scratch.stage)})))
    status = failure();
}

SplitConvPlan cpu::planKernel(SplitConvAttr algorithm, Operation *op,
                              const TargetInfo &target) {
  return SplitConvPlan(cast<lir::ConvOp>(op), target, algorithm.getParts());
}

LogicalResult SplitConvAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = builder.getTarget();
  if (std::string why =
          SplitConvPlan::explainWrongFilter(conv, target, getParts());
      !why.empty())
    return op->emitOpError(why);
  SplitConvPlan plan(conv, target, getParts());
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return SplitConvEmitter(conv, builder, *unit, *this, plan).emit();
}

bool SplitConvAttr::usesTileUnit() const { return true; }
