//===- ConvRows.cpp - The loops around a convolution's tiles --------------===//

#include "ConvRows.h"
#include "NextPanel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

SmallVector<Value> cpu::indexOutput(KernelBuilder &builder,
                                    const ConvPlan &plan, ValueRange row,
                                    Value column, Value channel) {
  SmallVector<Value> indices(plan.spatialRank + 2, builder.i64(0));
  indices.front() = row[0];
  for (auto [i, outer] : llvm::enumerate(plan.positions))
    indices[outer + 1] = i + 1 < plan.dims.size() ? row[i + 1] : column;
  indices.back() = channel;
  return indices;
}

LogicalResult ConvRows::emit() {
  if (!plan.hasOpenColumns())
    classes = classifyColumns(plan.getColumns(), plan.split);
  packedFilter = builder.getScratch();
  stage =
      builder.bytePtr(packedFilter, builder.i64(plan.getFilterScratchBytes()));
  if (plan.getWindowBytes())
    window = builder.bytePtr(stage, builder.i64(plan.getStageBytes()));
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                  [&](Value chunk) { emitChunk(chunk); });
  return status;
}

void ConvRows::emitChunk(Value chunk) {
  SmallVector<Value> indices = builder.delinearize(chunk, plan.getChunkGrid());
  group = indices[0];
  rowBegin = builder.mul(indices[1], plan.chunkRows);
  rowEnd = builder.min(builder.add(rowBegin, builder.value(plan.chunkRows)),
                       builder.value(plan.getNumRows()));
  panelBegin = builder.mul(indices[2], plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.i64(plan.panels));
  if (plan.depthwise && plan.packed) {
    // All filters stay in L1, and no panel reads what another one does: pixels
    // come from memory with all of their channels.
    forEachRow([&] {
      forEachTile([&](const ColumnClass &columns, Value firstPixel,
                      const OpenTile &open) {
        forEachPanel([&](Value panel, int64_t channels) {
          selectPanel(panel, channels);
          emitTile(columns, firstPixel, open, panel, channels);
        });
      });
    });
    return;
  }
  forEachPanel([&](Value panel, int64_t channels) {
    selectPanel(panel, channels);
    forEachRow([&] {
      forEachTile([&](const ColumnClass &columns, Value firstPixel,
                      const OpenTile &open) {
        emitTile(columns, firstPixel, open, panel, channels);
      });
    });
  });
}

void ConvRows::forEachPanel(
    function_ref<void(Value panel, int64_t channels)> body) {
  int64_t channels = plan.depthwise ? plan.group : plan.outputChannels;
  cpu::forEachPanel(builder, panelBegin, panelEnd, channels, plan.tile.columns,
                    body);
}

void ConvRows::selectPanel(Value panel, int64_t channels) {
  channel = builder.add(builder.mul(group, plan.outputChannels),
                        builder.mul(panel, plan.tile.columns));
  if (plan.packed) {
    Value index = plan.depthwise
                      ? panel
                      : builder.add(builder.mul(group, plan.panels), panel);
    filter = elementPtr(builder.getBuffer(op.getFilterMutable()),
                        builder.mul(index, plan.getPanelElements()));
  } else {
    filter = packedFilter;
    packFilter(filter, group, panel, channels);
  }
}

void ConvRows::forEachRow(function_ref<void()> body) {
  builder.forLoop(rowBegin, rowEnd, 1, [&](Value row) {
    Sizes sizes{plan.images};
    for (const ConvDim &dim : plan.getOuterDims())
      sizes.push_back(dim.output);
    rowIndices = builder.delinearize(row, sizes);
    boundTaps();
    if (!plan.hasOpenColumns())
      tile = builder.mul(builder.sub(row, rowBegin), plan.split.tiles);
    body();
  });
}

void ConvRows::forEachTile(TileBody body) {
  if (plan.hasOpenColumns())
    forEachOpenTile(body);
  else
    forEachBoundTile(body);
}

void ConvRows::boundTaps() {
  tapBegin.clear();
  tapEnd.clear();
  inputBegin.clear();
  for (auto [i, dim] : llvm::enumerate(plan.getOuterDims())) {
    // Taps t with 0 <= first + t * dilation < input.
    Value first = builder.sub(builder.mul(rowIndices[i + 1], dim.stride),
                              builder.value(dim.pad));
    Value begin =
        builder.ceilDivSigned(builder.sub(builder.i64(0), first), dim.dilation);
    Value end = builder.ceilDivSigned(
        builder.sub(builder.value(dim.input), first), dim.dilation);
    // Where no tap can be outside, constants spare the loop its bounds.
    bool inside = !dim.mayLeaveImage();
    tapBegin.push_back(inside ? builder.i64(0)
                              : builder.max(begin, builder.i64(0)));
    tapEnd.push_back(inside ? builder.i64(dim.taps)
                            : builder.min(end, builder.i64(dim.taps)));
    inputBegin.push_back(first);
  }
}

void ConvRows::forEachBoundTile(TileBody body) {
  for (const ColumnClass &columns : classes)
    builder.forLoop(builder.i64(columns.firstTile),
                    builder.i64(columns.endTile), 1, [&](Value column) {
                      Value first = tile;
                      tile = builder.add(first, column);
                      // All tiles of a class have the same size.
                      Value offset = builder.mul(
                          builder.sub(column, builder.i64(columns.firstTile)),
                          columns.pixels);
                      Value firstPixel = builder.add(
                          offset, plan.split.getRow(columns.firstTile));
                      body(columns, firstPixel, {});
                      tile = first;
                    });
}

PanelPrefetch ConvRows::prefetchNext(Value filter, int64_t depth) const {
  if (!tile || !plan.packed || !plan.chunkRows.isNumber() ||
      !plan.getNumRows().isNumber())
    return {};
  int64_t rows =
      std::min(plan.chunkRows.getNumber(), plan.getNumRows().getNumber());
  int64_t panelBytes =
      plan.getPanelElements() * lir::getElementBytes(plan.element);
  const CPUDescription &description = builder.getTarget().description;
  int64_t unroll = description.depthUnroll,
          vectors = llvm::divideCeil(plan.tile.columns, plan.lanes);
  NextPanel next(description.prefetchStreams, rows * plan.split.tiles,
                 unroll * vectors, panelBytes * plan.panels);
  return next.getPart(builder, filter, tile, depth / unroll, panelBytes);
}

void ConvRows::forEachOpenTile(TileBody body) {
  const ConvDim &along = plan.getColumns();
  int64_t most = plan.split.rows;
  Value output = builder.value(along.output);
  Value tiles = builder.value(along.output.ceilDiv(most));
  // As few tiles as it takes, of the same size but the last one.
  Value rows = hasWholeTiles()
                   ? builder.i64(most)
                   : arith::DivUIOp::create(
                         builder, builder.add(output, builder.add(tiles, -1)),
                         builder.max(tiles, builder.i64(1)));
  builder.forLoop(builder.i64(0), tiles, 1, [&](Value tile) {
    Value first = builder.mul(tile, rows);
    OpenTile open;
    open.pixels = builder.min(builder.sub(output, first), rows);
    open.window =
        builder.add(builder.mul(builder.add(open.pixels, -1), along.stride),
                    along.getWindow(1));
    Value missing = builder.sub(builder.i64(most), open.pixels);
    if (along.mayLeaveImage()) {
      // Columns before the image or behind it, whichever are more.
      Value begin = getFirstColumn(first),
            end = builder.add(begin, open.window);
      Value outside = builder.max(builder.sub(builder.i64(0), begin),
                                  builder.sub(end, builder.value(along.input)));
      open.leavesImage = builder.lessThan(builder.i64(0), outside);
      missing = builder.max(missing, outside);
    }
    auto emit = [&](bool isOpen) {
      body(makeOpenColumns(along, most, isOpen), first,
           isOpen ? open : OpenTile());
    };
    if (hasWholeTiles())
      builder.ifThen(
          builder.lessThan(missing, builder.i64(1)), [&] { emit(false); },
          [&] { emit(true); });
    else
      emit(true);
  });
}

void ConvRows::emitTile(const ColumnClass &columns, Value firstPixel,
                        const OpenTile &open, Value panel, int64_t channels) {
  TileLimits limits(builder.getTarget(), plan.accumulator);
  RegisterTile registers(
      builder, product, columns.pixels, llvm::divideCeil(channels, plan.lanes),
      open.pixels, plan.depthwise ? plan.lanes : limits.getLastLanes(channels));
  auto indexOfRow = [&](Value pixel) {
    return indexOutput(builder, plan, rowIndices,
                       builder.add(firstPixel, pixel), channel);
  };
  TileOutput output{op, builder.getBuffer(op.getOutputMutable()),
                    builder.i64(channels),
                    indexOfRow, stage};
  // A depthwise tile has so few steps that fetching what it writes takes longer
  // than it gains.
  if (!plan.depthwise)
    registers.fetch(output);
  else
    fetchNextTile(columns, firstPixel, channels);
  emitTaps(registers, columns, firstPixel, open, channels, 0,
           builder.mul(rowIndices[0], plan.imageStride), builder.i64(0));
  if (failed(registers.store(output)))
    status = failure();
}

void ConvRows::fetchNextTile(const ColumnClass &columns, Value firstPixel,
                             int64_t channels) {
  // With what else passes by, a fifth of L3 is what stays there from layer to
  // layer; from L3 tiles are as fast without.
  const CPUDescription &description = builder.getTarget().description;
  int64_t bytes = lir::getElementBytes(plan.element),
          kept = std::max(description.l2Bytes, description.l3Bytes / 5);
  if (plan.hasOpenColumns() || !plan.imageStride.isNumber() ||
      plan.imageStride.getNumber() * bytes <= kept)
    return;
  // The rows of the input that no output row before this one has read.
  Value position = builder.mul(rowIndices[0], plan.imageStride);
  int64_t newRows = 1;
  for (auto [i, outer] : llvm::enumerate(plan.getOuterDims())) {
    newRows = std::min(outer.stride, outer.taps);
    Value row = builder.add(inputBegin[i], (outer.taps - 1) * outer.dilation);
    position = builder.add(position, builder.mul(row, plan.inputStrides[i]));
  }
  const ConvDim &along = plan.getColumns();
  int64_t newColumns = columns.pixels * along.stride;
  Value first = builder.add(getFirstColumn(firstPixel),
                            along.getWindow(1) - 1 + newColumns);
  position = builder.add(position, builder.mul(first, getPixelStride()));
  Value pixel = elementPtr(builder.getBuffer(op.getInputMutable()),
                           builder.add(position, channel));
  for (int64_t row = 0; row < newRows; ++row) {
    Value back = row ? builder.mul(builder.i64(-row),
                                   *std::prev(plan.inputStrides.end(), 2))
                     : builder.i64(0);
    for (int64_t column = 0; column < newColumns; ++column)
      builder.fetchLines(
          elementPtr(pixel, builder.add(back, column * getPixelStride())),
          channels * bytes, /*isWritten=*/false);
  }
}

void ConvRows::emitJoinedRows(RegisterTile &registers,
                              const ColumnClass &columns, Value firstPixel,
                              int64_t channels, Value position, Value tap) {
  const ConvDim &along = plan.getColumns(), &outer = plan.getOuterDims().back();
  unsigned dim = plan.getOuterDims().size() - 1;
  // No row of taps may be in the image.
  Value begin = builder.min(tapBegin[dim], builder.i64(outer.taps)),
        end = builder.max(begin, tapEnd[dim]);
  Value first = builder.mul(tap, outer.taps);
  auto add = [&](Value begin, Value end) {
    accumulate(registers,
               {columns,
                firstPixel,
                {},
                elementPtr(builder.getBuffer(op.getInputMutable()), position),
                filter,
                builder.mul(builder.add(first, begin), along.taps),
                builder.mul(builder.add(first, end), along.taps),
                builder.mul(inputBegin[dim], plan.inputStrides[dim]),
                channel,
                channels});
  };
  if (llvm::all_equal(columns.taps))
    add(begin, end);
  else
    registers.forLoop(begin, end,
                      [&](Value row) { add(row, builder.add(row, 1)); });
}

void ConvRows::emitTaps(RegisterTile &registers, const ColumnClass &columns,
                        Value firstPixel, const OpenTile &open,
                        int64_t channels, unsigned dim, Value position,
                        Value tap) {
  const ConvDim &along = plan.getColumns();
  if (dim == plan.getOuterDims().size()) {
    int64_t step = plan.inputChannels * plan.tile.columns;
    Value weights = builder.mul(tap, along.taps * step);
    Value firstTap = builder.mul(tap, along.taps);
    accumulate(registers,
               {columns, firstPixel, open,
                elementPtr(builder.getBuffer(op.getInputMutable()), position),
                elementPtr(filter, weights), firstTap,
                builder.add(firstTap, along.taps), builder.i64(0), channel,
                channels});
    return;
  }
  if (plan.joinsTapRows() && dim + 1 == plan.getOuterDims().size()) {
    emitJoinedRows(registers, columns, firstPixel, channels, position, tap);
    return;
  }
  const ConvDim &outer = plan.getOuterDims()[dim];
  registers.forLoop(tapBegin[dim], tapEnd[dim], [&](Value t) {
    Value index = builder.add(inputBegin[dim], builder.mul(t, outer.dilation));
    emitTaps(registers, columns, firstPixel, open, channels, dim + 1,
             builder.add(position, builder.mul(index, plan.inputStrides[dim])),
             builder.add(builder.mul(tap, outer.taps), t));
  });
}
