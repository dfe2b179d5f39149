//===- SplitTiles.cpp - f32 products as sums of bf16 ones -----------------===//
//
// x = hi + lo (+ lo2), each of bf16, and a product of two such sums is that of
// the parts, without the smallest. A chunk splits its rows of lhs into tiles
// [row tile][step of K][part][row][K], and then goes through its panels of rhs
// and, within a panel, through pairs of tiles: blocks of up to 32x32 sums, that
// go through a stage in L1 to the epilogue.
//
// Where a row's numbers have no such parts, or products of them are too small
// or too large, the chunk is multiplied in f32: each panel's parts are added up
// again, and the rows are those of the model.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "RegisterTile.h"
#include "SplitRows.h"
#include "TileUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SplitTilesEmitter {
public:
  SplitTilesEmitter(lir::MatmulOp op, KernelBuilder &builder,
                    SplitTilesAttr algorithm)
      : op(op), builder(builder), algorithm(algorithm),
        plan(op, builder.getTarget(), algorithm.getParts()),
        vectorProduct(plan.product.element, plan.product.accumulator,
                      builder.getTarget()),
        scratch(plan.getScratch()),
        unit(TileUnit::create(builder, plan.step, plan.rows,
                              builder.getScratch())) {}

  LogicalResult emit() {
    unit->configure();
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](Value chunk) { emitChunk(chunk); });
    unit->release();
    return status;
  }

private:
  using PanelBody = function_ref<void(Value panel, PanelWidth width)>;
  static constexpr int64_t kPanelRowBytes = 4 * SplitTilesPlan::kPanelColumns;

  void emitChunk(Value chunk);
  /// Whether tiles are right for all rows, an i1.
  Value splitRows();
  Value isInRange(Value largest);
  /// Tiles of lhs, `height` of them from `tile` of the chunk on, times a panel.
  struct Block {
    Value panel;
    PanelWidth width;
    Value tile;
    int64_t height;
  };
  void emitTiles();
  void emitBlock(const Block &block);
  void forEachSum(const Block &block,
                  function_ref<void(int64_t i, int64_t j)> body);
  void addUp(const Block &block);
  void storeSums(const Block &block, Value stage);
  /// Takes a block's sums from its stage to the output.
  void finish(const Block &block, Value stage);
  void emitVectors(Value panel, PanelWidth width);
  void emitVectorRows(PanelWidth width, Value panel, Value row, int64_t rows);
  void store(Value panel, PanelWidth width, Value row, Value stage,
             function_ref<LogicalResult(const TileOutput &output)> body);

  int64_t getPanelVectors() const {
    return SplitTilesPlan::kPanelColumns / plan.product.lanes;
  }
  void forEachPanel(PanelBody body) {
    cpu::forEachPanel(builder, panelBegin, panelEnd, plan.product.columns,
                      getPanelVectors(), plan.product.lanes, body);
  }
  /// Where block `number` of those that wait leaves its sums.
  Value getStage(Value number) {
    Value odd = builder.remUnsigned(number, 2);
    return builder.bytePtr(getScratch(scratch.stage),
                           builder.mul(odd, plan.getStageBytes()));
  }
  Value getScratch(int64_t bytes) {
    return builder.bytePtr(builder.getScratch(), builder.i64(bytes));
  }
  Value getPanel(Value panel) {
    return builder.bytePtr(rhs, builder.mul(panel, plan.getPanelBytes()));
  }
  /// From one part of rhs to the next.
  int64_t getPartBytes() const { return plan.panels * plan.getPanelBytes(); }
  /// A row of lhs in the model.
  Value getRow(Value row) {
    return builder.elementPtr(lhs, plan.product.element,
                              builder.mul(row, plan.product.lhs.row));
  }
  Value batchPtr(Value base, ArrayRef<Size> strides, int64_t elementBytes) {
    Value offset = builder.i64(0);
    for (auto [index, stride] : llvm::zip_equal(batchIndices, strides))
      offset = builder.add(offset, builder.mul(index, stride * elementBytes));
    return builder.bytePtr(base, offset);
  }

  lir::MatmulOp op;
  KernelBuilder &builder;
  SplitTilesAttr algorithm;
  SplitTilesPlan plan;
  TileProduct vectorProduct;
  SplitTilesPlan::Scratch scratch;
  std::unique_ptr<TileUnit> unit;
  LogicalResult status = success();

  // Of the current chunk.
  SmallVector<Value> batchIndices;
  Value rowBegin, rowEnd, panelBegin, panelEnd;
  Value lhs, rhs; ///< of this product in the batch
};

} // namespace

void SplitTilesEmitter::emitChunk(Value chunk) {
  const MatmulPlan &product = plan.product;
  Sizes grid(product.batch);
  grid.append({plan.getChunkGrid(0), plan.getChunkGrid(1)});
  SmallVector<Value> indices = builder.delinearize(chunk, grid);
  batchIndices.assign(indices.begin(), indices.end() - 2);
  rowBegin = builder.mul(indices[product.batch.size()], plan.getChunkRows());
  rowEnd = builder.min(builder.add(rowBegin, plan.getChunkRows()),
                       builder.value(product.rows));
  panelBegin = builder.mul(indices.back(), plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.i64(plan.panels));
  lhs = batchPtr(builder.getBuffer(op.getLhsMutable()), product.lhs.batch,
                 product.getElementBytes());
  rhs = batchPtr(builder.getBuffer(op.getRhsMutable()), product.rhs.batch,
                 plan.step.rhs.getIntOrFloatBitWidth() / 8);
  builder.ifThen(
      builder.likely(splitRows()), [&] { emitTiles(); },
      [&] {
        forEachPanel(
            [&](Value panel, PanelWidth width) { emitVectors(panel, width); });
      });
}

Value SplitTilesEmitter::splitRows() {
  Type flag = builder.getI32Type();
  Value packed = getScratch(scratch.lhs);
  int64_t tileBytes = plan.steps * plan.parts * plan.getLhsTileBytes();
  auto split = [&](Value row, ValueRange sofar) -> SmallVector<Value> {
    Value local = builder.sub(row, rowBegin),
          tile = builder.mul(builder.divUnsigned(local, plan.rows), tileBytes),
          within = builder.mul(builder.remUnsigned(local, plan.rows),
                               DotStep::kRowBytes);
    Value to = builder.bytePtr(packed, builder.add(tile, within));
    Value largest = splitRow(builder, plan, getRow(row), to);
    Value good = builder.create<arith::ExtUIOp>(flag, isInRange(largest));
    return {builder.create<arith::AndIOp>(sofar.front(), good)};
  };
  Value all =
      builder.forLoop(rowBegin, rowEnd, 1, builder.constant(flag, 1), split)
          .front();
  return builder.create<arith::TruncIOp>(builder.getI1Type(), all);
}

Value SplitTilesEmitter::isInRange(Value largest) {
  auto bitsOf = [&](int64_t exponent) {
    constexpr int64_t bias = 127, mantissa = 23;
    return builder.constant(builder.getI32Type(), (exponent + bias)
                                                      << mantissa);
  };
  // Bits of magnitudes compare as the numbers do.
  Value least = bitsOf(algorithm.getLeastExponent()),
        most = bitsOf(algorithm.getMostExponent());
  auto compare = [&](arith::CmpIPredicate predicate, Value bound) -> Value {
    return builder.create<arith::CmpIOp>(predicate, largest, bound);
  };
  Value inside =
      builder.create<arith::AndIOp>(compare(arith::CmpIPredicate::uge, least),
                                    compare(arith::CmpIPredicate::ult, most));
  Value zero = compare(arith::CmpIPredicate::eq,
                       builder.constant(builder.getI32Type(), 0));
  return builder.create<arith::OrIOp>(inside, zero);
}

//===-- By tiles ----------------------------------------------------------===//

void SplitTilesEmitter::emitTiles() {
  const Size &all = plan.tiles;
  Value rows = builder.sub(rowEnd, rowBegin),
        tiles =
            builder.divUnsigned(builder.add(rows, plan.rows - 1), plan.rows),
        pairs = builder.divUnsigned(tiles, 2);
  bool hasSingle = !all.isMultipleOf(2), hasPairs = !all.is(1);
  Value hasLast = builder.lessThan(builder.mul(pairs, 2), tiles);
  // While the unit adds up a block, the one before it goes from its stage to
  // the output: the CPU overlaps what stands side by side in the code.
  auto getBlock = [&](Value panel, Value pair) -> Block {
    return {panel, {getPanelVectors(), nullptr}, builder.mul(pair, 2), 2};
  };
  int64_t whole =
      plan.product.columns.getNumber() / SplitTilesPlan::kPanelColumns;
  Value lastPair = builder.add(pairs, -1);
  auto emitPanel = [&](Value panel, PanelWidth width) {
    bool isWhole = width.vectors == getPanelVectors() && !width.count;
    if (hasPairs)
      builder.forLoop(builder.i64(0), pairs, 1, [&](Value pair) {
        if (!isWhole)
          return emitBlock({panel, width, builder.mul(pair, 2), 2});
        Block block = getBlock(panel, pair);
        Value number = builder.add(
            builder.mul(builder.sub(panel, panelBegin), pairs), pair);
        addUp(block);
        builder.ifThen(builder.lessThan(builder.i64(0), number), [&] {
          Value isFirst = builder.lessThan(pair, builder.i64(1));
          auto choose = [&](Value a, Value b) -> Value {
            return builder.create<arith::SelectOp>(isFirst, a, b);
          };
          finish(getBlock(choose(builder.add(panel, -1), panel),
                          choose(lastPair, builder.add(pair, -1))),
                 getStage(builder.add(number, -1)));
        });
        storeSums(block, getStage(number));
      });
    if (hasSingle)
      builder.ifThen(hasLast, [&] {
        emitBlock({panel, width, builder.mul(pairs, 2), 1});
      });
  };
  forEachPanel(emitPanel);
  if (!hasPairs || whole == 0)
    return;
  Value wholeEnd = builder.min(panelEnd, builder.i64(whole));
  Value count = builder.mul(
      builder.max(builder.sub(wholeEnd, panelBegin), builder.i64(0)), pairs);
  builder.ifThen(builder.lessThan(builder.i64(0), count), [&] {
    finish(getBlock(builder.add(wholeEnd, -1), lastPair),
           getStage(builder.add(count, -1)));
  });
}

void SplitTilesEmitter::emitBlock(const Block &block) {
  // Beside those of the blocks that may wait.
  Value stage = getScratch(scratch.stage + 2 * plan.getStageBytes());
  addUp(block);
  storeSums(block, stage);
  finish(block, stage);
}

void SplitTilesEmitter::forEachSum(const Block &block,
                                   function_ref<void(int64_t, int64_t)> body) {
  int64_t breadth = llvm::divideCeil(block.width.vectors * plan.product.lanes,
                                     DotStep::kColumns);
  for (int64_t i = 0; i < block.height; ++i)
    for (int64_t j = 0; j < breadth; ++j)
      body(i, j);
}

void SplitTilesEmitter::addUp(const Block &block) {
  int64_t lhsBytes = plan.getLhsTileBytes(), stepBytes = plan.parts * lhsBytes;
  Value packed = builder.bytePtr(
      getScratch(scratch.lhs), builder.mul(block.tile, plan.steps * stepBytes));
  Value weights = getPanel(block.panel);
  forEachSum(block,
             [&](int64_t i, int64_t j) { unit->zero(TileUnit::sum(i, j)); });
  builder.forLoop(builder.i64(0), builder.i64(plan.steps), 1, [&](Value step) {
    PartProduct loaded{-1, -1};
    Value left = builder.bytePtr(packed, builder.mul(step, stepBytes));
    Value right = builder.bytePtr(
        weights, builder.mul(step, plan.getPanelBytes() / plan.steps));
    for (PartProduct parts : getPartProducts(plan.parts)) {
      // The panel stays for all rows of the chunk, which pass by.
      if (parts.rhs != loaded.rhs)
        forEachSum(block, [&](int64_t i, int64_t j) {
          if (i == 0)
            unit->load(
                TileUnit::rhs(j),
                builder.bytePtr(right, builder.i64(parts.rhs * getPartBytes() +
                                                   j * DotStep::kRowBytes)),
                kPanelRowBytes, /*streams=*/false);
        });
      if (parts.lhs != loaded.lhs)
        for (int64_t i = 0; i < block.height; ++i)
          unit->load(
              TileUnit::lhs(i),
              builder.bytePtr(left, builder.i64(i * plan.steps * stepBytes +
                                                parts.lhs * lhsBytes)),
              DotStep::kRowBytes, /*streams=*/true);
      loaded = parts;
      forEachSum(block, [&](int64_t i, int64_t j) { unit->dot(i, j); });
    }
  });
}

void SplitTilesEmitter::storeSums(const Block &block, Value stage) {
  forEachSum(block, [&](int64_t i, int64_t j) {
    int64_t place = i * plan.rows * kPanelRowBytes + j * DotStep::kRowBytes;
    unit->store(TileUnit::sum(i, j), builder.bytePtr(stage, builder.i64(place)),
                kPanelRowBytes);
  });
}

void SplitTilesEmitter::finish(const Block &block, Value stage) {
  Value first = builder.add(rowBegin, builder.mul(block.tile, plan.rows));
  Value count = builder.min(builder.i64(block.height * plan.rows),
                            builder.sub(rowEnd, first));
  store(block.panel, block.width, first, stage, [&](const TileOutput &output) {
    SmallVector<VectorType> vectors(
        block.width.vectors,
        builder.vectorType(plan.step.accumulator, plan.product.lanes));
    return storeStagedRows(builder, output, count, vectors,
                           SplitTilesPlan::kPanelColumns);
  });
}

//===-- By vectors, in f32 ------------------------------------------------===//

void SplitTilesEmitter::emitVectors(Value panel, PanelWidth width) {
  joinPanel(builder, plan, getPanel(panel), getPartBytes(), width.vectors,
            getScratch(scratch.panel));
  TileLimits limits(builder.getTarget(), plan.product.accumulator);
  int64_t most = limits.getMaxRows(getPanelVectors());
  most = std::clamp<int64_t>(most, 1, plan.rows);
  Value whole = builder.add(
      rowBegin,
      builder.mul(builder.divUnsigned(builder.sub(rowEnd, rowBegin), most),
                  most));
  builder.forLoop(rowBegin, whole, most,
                  [&](Value row) { emitVectorRows(width, panel, row, most); });
  if (most > 1)
    builder.forLoop(whole, rowEnd, 1,
                    [&](Value row) { emitVectorRows(width, panel, row, 1); });
}

void SplitTilesEmitter::emitVectorRows(PanelWidth width, Value panel, Value row,
                                       int64_t rows) {
  TileOperands operands;
  operands.lhs = getRow(row);
  for (int64_t r = 0; r < rows; ++r)
    operands.rowOffsets.push_back(
        builder.mul(builder.i64(r), plan.product.lhs.row));
  operands.rhs = getScratch(scratch.panel);
  operands.rhsStep = SplitTilesPlan::kPanelColumns;
  operands.depth = builder.value(plan.product.depth);
  RegisterTile registers(builder, vectorProduct, rows, width.vectors);
  registers.accumulate(operands);
  store(panel, width, row, getScratch(scratch.stage),
        [&](const TileOutput &output) { return registers.store(output); });
}

void SplitTilesEmitter::store(
    Value panel, PanelWidth width, Value row, Value stage,
    function_ref<LogicalResult(const TileOutput &output)> body) {
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
  Value column = builder.mul(panel, SplitTilesPlan::kPanelColumns);
  auto indexOfRow = [&](Value r) {
    SmallVector<Value> domain(batchIndices);
    domain.append({builder.add(row, r), column, builder.i64(0)});
    return builder.applyMap(map, domain);
  };
  if (failed(body({op, builder.getBuffer(op.getOutputMutable()), width.count,
                   indexOfRow, stage})))
    status = failure();
}

SplitTilesPlan cpu::planKernel(SplitTilesAttr algorithm, Operation *op,
                               const TargetInfo &target) {
  return SplitTilesPlan(cast<lir::MatmulOp>(op), target, algorithm.getParts());
}

LogicalResult SplitTilesAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  if (std::string why = SplitTilesPlan::explainWrongRhs(matmul, getParts());
      !why.empty())
    return op->emitOpError(why);
  return SplitTilesEmitter(matmul, builder, *this).emit();
}
