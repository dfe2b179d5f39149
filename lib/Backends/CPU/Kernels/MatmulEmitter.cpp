//===- MatmulEmitter.cpp - A product as register tiles --------------------===//

#include "MatmulEmitter.h"
#include "NextPanel.h"
#include "SparseSteps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

void MatmulEmitter::emitChunk(Value chunk) {
  Sizes grid(plan.batch);
  grid.append({plan.getChunkGrid(0), plan.getChunkGrid(1)});
  SmallVector<Value> indices = builder.delinearize(chunk, grid);
  batchIndices.assign(indices.begin(), indices.end() - 2);
  Value block = indices[plan.batch.size()], range = indices.back();
  tileBegin = builder.mul(block, plan.chunkTiles);
  tileEnd = builder.min(builder.add(tileBegin, builder.value(plan.chunkTiles)),
                        builder.value(plan.tiles));
  panelBegin = builder.mul(range, plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.value(plan.panels));

  OpOperand &lhsOperand =
      plan.swapped ? op.getRhsMutable() : op.getLhsMutable();
  OpOperand &rhsOperand =
      plan.swapped ? op.getLhsMutable() : op.getRhsMutable();
  lhs = batchPtr(builder.getBuffer(lhsOperand), plan.lhs.batch);
  rhs = batchPtr(builder.getBuffer(rhsOperand), plan.rhs.batch);
  packedLhs = builder.getScratch();
  packedRhs =
      builder.bytePtr(packedLhs, builder.value(plan.getLhsScratchBytes()));
  stage = builder.bytePtr(packedRhs, builder.value(plan.getRhsScratchBytes()));

  if (plan.lhsAccess == OperandAccess::CopyInto)
    packLhs();
  if (digits)
    writeDigits();
  if (!plan.keptSteps)
    return forEachPanel(
        [&](Value panel, PanelWidth width) { emitPanel(panel, width); });
  forEachTile([&](const TileRows &rows) {
    forEachPanel([&](Value panel, PanelWidth width) {
      emitTile(panel, width, rows, getPacked(panel));
    });
  });
}

void MatmulEmitter::forEachPanel(
    function_ref<void(Value panel, PanelWidth width)> body) {
  cpu::forEachPanel(builder, panelBegin, panelEnd, plan.columns,
                    plan.tile.columns / plan.lanes, plan.lanes, body);
}

void MatmulEmitter::pack(const StridedMatrix &source, Value columns,
                         int64_t paddedColumns, Value packed, int64_t step) {
  if (plan.group == 1)
    packMatrix(builder, source, plan.depth, columns, paddedColumns, plan.lanes,
               packed, step);
  else
    packGroups(builder, source, plan.depth, columns, paddedColumns, plan.lanes,
               packed, step);
}

void MatmulEmitter::packLhs() {
  forEachTile([&](const TileRows &rows) {
    Value from = builder.elementPtr(lhs, plan.element,
                                    builder.mul(rows.first, plan.lhs.row));
    pack({plan.element, from, plan.lhs.depth, plan.lhs.row},
         rows.count ? rows.count : builder.i64(rows.most),
         plan.getPackedLhsStep() / plan.group, packedTile(rows.tile),
         plan.getPackedLhsStep());
  });
}

void MatmulEmitter::writeDigits() {
  digits->setScratch(
      builder.bytePtr(stage, builder.value(plan.getStageBytes())));
  Value first = builder.i64(0), count = builder.value(plan.rows);
  if (plan.rows.isNumber()) {
    first = rowOfTile(tileBegin);
    count = builder.sub(rowOfTile(tileEnd), first);
  } else {
    Value few = builder.i64(MatmulPlan::kFewOpenRows);
    count = builder.create<arith::SelectOp>(builder.lessThan(few, count), first,
                                            count);
  }
  digitsAreUsable = digits->prepare(lhs, first, count);
}

void MatmulEmitter::multiplyCodes(RegisterTile &tile,
                                  const TileOperands &operands, Value firstRow,
                                  Value panel) {
  if (!digits)
    return codes->accumulate(tile, operands, panel);
  const SmallVector<Value> before = tile.getSums();
  auto add = [&](function_ref<void()> body) {
    tile.setSums(before);
    body();
    return tile.getSums();
  };
  tile.setSums(builder.select(
      builder.likely(digitsAreUsable),
      [&] { return add([&] { digits->accumulate(tile, firstRow, panel); }); },
      [&] { return add([&] { codes->accumulate(tile, operands, panel); }); }));
}

TileOperands MatmulEmitter::getPacked(Value panel) {
  TileOperands operands;
  operands.depth = builder.value(plan.steps);
  operands.rhs = builder.elementPtr(
      rhs, plan.element, builder.mul(panel, plan.getPanelElements()));
  operands.rhsStep = plan.getPanelStep();
  if (plan.keptSteps)
    SparseSteps(builder, plan.getSparsePanel(), operands.rhs)
        .select(operands, builder.i64(0), builder.i64(1));
  return operands;
}

void MatmulEmitter::emitPanel(Value panel, PanelWidth width) {
  TileOperands operands;
  operands.depth = builder.value(plan.steps);
  Value column = builder.mul(panel, plan.tile.columns);
  Value source = builder.elementPtr(rhs, plan.element,
                                    builder.mul(column, plan.rhs.column));
  int64_t columns = width.vectors * plan.lanes;
  Value count = width.count ? width.count : builder.i64(columns);
  switch (plan.rhsAccess) {
  case OperandAccess::Packed:
    operands = getPacked(panel);
    break;
  case OperandAccess::CopyInto:
    pack({plan.element, source, plan.rhs.depth, plan.rhs.column}, count,
         columns, packedRhs, plan.getPanelStep());
    operands.rhs = packedRhs;
    operands.rhsStep = plan.getPanelStep();
    break;
  case OperandAccess::InPlace:
    operands.rhs = source;
    operands.rhsStep = plan.rhs.depth;
    operands.readableColumns = width.count;
    break;
  case OperandAccess::Decoded:
    return emitCodedPanel(panel, width, operands);
  }
  emitTiles(panel, width, operands);
}

void MatmulEmitter::emitTiles(Value panel, PanelWidth width,
                              const TileOperands &operands) {
  forEachTile(
      [&](const TileRows &rows) { emitTile(panel, width, rows, operands); });
}

void MatmulEmitter::emitCodedPanel(Value panel, PanelWidth width,
                                   const TileOperands &operands) {
  auto decode = [&] {
    TileOperands decoded = operands;
    codes->decode(panel, width, packedRhs);
    decoded.rhs = packedRhs;
    decoded.rhsStep = plan.getPanelStep();
    emitTiles(panel, width, decoded);
  };
  // Without a rhs that was decoded, tiles do it themselves.
  if (!codes->isPacked() || !plan.decodesInTiles())
    return decode();
  if (plan.rows.isNumber())
    return emitTiles(panel, width, operands);
  Value rows = builder.value(plan.rows);
  builder.ifThen(builder.lessThan(builder.i64(MatmulPlan::kFewOpenRows), rows),
                 decode, [&] {
                   builder.forLoop(builder.i64(0), rows, 1, [&](Value row) {
                     emitTile(panel, width, {builder.i64(0), row, 1, nullptr},
                              operands);
                   });
                 });
}

void MatmulEmitter::forEachTile(TileBody body) {
  int64_t rows = plan.split.rows;
  bool isOpen = !plan.rows.isNumber();
  // All tiles have the most rows up to here.
  Value middle = isOpen ? builder.value(plan.rows.floorDiv(rows))
                        : builder.i64(plan.split.bigTiles);
  auto visit = [&](Value tile, int64_t most, Value count = nullptr) {
    body({tile, rowOfTile(tile), most, count});
  };
  builder.forLoop(tileBegin, builder.min(tileEnd, middle), 1,
                  [&](Value tile) { visit(tile, rows); });
  if (isOpen && rows > 1)
    builder.ifThen(builder.lessThan(middle, tileEnd), [&] {
      visit(middle, rows - 1, builder.value(plan.rows.mod(rows)));
    });
  else if (!isOpen && plan.split.bigTiles != plan.split.tiles)
    builder.forLoop(builder.max(tileBegin, middle), tileEnd, 1,
                    [&](Value tile) { visit(tile, rows - 1); });
}

void MatmulEmitter::emitTile(Value panel, PanelWidth width,
                             const TileRows &rows, TileOperands operands) {
  bool copied = plan.lhsAccess == OperandAccess::CopyInto;
  operands.lhs =
      copied ? packedTile(rows.tile)
             : builder.elementPtr(lhs, plan.element,
                                  builder.mul(rows.first, plan.lhs.row));
  operands.lhsStep =
      copied ? Size(plan.getPackedLhsStep()) : plan.lhs.depth * plan.group;
  for (int64_t r = 0; r < rows.most; ++r)
    operands.rowOffsets.push_back(
        copied ? builder.i64(r * plan.group)
               : builder.mul(builder.i64(r), plan.lhs.row));
  operands.prefetch = prefetchNext(operands.rhs, rows.tile, width.vectors);
  bool decodes = codes && !operands.rhs;
  std::optional<int64_t> columns =
      width.count && !decodes ? getConstantIntValue(width.count) : std::nullopt;
  TileLimits limits(builder.getTarget(), plan.accumulator);
  RegisterTile registers(builder, product, rows.most, width.vectors, rows.count,
                         columns ? limits.getLastLanes(*columns) : plan.lanes);
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
  Value column = builder.mul(panel, plan.tile.columns);
  auto indexOfRow = [&](Value r) {
    SmallVector<Value> domain(batchIndices);
    domain.append({builder.add(rows.first, r), column, builder.i64(0)});
    if (plan.swapped)
      std::swap(domain[batchIndices.size()], domain[batchIndices.size() + 1]);
    return builder.applyMap(map, domain);
  };
  TileOutput output{op, builder.getBuffer(op.getOutputMutable()), width.count,
                    indexOfRow, stage};
  registers.fetch(output);
  if (decodes)
    multiplyCodes(registers, operands, rows.first, panel);
  else
    registers.accumulate(operands);
  if (plan.shortSums.extraSteps)
    ShortExtra(builder, plan.getShortPanel(), operands.rhs)
        .accumulate(registers, operands, 0, rows.most, builder.i64(0),
                    /*sections=*/1);
  if (failed(registers.store(output)))
    status = failure();
}

/// What a tile fetches of the panel behind the one at `rhs`.
PanelPrefetch MatmulEmitter::prefetchNext(Value rhs, Value tile,
                                          int64_t vectors) {
  // Of a sparse panel a run knows how long it is.
  if (plan.rhsAccess != OperandAccess::Packed || plan.keptSteps ||
      !plan.rows.isNumber() || !plan.depth.isNumber() ||
      !plan.chunkTiles.isNumber())
    return {};
  int64_t depth = plan.steps.getNumber(),
          panelBytes =
              plan.getPanelElements().getNumber() * plan.getElementBytes();
  int64_t tiles = std::min(plan.chunkTiles.getNumber(), plan.split.tiles);
  const CPUDescription &description = builder.getTarget().description;
  int64_t unroll = description.depthUnroll;
  NextPanel next(description.prefetchStreams, tiles, unroll * vectors,
                 panelBytes * plan.panels.getNumber());
  return next.getPart(builder, rhs, builder.sub(tile, tileBegin),
                      depth / unroll, panelBytes);
}
