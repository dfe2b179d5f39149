//===- WinogradInput.cpp - V of a Winograd convolution's input ------------===//
//
// V[point][tile][ic] = B^T of the tile's input. A tile that reads padding
// copies its input with zeros around it first.
//
//===----------------------------------------------------------------------===//

#include "WinogradEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

void WinogradEmitter::transformInputs(const Block &block, Value begin,
                                      Value end) {
  builder.forLoop(begin, end, 1, [&](Value tile) {
    Value target =
        builder.mul(builder.sub(tile, block.begin), plan.getTileStep());
    transformInput(tile, elementPtr(inputs, target));
  });
}

std::pair<Value, Value> WinogradEmitter::clampToImage(unsigned dim,
                                                      Value first) {
  int64_t points = plan.forms[dim].getPoints();
  auto clamp = [&](Value value) {
    return builder.min(builder.max(value, builder.i64(0)), builder.i64(points));
  };
  return {clamp(builder.sub(builder.i64(0), first)),
          clamp(builder.sub(builder.value(plan.dims[dim].input), first))};
}

void WinogradEmitter::transformInput(Value tile, Value target) {
  SmallVector<Value> place = getPlace(tile);
  Value y = builder.add(place[1], builder.value(0 - plan.dims[0].pad)),
        x = builder.add(place[2], builder.value(0 - plan.dims[1].pad));
  auto [top, bottom] = clampToImage(0, y);
  auto [left, right] = clampToImage(1, x);
  int64_t height = plan.forms[0].getPoints(), width = plan.forms[1].getPoints();
  Value seen = builder.mul(builder.sub(bottom, top), builder.sub(right, left));
  Value isCut = builder.lessThan(seen, builder.i64(height * width));
  builder.ifThen(isCut, [&] { copyPatch(place[0], y, x); });

  auto choose = [&](Value cut, Value whole) {
    return builder.create<arith::SelectOp>(isCut, cut, whole);
  };
  Value position =
      builder.add(builder.mul(place[0], plan.imageStride),
                  builder.add(builder.mul(y, plan.dims[0].inputStride),
                              builder.mul(x, plan.dims[1].inputStride)));
  Value image = builder.getBuffer(op.getInputMutable());
  Value source =
      choose(patch, elementPtr(image, choose(builder.i64(0), position)));
  Value rowStep = choose(builder.i64(width * plan.getPatchChannels()),
                         builder.value(plan.dims[0].inputStride));
  Value pixelStep = choose(builder.i64(plan.getPatchChannels()),
                           builder.value(plan.dims[1].inputStride));
  auto transformVector = [&](Value channel, Value count) {
    SmallVector<Value> grid;
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        grid.push_back(builder.loadVector(
            plan.element, plan.lanes, source,
            builder.add(channel, builder.add(builder.mul(rowStep, i),
                                             builder.mul(pixelStep, j))),
            count));
    for (auto [p, value] : llvm::enumerate(transform(inputTransforms, grid)))
      builder.storeVector(
          value, target,
          builder.add(channel, int64_t(p) * plan.getInputStep()));
  };
  int64_t whole = plan.inputChannels / plan.lanes * plan.lanes;
  builder.forLoop(builder.i64(0), builder.i64(whole), plan.lanes,
                  [&](Value channel) { transformVector(channel, nullptr); });
  if (whole < plan.inputChannels)
    transformVector(builder.i64(whole),
                    builder.i64(plan.inputChannels - whole));
}

void WinogradEmitter::copyPatch(Value image, Value y, Value x) {
  auto [top, bottom] = clampToImage(0, y);
  auto [left, right] = clampToImage(1, x);
  int64_t width = plan.forms[1].getPoints();
  Value source = builder.getBuffer(op.getInputMutable());
  auto copyChannels = [&](Value from, Value to) {
    auto copyVector = [&](Value channel, Value count) {
      Value vector = from
                         ? builder.loadVector(plan.element, plan.lanes, source,
                                              builder.add(from, channel), count)
                         : builder.constant(vectorType, 0);
      builder.storeVector(vector, patch, builder.add(to, channel));
    };
    int64_t whole = plan.inputChannels / plan.lanes * plan.lanes;
    builder.forLoop(builder.i64(0), builder.i64(whole), plan.lanes,
                    [&](Value channel) { copyVector(channel, nullptr); });
    if (whole < plan.inputChannels)
      copyVector(builder.i64(whole), builder.i64(plan.inputChannels - whole));
  };
  auto pixels = [&](Value row, Value begin, Value end, Value from) {
    builder.forLoop(begin, end, 1, [&](Value column) {
      Value pixel = builder.add(builder.mul(row, width), column);
      Value at = from ? builder.add(from, builder.mul(builder.add(x, column),
                                                      plan.dims[1].inputStride))
                      : Value();
      copyChannels(at, builder.mul(pixel, plan.getPatchChannels()));
    });
  };
  auto blank = [&](Value begin, Value end) {
    builder.forLoop(begin, end, 1, [&](Value row) {
      pixels(row, builder.i64(0), builder.i64(width), nullptr);
    });
  };
  blank(builder.i64(0), top);
  builder.forLoop(top, bottom, 1, [&](Value row) {
    Value from =
        builder.add(builder.mul(image, plan.imageStride),
                    builder.mul(builder.add(y, row), plan.dims[0].inputStride));
    pixels(row, builder.i64(0), left, nullptr);
    pixels(row, left, right, from);
    pixels(row, builder.max(left, right), builder.i64(width), nullptr);
  });
  blank(builder.max(top, bottom), builder.i64(plan.forms[0].getPoints()));
}
