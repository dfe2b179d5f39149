//===- SplitAttention.cpp - Attention as products of bf16 parts -----------===//
//
// Both products run in SplitBlocks. Where a row of query or key, or a column of
// value, has numbers without such parts, the chunk is computed by vectors.
// Exponentials are at most 1; those that the unit takes for zeros add nothing
// beside the largest. What is not a number makes the sum of its row so, and
// thereby each of its outputs.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "AttentionEmitter.h"
#include "SplitBlocks.h"
#include "SplitRows.h"
#include "TransposeTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Largest elements of rows and columns for which products stay far from what
/// the unit flushes, and sums from infinity.
static constexpr SplitRange kRange{-40, 40};

namespace {

/// One of the two products of a block of queries.
class QueryBlocks : public PackedBlocks {
public:
  /// Takes rows of sums in a stage, of the block's rows `first` and those
  /// behind it.
  using Finish = std::function<void(Value first, Value rows, Value panel,
                                    PanelWidth width, Value stage)>;

  QueryBlocks(KernelBuilder &builder, TileUnit &unit,
              const SplitProduct &product, const SplitProduct::Scratch &scratch,
              Finish finish)
      : PackedBlocks(builder, unit, product, scratch),
        finishRows(std::move(finish)) {
    lhs = getScratch(scratch.lhs);
  }

  Value getFirstTile() const { return lhs; }
  /// Splits a row of lhs; returns its largest magnitude.
  Value split(Value row, int64_t depth, Value from) {
    return splitInto(row, depth, from);
  }
  /// Multiplies the tiles from `firstTile` on, which hold `count` rows, of
  /// `most` tiles at most.
  void multiply(Value firstTile, Value rhs, Value count, int64_t most) {
    Value first = std::exchange(lhs, firstTile);
    this->rhs = rhs;
    rows = count;
    panelBegin = builder.i64(0);
    panelEnd = builder.i64(product.panels);
    Value tiles =
        builder.divUnsigned(builder.add(count, product.rows - 1), product.rows);
    SplitBlocks::multiply({tiles, /*mayBeOdd=*/true, /*hasPairs=*/most > 1});
    lhs = first;
  }

private:
  void finish(const Block &block, Value stage) override {
    Value first = builder.mul(block.tile, product.rows);
    Value here = builder.min(builder.i64(block.height * product.rows),
                             builder.sub(rows, first));
    finishRows(first, here, block.panel, block.width, stage);
  }

  Finish finishRows;
  Value rows;
};

class SplitAttentionEmitter : AttentionEmitter {
public:
  SplitAttentionEmitter(lir::AttentionOp op, KernelBuilder &builder,
                        const SplitAttentionPlan &plan, TileUnit &unit)
      : AttentionEmitter(op, builder, plan.attention), split(plan),
        scratch(plan.getScratch()), unit(unit),
        scores(builder, unit, plan.scores, scratch.scores,
               [this](Value first, Value rows, Value panel, PanelWidth width,
                      Value stage) {
                 finishScores(first, rows, panel, width, stage);
               }),
        outputs(builder, unit, plan.outputs, scratch.outputs,
                [this](Value first, Value rows, Value panel, PanelWidth width,
                       Value stage) {
                  finishOutputs(first, rows, panel, width, stage);
                }) {}

  void emit() {
    forEachChunk(builder, unit, [&](Value chunk) { emitChunk(chunk); });
  }

private:
  void emitChunk(Value chunk);
  /// The first query of a tile of the plan for vectors.
  Value getFirstQuery(Value tile);
  // Each returns `sofar`, and whether what it splits is in range.
  Value splitKeys(Value sofar);
  Value splitKeyGroup(Value group, int64_t count, Value sofar);
  Value splitValues(Value sofar);
  Value splitValuePanel(Value panel, PanelWidth width, Value sofar);
  Value splitQueries(Value sofar);

  void emitBlock(Value first);
  void emitSoftmax(Value row);
  using AttentionEmitter::finishScores;
  void finishScores(Value first, Value rows, Value panel, PanelWidth width,
                    Value stage);
  void finishOutputs(Value first, Value rows, Value panel, PanelWidth width,
                     Value stage);
  /// Visits the vectors of rows in a stage.
  void forEachSum(Value rows, PanelWidth width, Value stage,
                  function_ref<void(Value row, int64_t v, Value sum)> body);

  Value getScratch(int64_t bytes) {
    return builder.bytePtr(builder.getScratch(), builder.i64(bytes));
  }
  Value getScoreRow(Value row) {
    return elementPtr(getScratch(scratch.blockScores),
                      builder.mul(row, split.getScoreStride()));
  }
  const SplitAttentionPlan &split;
  SplitAttentionPlan::Scratch scratch;
  TileUnit &unit;
  QueryBlocks scores, outputs;
  Value queryBegin, queryEnd; ///< of the chunk
  Value blockBegin;           ///< of the block
};

} // namespace

void SplitAttentionEmitter::emitChunk(Value chunk) {
  SmallVector<Value> indices =
      builder.delinearize(chunk, Sizes{plan.batch, plan.heads, plan.parts});
  batch = indices[0];
  head = indices[1];
  Value tile = builder.mul(indices[2], plan.tilesPerPart);
  queryBegin = getFirstQuery(tile);
  queryEnd = getFirstQuery(builder.min(builder.add(tile, plan.tilesPerPart),
                                       builder.value(plan.tiles)));
  Value inRange = splitKeys(beginInRange(builder));
  inRange = splitValues(inRange);
  inRange = splitQueries(inRange);
  builder.ifThen(
      builder.likely(isInRange(builder, inRange)),
      [&] {
        builder.forLoop(queryBegin, queryEnd, split.getBlockRows(),
                        [&](Value first) { emitBlock(first); });
      },
      [&] { emitPackedChunk(op, builder, plan, chunk); });
}

Value SplitAttentionEmitter::getFirstQuery(Value tile) {
  // Tiles behind the big ones have a row less.
  Value small = builder.max(builder.sub(tile, builder.i64(plan.split.bigTiles)),
                            builder.i64(0));
  return builder.sub(builder.mul(tile, plan.split.rows), small);
}

//===-- Parts -------------------------------------------------------------===//

Value SplitAttentionEmitter::splitKeyGroup(Value group, int64_t count,
                                           Value sofar) {
  constexpr int64_t rowBytes = DotStep::kRowBytes, side = DotStep::kColumns;
  const SplitProduct &product = split.scores;
  int64_t tileBytes = side * rowBytes;
  SplitTarget target{product.parts, product.parts * tileBytes, tileBytes};
  Value rows = getScratch(scratch.keyRows);
  Value key = headPtr(op.getKeyMutable(), plan.key);
  auto rowOf = [&](Value row) {
    return builder.bytePtr(rows, builder.mul(row, rowBytes));
  };
  sofar =
      builder
          .forLoop(
              builder.i64(0), builder.i64(count), 1, sofar,
              [&](Value row, ValueRange sofar) -> SmallVector<Value> {
                Value number = builder.add(builder.mul(group, side), row);
                Value largest =
                    splitRow(builder, split.depth,
                             elementPtr(key, builder.mul(number, plan.key.row)),
                             rowOf(row), target);
                return {andInRange(builder, sofar.front(), largest, kRange)};
              })
          .front();
  for (int64_t row = count; row < side; ++row)
    clearRow(builder, product.steps, rowOf(builder.i64(row)), target);

  // A pair of k of each of sixteen keys becomes a row of a tile of rhs.
  Value panel = builder.divUnsigned(group, 2),
        half = builder.remUnsigned(group, 2);
  Value to =
      builder.bytePtr(getScratch(scratch.key),
                      builder.add(builder.mul(panel, product.getPanelBytes()),
                                  builder.mul(half, rowBytes)));
  Type word = builder.getI32Type();
  int64_t lanes = plan.lanes, panelRow = 2 * side;
  builder.forLoop(
      builder.i64(0), builder.i64(product.steps), 1, [&](Value step) {
        for (int64_t part = 0; part < product.parts; ++part) {
          Value source = builder.bytePtr(
              rows, builder.add(builder.mul(step, target.stepBytes),
                                part * tileBytes));
          Value place = builder.bytePtr(
              to, builder.add(builder.mul(step, SplitProduct::kPanelStepBytes),
                              part * product.getPartBytes()));
          for (int64_t i = 0; i < side; i += lanes)
            for (int64_t j = 0; j < side; j += lanes) {
              SmallVector<Value> square;
              for (int64_t r = 0; r < lanes; ++r)
                square.push_back(builder.loadVector(
                    word, lanes, source, builder.i64((i + r) * side + j)));
              for (auto [r, row] :
                   llvm::enumerate(transposeTile(builder, square)))
                builder.storeVector(
                    row, place, builder.i64((j + int64_t(r)) * panelRow + i));
            }
        }
      });
  return sofar;
}

Value SplitAttentionEmitter::splitKeys(Value sofar) {
  int64_t whole = split.keys / DotStep::kColumns,
          tail = split.keys % DotStep::kColumns;
  if (whole)
    sofar =
        builder
            .forLoop(builder.i64(0), builder.i64(whole), 1, sofar,
                     [&](Value group, ValueRange sofar) -> SmallVector<Value> {
                       return {splitKeyGroup(group, DotStep::kColumns,
                                             sofar.front())};
                     })
            .front();
  return tail ? splitKeyGroup(builder.i64(whole), tail, sofar) : sofar;
}

Value SplitAttentionEmitter::splitValuePanel(Value panel, PanelWidth width,
                                             Value sofar) {
  const SplitProduct &product = split.outputs;
  int64_t lanes = plan.lanes, pairs = split.keys / 2;
  Type element = builder.getF32Type();
  Value source = headPtr(op.getValueMutable(), plan.value);
  Value to = builder.bytePtr(getScratch(scratch.value),
                             builder.mul(panel, product.getPanelBytes()));
  Value zero = builder.constant(builder.vectorType(element, lanes), 0);
  auto load = [&](Value key, int64_t v) {
    Value column =
        builder.add(builder.mul(panel, SplitProduct::kPanelColumns), v * lanes);
    return builder.loadStrided(
        element, lanes, source,
        builder.add(builder.mul(key, plan.value.row),
                    builder.mul(column, plan.value.column)),
        plan.value.column, countOf(width, v));
  };
  constexpr int64_t pairBytes = 4 * SplitProduct::kPanelColumns;
  auto splitPairAt = [&](Value pair, bool isWhole, ValueRange sofar) {
    SmallVector<Value> largest;
    Value key = builder.mul(pair, 2);
    for (int64_t v = 0; v < width.vectors; ++v) {
      Value place = builder.bytePtr(
          to, builder.add(builder.mul(pair, pairBytes), 4 * v * lanes));
      largest.push_back(splitPair(
          builder, load(key, v), isWhole ? load(builder.add(key, 1), v) : zero,
          place, product.getPartBytes(), product.parts, sofar[v]));
    }
    return largest;
  };
  SmallVector<Value> largest(
      width.vectors,
      builder.constant(builder.vectorType(builder.getI32Type(), lanes),
                       int64_t(0)));
  if (pairs)
    largest = builder.forLoop(builder.i64(0), builder.i64(pairs), 1, largest,
                              [&](Value pair, ValueRange sofar) {
                                return splitPairAt(pair, true, sofar);
                              });
  if (split.keys % 2)
    largest = splitPairAt(builder.i64(pairs), false, largest);
  // Pairs that fill up the last step: exponentials beside them are zeros.
  int64_t all = product.steps * DotStep::kRows;
  builder.forLoop(
      builder.i64(llvm::divideCeil(split.keys, 2)), builder.i64(all), 1,
      [&](Value pair) {
        for (int64_t v = 0; v < width.vectors; ++v)
          splitPair(
              builder, zero, zero,
              builder.bytePtr(
                  to, builder.add(builder.mul(pair, pairBytes), 4 * v * lanes)),
              product.getPartBytes(), product.parts, largest[v]);
      });
  for (Value lanesOf : largest)
    sofar = andAllInRange(builder, sofar, lanesOf, kRange);
  return sofar;
}

Value SplitAttentionEmitter::splitValues(Value sofar) {
  // Panels are few, and what they find goes through memory: the last one is
  // emitted apart from the loop over the others.
  Value place = getScratch(scratch.inverses);
  builder.store(sofar, place, builder.i64(0));
  forEachPanel(builder, builder.i64(0), builder.i64(split.outputs.panels),
               plan.width, SplitProduct::kPanelColumns / plan.lanes, plan.lanes,
               [&](Value panel, PanelWidth width) {
                 Value before =
                     builder.load(builder.getI32Type(), place, builder.i64(0));
                 builder.store(splitValuePanel(panel, width, before), place,
                               builder.i64(0));
               });
  return builder.load(builder.getI32Type(), place, builder.i64(0));
}

Value SplitAttentionEmitter::splitQueries(Value sofar) {
  Value query = headPtr(op.getQueryMutable(), plan.query);
  return builder
      .forLoop(queryBegin, queryEnd, 1, sofar,
               [&](Value row, ValueRange sofar) -> SmallVector<Value> {
                 Value largest = scores.split(
                     builder.sub(row, queryBegin), split.depth,
                     elementPtr(query, builder.mul(row, plan.query.row)));
                 return {andInRange(builder, sofar.front(), largest, kRange)};
               })
      .front();
}

//===-- A block of queries ------------------------------------------------===//

void SplitAttentionEmitter::emitBlock(Value first) {
  blockBegin = first;
  Value count = builder.min(builder.sub(queryEnd, first),
                            builder.i64(split.getBlockRows()));
  Value tile =
      builder.divUnsigned(builder.sub(first, queryBegin), split.getRows());
  scores.multiply(
      builder.bytePtr(scores.getFirstTile(),
                      builder.mul(tile, split.scores.getLhsBytes())),
      getScratch(scratch.key), count, split.blockTiles);
  builder.forLoop(builder.i64(0), count, 1, [&](Value row) {
    emitSoftmax(row);
    outputs.split(row, split.keys, getScoreRow(row));
  });
  outputs.multiply(outputs.getFirstTile(), getScratch(scratch.value), count,
                   split.blockTiles);
}

void SplitAttentionEmitter::forEachSum(
    Value rows, PanelWidth width, Value stage,
    function_ref<void(Value row, int64_t v, Value sum)> body) {
  builder.forLoop(builder.i64(0), rows, 1, [&](Value row) {
    for (int64_t v = 0; v < width.vectors; ++v) {
      Value place = builder.add(builder.mul(row, SplitProduct::kPanelColumns),
                                v * plan.lanes);
      body(row, v,
           builder.loadVector(builder.getF32Type(), plan.lanes, stage, place));
    }
  });
}

void SplitAttentionEmitter::finishScores(Value first, Value rows, Value panel,
                                         PanelWidth width, Value stage) {
  Value factor = splat(getScoreFactor());
  Value firstKey = builder.mul(panel, SplitProduct::kPanelColumns);
  forEachSum(rows, width, stage, [&](Value r, int64_t v, Value sum) {
    Value row = builder.add(first, r),
          key = builder.add(firstKey, v * plan.lanes);
    Value score =
        finishScores(builder.mulf(sum, factor), builder.add(blockBegin, row),
                     key, countOf(width, v));
    builder.storeVector(score, getScoreRow(row), key);
  });
}

void SplitAttentionEmitter::emitSoftmax(Value row) {
  Value from = getScoreRow(row),
        end = builder.i64(llvm::alignTo(split.keys, plan.lanes));
  auto load = [&](Value key) {
    return builder.loadVector(plan.element, plan.lanes, from, key);
  };
  Value most =
      builder
          .forLoop(builder.i64(0), end, plan.lanes,
                   splat(-std::numeric_limits<double>::infinity()),
                   [&](Value key, ValueRange most) -> SmallVector<Value> {
                     return {larger(load(key), most.front())};
                   })
          .front();
  most = reduceLanes(most, [&](Value a, Value b) { return larger(a, b); });
  Value sum =
      builder
          .forLoop(builder.i64(0), end, plan.lanes, splat(0),
                   [&](Value key, ValueRange sums) -> SmallVector<Value> {
                     Value power = makePower(load(key), most);
                     builder.storeVector(power, from, key);
                     return {builder.addf(sums.front(), power)};
                   })
          .front();
  sum = reduceLanes(sum, [&](Value a, Value b) { return builder.addf(a, b); });
  builder.storeVector(builder.create<arith::DivFOp>(splat(1), sum),
                      getScratch(scratch.inverses),
                      builder.mul(row, plan.lanes));
}

void SplitAttentionEmitter::finishOutputs(Value first, Value rows, Value panel,
                                          PanelWidth width, Value stage) {
  Value output = headPtr(op.getOutputMutable(), plan.output);
  Value firstColumn = builder.mul(panel, SplitProduct::kPanelColumns);
  forEachSum(rows, width, stage, [&](Value r, int64_t v, Value sum) {
    Value row = builder.add(first, r);
    Value inverse = builder.loadVector(plan.element, plan.lanes,
                                       getScratch(scratch.inverses),
                                       builder.mul(row, plan.lanes));
    Value place =
        builder.add(builder.mul(builder.add(blockBegin, row), plan.output.row),
                    builder.mul(builder.add(firstColumn, v * plan.lanes),
                                plan.output.column));
    builder.storeStrided(builder.mulf(sum, inverse), output, place,
                         plan.output.column, countOf(width, v));
  });
}

SplitAttentionPlan cpu::planKernel(SplitAttentionAttr algorithm, Operation *op,
                                   const TargetInfo &target) {
  return SplitAttentionPlan(cast<lir::AttentionOp>(op), target,
                            algorithm.getParts());
}

LogicalResult SplitAttentionAttr::emitKernel(Operation *op,
                                             KernelBuilder &builder) const {
  auto attention = cast<lir::AttentionOp>(op);
  const TargetInfo &target = builder.getTarget();
  std::string why = SplitAttentionPlan::explainRefusal(attention, target);
  if (why.empty() && getParts() != 2 && getParts() != 3)
    why = "there are neither two nor three parts";
  if (!why.empty())
    return op->emitOpError("expected an attention for tiles of bf16, but ")
           << why;
  SplitAttentionPlan plan(attention, target, getParts());
  auto unit = TileUnit::create(builder, plan.scores.step, plan.getRows(),
                               builder.getScratch());
  SplitAttentionEmitter(attention, builder, plan, *unit).emit();
  return success();
}

StringRef SplitAttentionAttr::getTileFeature(Operation *op) const {
  return DotStep::getBF16(Builder(op)).feature;
}
