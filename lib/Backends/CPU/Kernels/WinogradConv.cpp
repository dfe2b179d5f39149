//===- WinogradConv.cpp - Convolution by Winograd's products --------------===//
//
// output = A^T ((G filter) * (B^T input)) for tiles of the output, after
// kernels/Winograd.h; G filter is U, packed when the model is compiled. For
// each block of tiles (WinogradPlan):
//
//   V[point][tile][ic]  = B^T of the tile's input, vectors along channels
//   M[point][tile][oc]  = V[point] * U[panel][point]        a register tile
//   output[pixels][oc]  = A^T of M, epilogue, for the pixels that exist
//
// A tile that reads padding copies its input with zeros around it first.
//
//===----------------------------------------------------------------------===//

#include "RegisterTile.h"
#include "WinogradPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using namespace lambent::kernels;

namespace {

/// LinearTransform's steps on vectors.
struct VectorArithmetic {
  KernelBuilder &builder;
  VectorType type;

  Value factor(Fraction value) {
    return builder.constant(type, value.toDouble());
  }
  Value multiply(Fraction c, Value x) { return builder.mulf(factor(c), x); }
  Value multiplyAdd(Fraction c, Value x, Value sum) {
    return builder.fma(factor(c), x, sum);
  }
  Value add(Value a, Value b) { return builder.addf(a, b); }
  Value subtract(Value a, Value b) {
    return builder.create<arith::SubFOp>(a, b);
  }
};

/// The transforms of both dims, y first.
using Transforms = std::array<LinearTransform, 2>;

class WinogradConv {
public:
  WinogradConv(lir::ConvOp op, WinogradAttr algorithm, KernelBuilder &builder);
  LogicalResult emit();

private:
  /// Tiles [begin, end) and register tiles of a block.
  struct Block {
    Value begin, end, registerBegin, registerEnd;
  };
  Block getBlock(Value block);
  /// The first tile of register tile `t`.
  Value getFirstTile(Value t);
  /// The tile's image and its first pixel of the output: {n, y, x}.
  SmallVector<Value> getPlace(Value tile);

  void transformInputs(const Block &block);
  void transformInput(Value tile, Value target);
  /// Copies what a tile reads, from pixel (y, x) of the input on, with zeros
  /// for what is outside.
  void copyPatch(Value image, Value y, Value x);
  /// How far an index of a tile that begins at `first` lies in the image:
  /// [begin, end).
  std::pair<Value, Value> clampToImage(unsigned dim, Value first);
  void multiply(const Block &block, Value panel, int64_t channels);
  void multiplyRows(const Block &block, int64_t rows, Value begin, Value end,
                    Value lhs, Value rhs, Value products, int64_t vectors);
  void transformOutputs(const Block &block, Value panel, int64_t channels);
  void storeResults(ArrayRef<Value> results, ArrayRef<Value> place,
                    Value channel, Value count);
  void storeResult(Value result, ArrayRef<Value> place, Value y, Value x,
                   Value channel, Value count);
  /// Applies `transforms` to a grid of vectors.
  SmallVector<Value> transform(const Transforms &transforms,
                               ArrayRef<Value> grid);

  Value elementPtr(Value base, Value index) {
    return builder.elementPtr(base, plan.element, index);
  }

  lir::ConvOp op;
  KernelBuilder &builder;
  WinogradPlan plan;
  TileProduct product;
  VectorType vectorType;
  Transforms inputTransforms, outputTransforms;
  Value inputs, products, patch, stage; ///< scratch memory
  LogicalResult status = success();
};

} // namespace

WinogradConv::WinogradConv(lir::ConvOp op, WinogradAttr algorithm,
                           KernelBuilder &builder)
    : op(op), builder(builder), plan(op, algorithm, builder.getTarget()),
      product(plan.element, plan.element, builder.getTarget()),
      vectorType(builder.vectorType(plan.element, plan.lanes)),
      inputTransforms{LinearTransform(WinogradMatrices(plan.forms[0]).input),
                      LinearTransform(WinogradMatrices(plan.forms[1]).input)},
      outputTransforms{
          LinearTransform(WinogradMatrices(plan.forms[0]).output),
          LinearTransform(WinogradMatrices(plan.forms[1]).output)} {
  inputs = builder.getScratch();
  products = builder.bytePtr(inputs, builder.i64(plan.getInputBytes()));
  patch = builder.bytePtr(products, builder.i64(plan.getProductBytes()));
  stage = builder.bytePtr(patch, builder.i64(plan.getPatchBytes()));
}

LogicalResult WinogradConv::emit() {
  // Chunks of one block follow one another, and share its transformed input.
  builder.forLoop(
      builder.getBegin(), builder.getEnd(), 1, builder.i64(-1),
      [&](Value chunk, ValueRange last) {
        SmallVector<Value> indices =
            builder.delinearize(chunk, plan.getChunkGrid());
        Block block = getBlock(indices[0]);
        Value isNew = builder.createOrFold<arith::CmpIOp>(
            arith::CmpIPredicate::ne, indices[0], last.front());
        builder.ifThen(isNew, [&] { transformInputs(block); });
        Value panelBegin = builder.mul(indices[1], plan.chunkPanels);
        Value panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                                     builder.i64(plan.panels));
        forEachPanel(builder, panelBegin, panelEnd, plan.outputChannels,
                     plan.tile.columns, [&](Value panel, int64_t channels) {
                       multiply(block, panel, channels);
                       transformOutputs(block, panel, channels);
                     });
        return SmallVector<Value>{indices[0]};
      });
  return status;
}

//===-- Tiles -------------------------------------------------------------===//

Value WinogradConv::getFirstTile(Value t) {
  Value small = builder.max(builder.sub(t, builder.i64(plan.split.bigTiles)),
                            builder.i64(0));
  return builder.sub(builder.mul(t, plan.split.rows), small);
}

WinogradConv::Block WinogradConv::getBlock(Value block) {
  Value begin = builder.mul(block, plan.blockTiles);
  Value end = builder.min(builder.add(begin, plan.blockTiles),
                          builder.i64(plan.split.tiles));
  return {getFirstTile(begin), getFirstTile(end), begin, end};
}

SmallVector<Value> WinogradConv::getPlace(Value tile) {
  SmallVector<Value> place = builder.delinearize(
      tile, {plan.images, plan.dims[0].tiles, plan.dims[1].tiles});
  for (unsigned d : {0, 1})
    place[d + 1] = builder.mul(place[d + 1], plan.forms[d].outputs);
  return place;
}

SmallVector<Value> WinogradConv::transform(const Transforms &transforms,
                                           ArrayRef<Value> grid) {
  VectorArithmetic arithmetic{builder, vectorType};
  int64_t height = plan.forms[0].getPoints(), width = plan.forms[1].getPoints();
  SmallVector<SmallVector<Value>> columns;
  for (int64_t x = 0; x < width; ++x) {
    SmallVector<Value> column;
    for (int64_t y = 0; y < height; ++y)
      column.push_back(grid[y * width + x]);
    columns.push_back(transforms[0].apply<Value>(column, arithmetic));
  }
  SmallVector<Value> results;
  for (size_t y = 0; y < columns.front().size(); ++y) {
    SmallVector<Value> row;
    for (const SmallVector<Value> &column : columns)
      row.push_back(column[y]);
    results.append(transforms[1].apply<Value>(row, arithmetic));
  }
  return results;
}

//===-- Inputs ------------------------------------------------------------===//

void WinogradConv::transformInputs(const Block &block) {
  builder.forLoop(block.begin, block.end, 1, [&](Value tile) {
    Value target =
        builder.mul(builder.sub(tile, block.begin), plan.getTileStep());
    transformInput(tile, elementPtr(inputs, target));
  });
}

std::pair<Value, Value> WinogradConv::clampToImage(unsigned dim, Value first) {
  int64_t points = plan.forms[dim].getPoints();
  auto clamp = [&](Value value) {
    return builder.min(builder.max(value, builder.i64(0)), builder.i64(points));
  };
  return {clamp(builder.sub(builder.i64(0), first)),
          clamp(builder.sub(builder.i64(plan.dims[dim].input), first))};
}

void WinogradConv::transformInput(Value tile, Value target) {
  SmallVector<Value> place = getPlace(tile);
  Value y = builder.add(place[1], -plan.dims[0].pad),
        x = builder.add(place[2], -plan.dims[1].pad);
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
                         builder.i64(plan.dims[0].inputStride));
  Value pixelStep = choose(builder.i64(plan.getPatchChannels()),
                           builder.i64(plan.dims[1].inputStride));
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

void WinogradConv::copyPatch(Value image, Value y, Value x) {
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

//===-- Products ----------------------------------------------------------===//

void WinogradConv::multiplyRows(const Block &block, int64_t rows, Value begin,
                                Value end, Value lhs, Value rhs, Value products,
                                int64_t vectors) {
  if (rows == 0)
    return;
  builder.forLoop(begin, end, 1, [&](Value t) {
    Value row = builder.sub(getFirstTile(t), block.begin);
    RegisterTile registers(builder, product, rows, vectors);
    TileOperands operands;
    operands.lhs = elementPtr(lhs, builder.mul(row, plan.getTileStep()));
    for (int64_t r = 0; r < rows; ++r)
      operands.rowOffsets.push_back(builder.i64(r * plan.getTileStep()));
    operands.rhs = rhs;
    operands.rhsStep = plan.tile.columns;
    operands.depth = builder.i64(plan.inputChannels);
    registers.accumulate(operands);
    Value target = builder.mul(row, plan.tile.columns);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        builder.storeVector(
            registers.at(r, v), products,
            builder.add(target, r * plan.tile.columns + v * plan.lanes));
  });
}

void WinogradConv::multiply(const Block &block, Value panel, int64_t channels) {
  int64_t vectors = llvm::divideCeil(channels, plan.lanes);
  Value filter = builder.getBuffer(op.getFilterMutable());
  const RowSplit &split = plan.split;
  Value middle =
      builder.max(block.registerBegin,
                  builder.min(block.registerEnd, builder.i64(split.bigTiles)));
  builder.forLoop(
      builder.i64(0), builder.i64(plan.getPoints()), 1, [&](Value point) {
        Value index = builder.add(builder.mul(panel, plan.getPoints()), point);
        Value rhs = elementPtr(
            filter, builder.mul(index, plan.inputChannels * plan.tile.columns));
        Value lhs = elementPtr(inputs, builder.mul(point, plan.getInputStep())),
              target = elementPtr(products,
                                  builder.mul(point, plan.getProductStep()));
        multiplyRows(block, split.rows, block.registerBegin, middle, lhs, rhs,
                     target, vectors);
        if (split.bigTiles < split.tiles)
          multiplyRows(block, split.rows - 1, middle, block.registerEnd, lhs,
                       rhs, target, vectors);
      });
}

//===-- Results -----------------------------------------------------------===//

void WinogradConv::transformOutputs(const Block &block, Value panel,
                                    int64_t channels) {
  builder.forLoop(block.begin, block.end, 1, [&](Value tile) {
    SmallVector<Value> place = getPlace(tile);
    Value first =
        builder.mul(builder.sub(tile, block.begin), plan.tile.columns);
    Value channelOfPanel = builder.mul(panel, plan.tile.columns);
    auto transformVector = [&](Value column, Value count) {
      SmallVector<Value> grid;
      for (int64_t p = 0; p < plan.getPoints(); ++p)
        grid.push_back(
            builder.loadVector(plan.element, plan.lanes, products,
                               builder.add(builder.add(first, column),
                                           p * plan.getProductStep())));
      storeResults(transform(outputTransforms, grid), place,
                   builder.add(channelOfPanel, column), count);
    };
    int64_t whole = channels / plan.lanes * plan.lanes;
    builder.forLoop(builder.i64(0), builder.i64(whole), plan.lanes,
                    [&](Value column) { transformVector(column, nullptr); });
    if (whole < channels)
      transformVector(builder.i64(whole), builder.i64(channels - whole));
  });
}

void WinogradConv::storeResult(Value result, ArrayRef<Value> place, Value y,
                               Value x, Value channel, Value count) {
  SmallVector<Value> indices{place[0], builder.add(place[1], y),
                             builder.add(place[2], x), channel};
  auto type = cast<MemRefType>(op.getOutput().getType());
  FailureOr<Value> value =
      builder.applyEpilogue(op, result, indices, plan.lanes, count);
  if (failed(value)) {
    status = failure();
    return;
  }
  builder.storeVector(*value, builder.getBuffer(op.getOutputMutable()),
                      builder.getPosition(indices, type), count);
}

void WinogradConv::storeResults(ArrayRef<Value> results, ArrayRef<Value> place,
                                Value channel, Value count) {
  int64_t height = plan.forms[0].outputs, width = plan.forms[1].outputs;
  auto storeAll = [&] {
    for (int64_t i = 0; i < height * width; ++i)
      storeResult(results[i], place, builder.i64(i / width),
                  builder.i64(i % width), channel, count);
  };
  auto storeStaged = [&] {
    for (auto [i, result] : llvm::enumerate(results))
      builder.storeVector(result, stage, builder.i64(i * plan.lanes));
    auto left = [&](unsigned dim) {
      return builder.min(
          builder.i64(plan.forms[dim].outputs),
          builder.sub(builder.i64(plan.dims[dim].output), place[dim + 1]));
    };
    builder.forLoop(builder.i64(0), left(0), 1, [&](Value y) {
      builder.forLoop(builder.i64(0), left(1), 1, [&](Value x) {
        Value at =
            builder.mul(builder.add(builder.mul(y, width), x), plan.lanes);
        storeResult(builder.loadVector(plan.element, plan.lanes, stage, at),
                    place, y, x, channel, count);
      });
    });
  };
  if (RegisterTile::isHeavyEpilogue(op))
    return storeStaged();
  // Whether the tile ends in the image, where some do not.
  Value isCut;
  for (unsigned d : {0, 1}) {
    if (plan.dims[d].output % plan.forms[d].outputs == 0)
      continue;
    Value end = builder.add(place[d + 1], plan.forms[d].outputs);
    Value cut = builder.lessThan(builder.i64(plan.dims[d].output), end);
    isCut = isCut ? builder.createOrFold<arith::OrIOp>(isCut, cut) : cut;
  }
  if (isCut)
    builder.ifThen(isCut, storeStaged, storeAll);
  else
    storeAll();
}

LogicalResult cpu::emitWinogradConv(lir::ConvOp op, WinogradAttr algorithm,
                                    KernelBuilder &builder) {
  return WinogradConv(op, algorithm, builder).emit();
}
