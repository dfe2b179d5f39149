//===- ConvSlab.cpp - The padded image that a chunk reads -----------------===//

#include "ConvSlab.h"
#include "SplitRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Value ConvSlab::split(const SplitRange &range) {
  SplitTarget target{plan.parts, plan.parts * plan.getSlabPartBytes(),
                     plan.getSlabPartBytes()};
  auto fill = [&](Value sofar, Value from, Value to) {
    Value largest =
        splitRow(builder, plan.conv.inputChannels, from, to, target);
    return andInRange(builder, sofar, largest, range);
  };
  auto clear = [&](Value to) {
    clearRow(builder, plan.channelSteps, to, target);
  };
  return isInRange(
      builder,
      forEachPixel({plan.getPlaneBytes(), DotStep::kRowBytes}, fill, clear));
}

void ConvSlab::copyNarrow() {
  SplitTarget target{/*parts=*/1, plan.getSlabPartBytes(), 0};
  auto fill = [&](Value sofar, Value from, Value to) {
    copyRow(builder, plan.conv.inputChannels * plan.step.getElementBytes(),
            from, to, target.stepBytes);
    return sofar;
  };
  forEachPixel({plan.getPlaneBytes(), DotStep::kRowBytes}, fill, [&](Value to) {
    clearRow(builder, plan.channelSteps, to, target);
  });
}

void ConvSlab::copy() {
  int64_t lanes = plan.lanes, channels = plan.conv.inputChannels,
          pixelBytes = plan.getChannels() * int64_t(sizeof(float));
  Type element = plan.conv.element;
  Value zeros = builder.constant(builder.vectorType(element, lanes), 0);
  auto writeZeros = [&](Value to, int64_t from) {
    for (int64_t c = from; c < plan.getChannels(); c += lanes)
      builder.storeVector(zeros, to, builder.i64(c));
  };
  auto fill = [&](Value sofar, Value from, Value to) {
    int64_t whole = channels / lanes * lanes;
    builder.forLoop(builder.i64(0), builder.i64(whole), lanes, [&](Value c) {
      builder.storeVector(builder.loadVector(element, lanes, from, c), to, c);
    });
    writeZeros(to, whole);
    Value rest = builder.i64(whole), count = builder.i64(channels - whole);
    if (whole < channels)
      builder.storeVector(builder.loadVector(element, lanes, from, rest, count),
                          to, rest);
    return sofar;
  };
  forEachPixel({plan.getSlabPixels() * pixelBytes, pixelBytes}, fill,
               [&](Value to) { writeZeros(to, 0); });
}

Value ConvSlab::forEachPixel(const Layout &layout, Fill fill, Clear clear) {
  // All rows that taps of the piece's read.
  Value lines =
      builder.add(builder.mul(builder.add(piece.rows, -1), plan.lines.stride),
                  plan.lines.getWindow(1));
  return builder
      .forLoop(builder.i64(0), builder.i64(plan.countPlaneTaps()), 1,
               beginInRange(builder),
               [&](Value tap, ValueRange sofar) {
                 return builder.forLoop(
                     builder.i64(0), lines, 1, sofar,
                     [&](Value line, ValueRange sofar) -> SmallVector<Value> {
                       return {forEachColumn(tap, line, sofar.front(), layout,
                                             fill, clear)};
                     });
               })
      .front();
}

ConvSlab::Line ConvSlab::getLine(Value tap, Value line) {
  Line found{builder.mul(piece.image, plan.conv.imageStride), nullptr};
  auto addDim = [&](const ConvDim &dim, const Size &stride, Value output,
                    Value step) {
    Value first =
        builder.sub(builder.mul(output, dim.stride), builder.value(dim.pad));
    Value index = builder.add(first, step);
    // An index below 0 is a large one without its sign.
    Value isInside = builder.create<arith::CmpIOp>(
        arith::CmpIPredicate::ult, index, builder.value(dim.input));
    if (found.exists)
      isInside = builder.create<arith::AndIOp>(found.exists, isInside);
    found = {builder.add(found.position, builder.mul(index, stride)), isInside};
  };
  Sizes taps;
  for (const ConvDim &dim : plan.getPlanes())
    taps.push_back(dim.taps);
  for (auto [i, step] : llvm::enumerate(builder.delinearize(tap, taps))) {
    const ConvDim &dim = plan.getPlanes()[i];
    addDim(dim, plan.conv.inputStrides[i], piece.planes[i],
           builder.mul(step, dim.dilation));
  }
  addDim(plan.lines, plan.lineStride, piece.rowBegin, line);
  return found;
}

Value ConvSlab::forEachColumn(Value tap, Value line, Value sofar,
                              const Layout &layout, Fill fill, Clear clear) {
  const ConvDim &along = plan.getColumns();
  Line source = getLine(tap, line);
  // Columns [begin, end) of those that are read are in the image.
  Value zero = builder.i64(0),
        count = builder.add(
            builder.mul(builder.add(piece.columns, -1), along.stride),
            along.getWindow(1)),
        first = builder.sub(builder.mul(piece.columnBegin, along.stride),
                            builder.value(along.pad));
  auto clamp = [&](Value value) -> Value {
    return builder.create<arith::SelectOp>(
        source.exists, builder.min(builder.max(value, zero), count), zero);
  };
  Value begin = clamp(builder.sub(zero, first)),
        end = builder.max(
            begin, clamp(builder.sub(builder.value(along.input), first)));
  Value to = builder.bytePtr(
      slab, builder.add(
                builder.mul(tap, layout.planeBytes),
                builder.mul(line, plan.getSlabColumns() * layout.pixelBytes)));
  auto getPixel = [&](Value column) {
    return builder.bytePtr(to, builder.mul(column, layout.pixelBytes));
  };
  builder.forLoop(zero, begin, 1, [&](Value c) { clear(getPixel(c)); });
  builder.forLoop(end, count, 1, [&](Value c) { clear(getPixel(c)); });
  Value input = builder.getBuffer(op.getInputMutable());
  return builder
      .forLoop(begin, end, 1, sofar,
               [&](Value c, ValueRange sofar) -> SmallVector<Value> {
                 Value column = builder.mul(builder.add(first, c),
                                            plan.conv.getPixelStride());
                 Value from =
                     builder.elementPtr(input, plan.conv.element,
                                        builder.add(source.position, column));
                 return {fill(sofar.front(), from, getPixel(c))};
               })
      .front();
}
