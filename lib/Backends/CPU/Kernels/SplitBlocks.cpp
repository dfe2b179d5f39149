//===- SplitBlocks.cpp - Blocks of tiles of parts -------------------------===//

#include "SplitBlocks.h"
#include "SplitRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

void cpu::forEachChunk(KernelBuilder &builder, TileUnit &unit,
                       function_ref<void(Value chunk)> body) {
  unit.configure();
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, body);
  unit.release();
}

void SplitBlocks::multiply(const Tiles &tiles) {
  forEachPanel([&](Value panel, PanelWidth width) {
    forEachRun(
        [&](const Steps &steps) { emitPanel(tiles, panel, width, steps); });
  });
  if (tiles.hasPairs && product.columns >= SplitProduct::kPanelColumns)
    finishLast(builder.divUnsigned(tiles.count, 2));
}

void SplitBlocks::forEachRun(function_ref<void(const Steps &steps)> body) {
  int64_t blocks = product.getBlocks(), each = product.blockSteps;
  Value zero = builder.i64(0), all = builder.i64(product.steps);
  if (blocks == 1)
    return body({zero, all, true, true});
  body({zero, builder.i64(each), true, false});
  builder.forLoop(builder.i64(each), builder.i64((blocks - 1) * each), each,
                  [&](Value begin) {
                    body({begin, builder.add(begin, each), false, false});
                  });
  body({builder.i64((blocks - 1) * each), all, false, true});
}

void SplitBlocks::emitPanel(const Tiles &tiles, Value panel, PanelWidth width,
                            const Steps &steps) {
  Value pairs = builder.divUnsigned(tiles.count, 2);
  bool isWhole = width.vectors == product.getPanelVectors() && !width.count;
  auto emitPair = [&](Value pair) {
    Block block = getPair(panel, pair);
    block.width = width;
    if (!isWhole || !steps.isLast)
      return emitBlock(block, steps, pair);
    // While the unit adds up a block, the one before it goes from its stage to
    // the output: the CPU overlaps what stands side by side in the code.
    Value number =
        builder.add(builder.mul(builder.sub(panel, panelBegin), pairs), pair);
    addUp(block, steps, pair);
    builder.ifThen(builder.lessThan(builder.i64(0), number), [&] {
      Value isFirst = builder.lessThan(pair, builder.i64(1));
      auto choose = [&](Value a, Value b) -> Value {
        return builder.create<arith::SelectOp>(isFirst, a, b);
      };
      finish(getPair(choose(builder.add(panel, -1), panel),
                     choose(builder.add(pairs, -1), builder.add(pair, -1))),
             getStage(builder.add(number, -1)));
    });
    storeSums(block, getStage(number));
  };
  if (tiles.hasPairs)
    builder.forLoop(builder.i64(0), pairs, 1, emitPair);
  if (tiles.mayBeOdd)
    builder.ifThen(builder.lessThan(builder.mul(pairs, 2), tiles.count), [&] {
      emitBlock({panel, width, builder.mul(pairs, 2), 1}, steps, pairs);
    });
}

void SplitBlocks::finishLast(Value pairs) {
  int64_t whole = product.columns / SplitProduct::kPanelColumns;
  Value wholeEnd = builder.min(panelEnd, builder.i64(whole));
  Value count = builder.mul(
      builder.max(builder.sub(wholeEnd, panelBegin), builder.i64(0)), pairs);
  builder.ifThen(builder.lessThan(builder.i64(0), count), [&] {
    finish(getPair(builder.add(wholeEnd, -1), builder.add(pairs, -1)),
           getStage(builder.add(count, -1)));
  });
}

void SplitBlocks::emitBlock(const Block &block, const Steps &steps,
                            Value pair) {
  addUp(block, steps, pair);
  if (!steps.isLast)
    return storeSums(block, getSums(pair));
  // Beside those of the blocks that may wait.
  Value stage = getScratch(scratch.stage + 2 * SplitProduct::kSumsBytes);
  storeSums(block, stage);
  finish(block, stage);
}

void SplitBlocks::forEachSum(const Block &block,
                             function_ref<void(int64_t, int64_t)> body) {
  int64_t breadth =
      llvm::divideCeil(block.width.vectors * product.lanes, DotStep::kColumns);
  for (int64_t i = 0; i < block.height; ++i)
    for (int64_t j = 0; j < breadth; ++j)
      body(i, j);
}

/// Where a block's sum (i, j) begins among them, of tiles of so many rows.
static int64_t getSumOffset(int64_t i, int64_t j, int64_t rows,
                            int64_t rowBytes) {
  return i * rows * rowBytes + j * DotStep::kRowBytes;
}

void SplitBlocks::storeSums(const Block &block, Value to) {
  forEachSum(block, [&](int64_t i, int64_t j) {
    int64_t place = getSumOffset(i, j, product.rows, kPanelRowBytes);
    unit.store(TileUnit::sum(i, j), builder.bytePtr(to, builder.i64(place)),
               kPanelRowBytes);
  });
}

PanelPrefetch SplitBlocks::fetchNext(Value panel, Value pair, int64_t part) {
  constexpr int64_t lineBytes = 64;
  // The parts are streams by themselves.
  const CPUDescription &description = builder.getTarget().description;
  NextPanel next(description.prefetchStreams ? 1 : 0, product.chunkPairs,
                 SplitProduct::kPanelStepBytes / lineBytes,
                 product.getPartBytes() * product.parts);
  return next.getPart(
      builder,
      builder.bytePtr(panel, builder.i64(part * product.getPartBytes())), pair,
      product.steps, product.getPanelBytes());
}

void SplitBlocks::addUp(const Block &block, const Steps &steps, Value pair) {
  Value weights = getPanel(block.panel);
  SmallVector<Value> left;
  for (int64_t i = 0; i < block.height; ++i)
    left.push_back(getTile(i ? builder.add(block.tile, i) : block.tile));
  SmallVector<PanelPrefetch> next;
  for (int64_t part = 0; part < product.parts; ++part)
    next.push_back(fetchNext(weights, pair, part));
  forEachSum(block, [&](int64_t i, int64_t j) {
    if (steps.isFirst)
      return unit.zero(TileUnit::sum(i, j));
    int64_t place = getSumOffset(i, j, product.rows, kPanelRowBytes);
    unit.load(TileUnit::sum(i, j),
              builder.bytePtr(getSums(pair), builder.i64(place)),
              kPanelRowBytes, /*streams=*/false);
  });
  ArrayRef<PartProduct> products = getPartProducts(product.parts);
  builder.forLoop(steps.begin, steps.end, 1, [&](Value step) {
    PartProduct loaded{-1, -1};
    Value offset = getStepOffset(step);
    Value right = builder.bytePtr(
        weights, builder.mul(step, SplitProduct::kPanelStepBytes));
    for (auto [number, parts] : llvm::enumerate(products)) {
      // The panel stays for all rows of the chunk, which pass by.
      if (parts.rhs != loaded.rhs)
        forEachSum(block, [&](int64_t i, int64_t j) {
          if (i == 0)
            unit.load(
                TileUnit::rhs(j),
                builder.bytePtr(right,
                                builder.i64(parts.rhs * product.getPartBytes() +
                                            j * DotStep::kRowBytes)),
                kPanelRowBytes, /*streams=*/false);
        });
      if (parts.lhs != loaded.lhs)
        for (int64_t i = 0; i < block.height; ++i)
          unit.load(TileUnit::lhs(i),
                    builder.bytePtr(
                        left[i], builder.add(offset, parts.lhs * lhsPartBytes)),
                    lhsRowBytes, /*streams=*/true);
      loaded = parts;
      for (const PanelPrefetch &panel : next)
        panel.fetch(builder, step, 1, number, products.size());
      forEachSum(block, [&](int64_t i, int64_t j) { unit.dot(i, j); });
    }
  });
}

Value SplitBlocks::join(Value panel, PanelWidth width) {
  Value to = getScratch(scratch.panel);
  joinPanel(builder, product, getPanel(panel), product.getPartBytes(),
            width.vectors, to);
  return to;
}

Value PackedBlocks::getTileRow(Value row) {
  Value tile = builder.divUnsigned(row, product.rows),
        within = builder.mul(builder.remUnsigned(row, product.rows),
                             DotStep::kRowBytes);
  return builder.bytePtr(getTile(tile), within);
}

Value PackedBlocks::splitInto(Value row, int64_t depth, Value from) {
  int64_t tileBytes = product.getLhsTileBytes();
  return splitRow(builder, depth, from, getTileRow(row),
                  {product.parts, product.parts * tileBytes, tileBytes});
}

void PackedBlocks::copyInto(Value row, int64_t bytes, Value from) {
  copyRow(builder, bytes, from, getTileRow(row), product.getLhsTileBytes());
}
