//===- DepthwiseBytes.cpp - Depthwise convolution of 8-bit integers -------===//
//
// Four rows of taps make one step: the bytes of four image rows at one pixel
// are interleaved to 32 bits a channel, and multiplied by those of the filter's
// four rows of taps. Each interleaved pixel serves all taps of a row that fall
// on it. Rows that fill up the last four are zeros. The image holds its
// padding. Panels of channels follow one another tile by tile: a cache line
// holds the bytes of several.
//
//===----------------------------------------------------------------------===//

#include "ConvRows.h"
#include "PanelPacking.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class DepthwiseBytes {
public:
  DepthwiseBytes(lir::ConvOp op, KernelBuilder &builder,
                 const ConvPlan::Form &form)
      : op(op), builder(builder), plan(op, builder.getTarget(), form),
        product(plan.types, builder.getTarget()) {
    if (!plan.getOuterDims().empty())
      tapRows = plan.getOuterDims().front().taps;
  }

  LogicalResult emit();

private:
  void emitRow(Value row);
  void emitPanel(Value panel, int64_t channels, Value firstPixel,
                 int64_t pixels);
  void emitTile(Value firstPixel, int64_t pixels, int64_t channels);
  /// Adds the products of the rows of taps from `row` on.
  void accumulate(RegisterTile &registers, Value firstPixel, int64_t row,
                  Value count);

  lir::ConvOp op;
  KernelBuilder &builder;
  ConvPlan plan;
  TileProduct product;
  int64_t tapRows = 1;
  const int64_t group = plan.getStepChannels(); ///< rows of taps of a step
  LogicalResult status = success();
  // Of the current chunk, row and panel.
  Value panelBegin, panelEnd;
  SmallVector<Value> rowIndices; ///< image, outer output index
  Value rowPosition;             ///< of the input's first row of taps
  Value filter, channel;
  Value input; ///< at the first row of taps
};

} // namespace

LogicalResult DepthwiseBytes::emit() {
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, [&](Value chunk) {
    SmallVector<Value> indices =
        builder.delinearize(chunk, plan.getChunkGrid());
    Value rowBegin = builder.mul(indices[1], plan.chunkRows);
    Value rowEnd =
        builder.min(builder.add(rowBegin, builder.value(plan.chunkRows)),
                    builder.value(plan.getNumRows()));
    panelBegin = builder.mul(indices[2], plan.chunkPanels);
    panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                           builder.i64(plan.panels));
    builder.forLoop(rowBegin, rowEnd, 1, [&](Value row) { emitRow(row); });
  });
  return status;
}

void DepthwiseBytes::emitRow(Value row) {
  Sizes sizes{plan.images};
  for (const ConvDim &dim : plan.getOuterDims())
    sizes.push_back(dim.output);
  rowIndices = builder.delinearize(row, sizes);
  rowPosition = builder.mul(rowIndices[0], plan.imageStride);
  for (auto [i, dim] : llvm::enumerate(plan.getOuterDims()))
    rowPosition = builder.add(
        rowPosition, builder.mul(builder.mul(rowIndices[i + 1], dim.stride),
                                 plan.inputStrides[i]));
  const RowSplit &split = plan.split;
  auto emitTiles = [&](int64_t first, int64_t end, int64_t pixels) {
    builder.forLoop(builder.i64(first), builder.i64(end), 1, [&](Value tile) {
      Value offset = builder.mul(builder.sub(tile, builder.i64(first)), pixels);
      Value firstPixel = builder.add(offset, split.getRow(first));
      forEachPanel(builder, panelBegin, panelEnd, plan.group, plan.tile.columns,
                   [&](Value panel, int64_t channels) {
                     emitPanel(panel, channels, firstPixel, pixels);
                   });
    });
  };
  emitTiles(0, split.bigTiles, split.rows);
  if (split.bigTiles != split.tiles)
    emitTiles(split.bigTiles, split.tiles, split.rows - 1);
}

void DepthwiseBytes::emitPanel(Value panel, int64_t channels, Value firstPixel,
                               int64_t pixels) {
  channel = builder.mul(panel, plan.tile.columns);
  filter = builder.bytePtr(builder.getBuffer(op.getFilterMutable()),
                           builder.mul(panel, plan.getPanelElements()));
  input = builder.bytePtr(builder.getBuffer(op.getInputMutable()),
                          builder.add(rowPosition, channel));
  emitTile(firstPixel, pixels, channels);
}

void DepthwiseBytes::emitTile(Value firstPixel, int64_t pixels,
                              int64_t channels) {
  RegisterTile registers(builder, product, pixels, 1);
  Value count = channels < plan.lanes ? builder.i64(channels) : Value();
  for (int64_t row = 0; row < tapRows; row += group)
    accumulate(registers, firstPixel, row, count);
  auto indexOfRow = [&](Value pixel) {
    return indexOutput(builder, plan, rowIndices,
                       builder.add(firstPixel, pixel), channel);
  };
  TileOutput output{op, builder.getBuffer(op.getOutputMutable()), count,
                    indexOfRow, builder.getScratch()};
  if (failed(registers.store(output)))
    status = failure();
}

void DepthwiseBytes::accumulate(RegisterTile &registers, Value firstPixel,
                                int64_t row, Value count) {
  const ConvDim &along = plan.getColumns();
  // Pixels and taps by the column of the input that they meet at.
  llvm::MapVector<int64_t, SmallVector<std::pair<int64_t, int64_t>>> uses;
  for (int64_t p = 0; p < registers.getRows(); ++p)
    for (int64_t tap = 0; tap < along.taps; ++tap)
      uses[p * along.stride + tap * along.dilation].push_back({p, tap});
  SmallVector<int64_t> columns =
      llvm::map_to_vector(uses, [](auto &entry) { return entry.first; });
  llvm::sort(columns);

  SmallVector<TileProduct::Parts> weights;
  for (int64_t tap = 0; tap < along.taps; ++tap)
    weights.push_back(product.loadRhs(
        builder, filter, (row / group * along.taps + tap) * plan.getPanelStep(),
        nullptr, plan.lanes));
  Value zero =
      builder.constant(builder.vectorType(plan.element, plan.lanes), 0);
  Value first = builder.mul(firstPixel, along.stride * plan.getPixelStride());
  for (int64_t column : columns) {
    SmallVector<Value> rows(group, zero);
    for (int64_t i = 0; i < group && row + i < tapRows; ++i) {
      Value at = builder.add(first, column * plan.getPixelStride());
      if (row + i > 0)
        at = builder.add(
            at,
            builder.value(plan.inputStrides[0] *
                          (plan.getOuterDims().front().dilation * (row + i))));
      rows[i] = builder.loadVector(plan.element, plan.lanes, input, at, count);
    }
    TileProduct::Parts pixel =
        product.splitLhs(builder, interleaveGroup(builder, rows));
    for (auto [p, tap] : uses[column])
      registers.at(p, 0) =
          product.multiplyAdd(builder, pixel, weights[tap], registers.at(p, 0));
  }
}

std::string cpu::explainDepthwiseBytes(lir::ConvOp op) {
  auto isKnown = [](const Size &size) { return size.isNumber(); };
  for (const Size &pad : op.getPads())
    if (!pad.is(0))
      return "the image does not hold its padding";
  auto input = cast<MemRefType>(op.getInput().getType());
  if (!llvm::all_of(llvm::drop_begin(lir::getSizes(input)), isKnown))
    return "the image's sizes are open";
  if (llvm::count_if(op.getFilterShape().drop_front(2),
                     [](int64_t taps) { return taps > 1; }) > 2 ||
      op.getFilterShape().size() > 4)
    return "expected at most two spatial dims";
  return "";
}

LogicalResult cpu::emitDepthwiseBytes(lir::ConvOp op, KernelBuilder &builder,
                                      const ConvPlan::Form &form) {
  if (!form.packed)
    return emitUnsupported(op)
           << "expected a constant filter of a depthwise convolution of bytes";
  return DepthwiseBytes(op, builder, form).emit();
}
