//===- WinogradConv.cpp - Convolution by Winograd's products --------------===//
//
// output = A^T ((G filter) * (B^T input)) for tiles of the output, after
// kernels/Winograd.h; G filter is U, packed when the model is compiled. For
// each block of tiles (WinogradPlan):
//
//   V[point][tile][ic]  = B^T of the tile's input, vectors along channels
//   M[point][tile][oc]  = V[point] * U[panel][point]        a register tile
//                         of sparse panels by a list of the ic that are kept
//   output[pixels][oc]  = A^T of M, epilogue, for the pixels that exist
//
//===----------------------------------------------------------------------===//

#include "SparseSteps.h"
#include "WinogradEmitter.h"
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

} // namespace

WinogradEmitter::WinogradEmitter(lir::ConvOp op,
                                 const WinogradPlan::Shape &shape,
                                 KernelBuilder &builder)
    : op(op), builder(builder), plan(op, shape, builder.getTarget()),
      product(plan.element, plan.element, builder.getTarget()),
      vectorType(builder.vectorType(plan.element, plan.lanes)),
      inputTransforms{LinearTransform(WinogradMatrices(plan.forms[0]).input),
                      LinearTransform(WinogradMatrices(plan.forms[1]).input)},
      outputTransforms{
          LinearTransform(WinogradMatrices(plan.forms[0]).output),
          LinearTransform(WinogradMatrices(plan.forms[1]).output)} {
  inputs = builder.getScratch();
  products = builder.bytePtr(
      inputs, builder.i64(plan.staged ? 0 : plan.getInputBytes()));
  patch = builder.bytePtr(products, builder.i64(plan.getProductBytes()));
  stage = builder.bytePtr(patch, builder.i64(plan.getPatchBytes()));
}

LogicalResult WinogradEmitter::emit() {
  if (!plan.staged)
    emitBlocks();
  else
    builder.ifThen(
        builder.lessThan(builder.getStage(), builder.i64(1)),
        [&] { emitInputs(); }, [&] { emitProducts(); });
  return status;
}

Value WinogradEmitter::getSharedInputs(Value block) {
  return elementPtr(builder.getBuffer(op.getWorkspaceMutable()[0]),
                    builder.mul(block, plan.getBlockElements()));
}

void WinogradEmitter::emitInputs() {
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, [&](Value chunk) {
    SmallVector<Value> indices =
        builder.delinearize(chunk, plan.getChunkGrid());
    Block block = getBlock(indices[0]);
    inputs = getSharedInputs(indices[0]);
    // The tiles of a block are shared evenly by its chunks.
    Value count = builder.sub(block.end, block.begin);
    int64_t parts = plan.getChunkGrid()[1].getNumber();
    auto getPart = [&](Value part) {
      return builder.add(block.begin,
                         builder.divUnsigned(builder.mul(part, count), parts));
    };
    transformInputs(block, getPart(indices[1]),
                    getPart(builder.add(indices[1], 1)));
  });
}

void WinogradEmitter::emitProducts() {
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, [&](Value chunk) {
    SmallVector<Value> indices =
        builder.delinearize(chunk, plan.getChunkGrid());
    inputs = getSharedInputs(indices[0]);
    emitPanels(getBlock(indices[0]), indices[1]);
  });
}

void WinogradEmitter::emitPanels(const Block &block, Value chunk) {
  auto [panelBegin, panelEnd] = getPanels(chunk);
  forEachPanel(builder, panelBegin, panelEnd, plan.outputChannels,
               plan.tile.columns, [&](Value panel, int64_t channels) {
                 multiply(block, panel, channels);
                 transformOutputs(block, panel, channels);
               });
}

void WinogradEmitter::emitBlocks() {
  // Chunks of one block follow one another, and share its transformed input.
  builder.forLoop(
      builder.getBegin(), builder.getEnd(), 1, builder.i64(-1),
      [&](Value chunk, ValueRange last) {
        SmallVector<Value> indices =
            builder.delinearize(chunk, plan.getChunkGrid());
        Block block = getBlock(indices[0]);
        Value isNew = builder.createOrFold<arith::CmpIOp>(
            arith::CmpIPredicate::ne, indices[0], last.front());
        builder.ifThen(isNew,
                       [&] { transformInputs(block, block.begin, block.end); });
        emitPanels(block, indices[1]);
        return SmallVector<Value>{indices[0]};
      });
}

//===-- Tiles -------------------------------------------------------------===//

/// Where part `part` of `parts` begins, which share `all` evenly.
static Value getPartBegin(KernelBuilder &builder, Value part, const Size &all,
                          const Size &parts) {
  return builder.divUnsigned(builder.mul(part, all), parts);
}

std::pair<Value, Value> WinogradEmitter::getPanels(Value chunk) {
  if (plan.isOpen()) {
    Size parts = plan.getChunkGrid()[1];
    return {getPartBegin(builder, chunk, plan.panels, parts),
            getPartBegin(builder, builder.add(chunk, 1), plan.panels, parts)};
  }
  Value begin = builder.mul(chunk, plan.chunkPanels);
  return {begin, builder.min(builder.add(begin, plan.chunkPanels.getNumber()),
                             builder.i64(plan.panels))};
}

Value WinogradEmitter::getFirstTile(Value t) {
  Value small = builder.max(builder.sub(t, builder.i64(plan.split.bigTiles)),
                            builder.i64(0));
  return builder.sub(builder.mul(t, plan.split.rows), small);
}

WinogradEmitter::Block WinogradEmitter::getOpenBlock(Value block) {
  Size blocks = plan.getNumBlocks();
  Value begin = getPartBegin(builder, block, plan.numTiles, blocks),
        end =
            getPartBegin(builder, builder.add(block, 1), plan.numTiles, blocks);
  auto divideCeil = [&](Value value, Value by) {
    return builder.create<arith::DivUIOp>(
        builder.add(value, builder.sub(by, builder.i64(1))), by);
  };
  Value tiles = builder.sub(end, begin),
        count = divideCeil(tiles, builder.i64(plan.split.rows)),
        rows = divideCeil(tiles, builder.max(count, builder.i64(1)));
  return {begin, end, builder.i64(0), count, rows};
}

WinogradEmitter::Block WinogradEmitter::getBlock(Value block) {
  if (plan.isOpen())
    return getOpenBlock(block);
  Value begin = builder.mul(block, plan.blockTiles);
  Value end = builder.min(builder.add(begin, plan.blockTiles),
                          builder.i64(plan.split.tiles));
  return {getFirstTile(begin), getFirstTile(end), begin, end, nullptr};
}

SmallVector<Value> WinogradEmitter::getPlace(Value tile) {
  SmallVector<Value> place = builder.delinearize(
      tile, {plan.images, plan.dims[0].tiles, plan.dims[1].tiles});
  for (unsigned d : {0, 1})
    place[d + 1] = builder.mul(place[d + 1], plan.forms[d].outputs);
  return place;
}

SmallVector<Value> WinogradEmitter::transform(const Transforms &transforms,
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

//===-- Products ----------------------------------------------------------===//

TileOperands WinogradEmitter::getFilter(Value panel, Value point) {
  Value filter = builder.getBuffer(op.getFilterMutable());
  TileOperands operands;
  if (plan.keptSteps) {
    kernels::SparsePanel layout = plan.getSparsePanel();
    Value base = elementPtr(filter, builder.mul(panel, layout.getWords()));
    SparseSteps(builder, layout, base)
        .select(operands, point, builder.add(point, 1));
    return operands;
  }
  Value index = builder.add(builder.mul(panel, plan.getPoints()), point);
  operands.rhs = elementPtr(
      filter, builder.mul(index, plan.inputChannels * plan.tile.columns));
  operands.rhsStep = plan.tile.columns;
  operands.depth = builder.i64(plan.inputChannels);
  return operands;
}

void WinogradEmitter::multiplyRows(const Block &block, int64_t rows,
                                   Value begin, Value end, Value lhs,
                                   const TileOperands &filter, Value products,
                                   int64_t vectors) {
  if (rows == 0)
    return;
  builder.forLoop(begin, end, 1, [&](Value t) {
    Value row, existing;
    if (block.rows) {
      row = builder.mul(t, block.rows);
      existing = builder.min(
          block.rows, builder.sub(builder.sub(block.end, block.begin), row));
    } else {
      row = builder.sub(getFirstTile(t), block.begin);
    }
    RegisterTile registers(builder, product, rows, vectors, existing);
    TileOperands operands = filter;
    operands.lhs = elementPtr(lhs, builder.mul(row, plan.getTileStep()));
    for (int64_t r = 0; r < rows; ++r)
      operands.rowOffsets.push_back(builder.i64(r * plan.getTileStep()));
    registers.accumulate(operands);
    // Rows that do not exist have room there, too, and zeros are stored without
    // a question; the next register tile overwrites them.
    Value target = builder.mul(row, plan.tile.columns);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        builder.storeVector(
            registers.at(r, v), products,
            builder.add(target, r * plan.tile.columns + v * plan.lanes));
  });
}

void WinogradEmitter::multiply(const Block &block, Value panel,
                               int64_t channels) {
  int64_t vectors = llvm::divideCeil(channels, plan.lanes);
  const RowSplit &split = plan.split;
  Value middle = plan.isOpen()
                     ? block.registerEnd
                     : builder.max(block.registerBegin,
                                   builder.min(block.registerEnd,
                                               builder.i64(split.bigTiles)));
  builder.forLoop(
      builder.i64(0), builder.i64(plan.getPoints()), 1, [&](Value point) {
        TileOperands filter = getFilter(panel, point);
        Value lhs = elementPtr(inputs, builder.mul(point, plan.getInputStep())),
              target = elementPtr(products,
                                  builder.mul(point, plan.getProductStep()));
        multiplyRows(block, split.rows, block.registerBegin, middle, lhs,
                     filter, target, vectors);
        if (split.bigTiles < split.tiles)
          multiplyRows(block, split.rows - 1, middle, block.registerEnd, lhs,
                       filter, target, vectors);
      });
}

//===-- Results -----------------------------------------------------------===//

void WinogradEmitter::transformOutputs(const Block &block, Value panel,
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

void WinogradEmitter::storeResult(Value result, ArrayRef<Value> place, Value y,
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

void WinogradEmitter::storeResults(ArrayRef<Value> results,
                                   ArrayRef<Value> place, Value channel,
                                   Value count) {
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
          builder.sub(builder.value(plan.dims[dim].output), place[dim + 1]));
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
  if (isHeavyEpilogue(op, builder.getTarget()))
    return storeStaged();
  // Whether the tile ends in the image, where some do not.
  Value isCut;
  for (unsigned d : {0, 1}) {
    if (plan.dims[d].output.isMultipleOf(plan.forms[d].outputs))
      continue;
    Value end = builder.add(place[d + 1], plan.forms[d].outputs);
    Value cut = builder.lessThan(builder.value(plan.dims[d].output), end);
    isCut = isCut ? builder.createOrFold<arith::OrIOp>(isCut, cut) : cut;
  }
  if (isCut)
    builder.ifThen(isCut, storeStaged, storeAll);
  else
    storeAll();
}

LogicalResult cpu::emitWinogradConv(lir::ConvOp op,
                                    const WinogradPlan::Shape &shape,
                                    KernelBuilder &builder) {
  return WinogradEmitter(op, shape, builder).emit();
}
