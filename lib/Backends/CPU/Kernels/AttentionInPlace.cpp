//===- AttentionInPlace.cpp - Attention of few queries --------------------===//
//
// A step of a decoder has few queries that share a head of keys: what counts is
// how fast memory gives keys and values. They are read once, where they are.
//
// A chunk is a part of one head's keys. Of as many keys as a vector has lanes
// the products with a query are a vector each, whose lanes are summed all at
// once, pair by pair. The scores of the part become exponentials, and these are
// multiplied with the values. A second stage combines the parts in their order:
// with m the largest score of all,
//   output = sum of exp(m_p - m) * products_p / sum of exp(m_p - m) * sum_p.
//
//===----------------------------------------------------------------------===//

#include "AttentionEmitter.h"
#include "Lanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class InPlaceAttention : AttentionEmitter {
public:
  using AttentionEmitter::AttentionEmitter;
  void emit();

private:
  /// The keys of a part: those from `first` on.
  struct Keys {
    Value first, count;
  };
  void emitParts();
  Keys findKeys(Value part);

  void emitScores(Keys keys);
  void forEachQuery(function_ref<void(Value row, Value query)> body);
  /// The scores of a query with `lanes` keys, of which `count` are there; null
  /// for all.
  void emitScoreBlock(Keys keys, Value row, Value query, Value begin,
                      Value count);
  /// The products of one query with `lanes` keys.
  Value multiply(Value query, ArrayRef<Value> keys);
  void addProducts(Value query, ArrayRef<Value> keys, Value begin,
                   int64_t vectors, Value count, MutableArrayRef<Value> sums);

  /// Turns a row of scores into exponentials and keeps what the output needs
  /// of them.
  void emitSoftmax(Value row, Value count);
  void emitOutput(Keys keys);
  void emitOutputRows(Keys keys, Value firstRow, int64_t most, Value existing);
  void storeProducts(Value vector, Value row, Value column, Value count);
  /// Stores vector * inverse to the output.
  void storeScaled(Value vector, Value inverse, Value row, Value column,
                   Value count);

  void emitCombination();
  /// `first` is the head's first part.
  void combineRow(Value first, Value row);
  /// `sums` are the exponentials' and the products'.
  void storeCombined(ArrayRef<Value> sums, Value row, Value column,
                     PanelWidth width);
  /// What is known of the part that is `part` behind `first`, of all heads'.
  Value partialPtr(Value first, Value part, Value row);

  Value partials, scores, inverses;
  Value chunk;
};

} // namespace

void InPlaceAttention::emit() {
  scores = builder.getScratch();
  inverses = elementPtr(scores,
                        builder.i64(plan.getPartScoreStride() * plan.mostRows));
  if (!plan.isStaged())
    return emitParts();
  partials = builder.getBuffer(op.getPartialsMutable()[0]);
  builder.ifThen(
      builder.lessThan(builder.getStage(), builder.i64(1)),
      [&] { emitParts(); }, [&] { emitCombination(); });
}

void InPlaceAttention::emitParts() {
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1, [&](Value index) {
    chunk = index;
    SmallVector<Value> place = builder.delinearize(
        chunk, Sizes{plan.batch, plan.heads, plan.keyParts});
    batch = place[0];
    head = place[1];
    Keys keys = findKeys(place[2]);
    emitScores(keys);
    builder.forLoop(builder.i64(0), builder.value(plan.queries), 1,
                    [&](Value row) { emitSoftmax(row, keys.count); });
    emitOutput(keys);
  });
}

/// Parts are of one length, a multiple of the lanes, but for the last ones.
InPlaceAttention::Keys InPlaceAttention::findKeys(Value part) {
  Value total = builder.value(plan.keys);
  if (plan.keyParts.is(1))
    return {builder.i64(0), total};
  auto divideUp = [&](Value value, const Size &by) {
    return builder.divUnsigned(
        builder.sub(builder.add(value, builder.value(by)), builder.i64(1)), by);
  };
  Value length = builder.mul(
      divideUp(divideUp(total, plan.keyParts), plan.lanes), plan.lanes);
  Value first = builder.mul(part, length);
  Value left = builder.max(builder.sub(total, first), builder.i64(0));
  return {first, builder.min(left, length)};
}

void InPlaceAttention::emitScores(Keys keys) {
  // All queries meet some keys while these are in L1. The keys change in the
  // inner loop: vectors of keys that stay the same there would be spilled.
  int64_t rowBytes =
      plan.depth.getNumber() * (plan.element.getIntOrFloatBitWidth() / 8);
  int64_t atOnce =
      std::clamp<int64_t>((builder.getTarget().description.l1Bytes / 2) /
                              std::max<int64_t>(rowBytes * plan.lanes, 1),
                          1, plan.partKeys / plan.lanes) *
      plan.lanes;
  Value rest = builder.remUnsigned(keys.count, plan.lanes);
  Value whole = builder.sub(keys.count, rest);
  builder.forLoop(builder.i64(0), whole, atOnce, [&](Value begin) {
    Value end = builder.min(builder.add(begin, atOnce), whole);
    forEachQuery([&](Value row, Value query) {
      builder.forLoop(begin, end, plan.lanes, [&](Value at) {
        emitScoreBlock(keys, row, query, at, nullptr);
      });
    });
  });
  if (!plan.keys.isMultipleOf(plan.lanes))
    builder.ifThen(builder.lessThan(builder.i64(0), rest), [&] {
      forEachQuery([&](Value row, Value query) {
        emitScoreBlock(keys, row, query, whole, rest);
      });
    });
}

void InPlaceAttention::forEachQuery(
    function_ref<void(Value row, Value query)> body) {
  Value queries = headPtr(op.getQueryMutable(), plan.query);
  builder.forLoop(
      builder.i64(0), builder.value(plan.queries), 1, [&](Value row) {
        body(row, elementPtr(queries, builder.mul(row, plan.query.row)));
      });
}

void InPlaceAttention::emitScoreBlock(Keys keys, Value row, Value query,
                                      Value begin, Value count) {
  Value first = builder.add(keys.first, begin);
  Value block = elementPtr(headPtr(op.getKeyMutable(), plan.key),
                           builder.mul(first, plan.key.row));
  SmallVector<Value> pointers;
  for (int64_t i = 0; i < plan.lanes; ++i) {
    // In place of keys that are not there, the last one is read.
    Value offset =
        count ? builder.mul(builder.min(builder.i64(i), builder.add(count, -1)),
                            plan.key.row)
              : builder.value(plan.key.row * i);
    pointers.push_back(elementPtr(block, offset));
  }
  Value scaled = builder.mulf(multiply(query, pointers),
                              splat(op.getScale().convertToFloat()));
  Value place = builder.add(builder.mul(row, plan.getPartScoreStride()), begin);
  builder.storeVector(finishScores(scaled, row, first, count), scores, place);
}

void InPlaceAttention::addProducts(Value query, ArrayRef<Value> keys,
                                   Value begin, int64_t vectors, Value count,
                                   MutableArrayRef<Value> sums) {
  auto load = [&](Value base, int64_t v) {
    return builder.loadVector(plan.element, plan.lanes, base,
                              builder.add(begin, v * plan.lanes),
                              v + 1 == vectors ? count : Value());
  };
  SmallVector<Value> factors;
  for (int64_t v = 0; v < vectors; ++v)
    factors.push_back(load(query, v));
  for (auto [key, sum] : llvm::zip_equal(keys, sums))
    for (int64_t v = 0; v < vectors; ++v)
      sum = sum ? builder.fma(factors[v], load(key, v), sum)
                : builder.mulf(factors[v], load(key, v));
}

Value InPlaceAttention::multiply(Value query, ArrayRef<Value> keys) {
  int64_t depth = plan.depth.getNumber(), lanes = plan.lanes;
  int64_t vectors = llvm::divideCeil(depth, lanes), tail = depth % lanes;
  Value count = tail ? builder.i64(tail) : Value();
  // Those of a query stay in registers; of more there is a loop.
  constexpr int64_t most = 8, atOnce = 4;
  SmallVector<Value> sums(keys.size());
  int64_t looped = vectors > most ? (vectors - 1) / atOnce * atOnce : 0;
  if (looped) {
    sums.assign(keys.size(), splat(0));
    sums = builder.forLoop(
        builder.i64(0), builder.i64(looped * lanes), atOnce * lanes, sums,
        [&](Value begin, ValueRange carried) {
          SmallVector<Value> next(carried);
          addProducts(query, keys, begin, atOnce, nullptr, next);
          return next;
        });
  }
  addProducts(query, keys, builder.i64(looped * lanes), vectors - looped, count,
              sums);
  return combineLanesOfEach(builder, Combine::Sum, sums);
}

void InPlaceAttention::emitSoftmax(Value row, Value count) {
  Value begin = builder.mul(row, plan.getPartScoreStride());
  auto load = [&](Value key) {
    return builder.loadVector(plan.element, plan.lanes, scores,
                              builder.add(begin, key));
  };
  Value largest =
      builder.forLoop(builder.i64(0), count, plan.lanes,
                      splat(-std::numeric_limits<double>::infinity()),
                      [&](Value key, ValueRange most) {
                        return SmallVector<Value>{larger(most[0], load(key))};
                      })[0];
  largest =
      reduceLanes(largest, [&](Value a, Value b) { return larger(a, b); });
  Value finite = makeFinite(largest);
  Value sum = builder.forLoop(
      builder.i64(0), count, plan.lanes, splat(0),
      [&](Value key, ValueRange sums) {
        Value power = builder.create<math::ExpOp>(
            builder.create<arith::SubFOp>(load(key), finite));
        builder.storeVector(power, scores, builder.add(begin, key));
        return SmallVector<Value>{builder.addf(sums[0], power)};
      })[0];
  sum = reduceLanes(sum, [&](Value a, Value b) { return builder.addf(a, b); });
  auto keep = [&](Value vector, Value base, Value at) {
    builder.store(builder.create<vector::ExtractOp>(vector, int64_t(0)), base,
                  at);
  };
  if (!plan.isStaged())
    return keep(builder.create<arith::DivFOp>(splat(1), sum), inverses, row);
  Value partial = partialPtr(chunk, builder.i64(0), row);
  int64_t behind = plan.getPartialStride() - plan.lanes;
  keep(largest, partial, builder.i64(behind));
  keep(sum, partial, builder.i64(behind + 1));
}

void InPlaceAttention::emitOutput(Keys keys) {
  if (plan.queries.isNumber()) {
    auto split = RowSplit::create(plan.queries.getNumber(), plan.valueRows);
    for (int64_t tile = 0; tile < split.tiles; ++tile)
      emitOutputRows(keys, builder.i64(split.getRow(tile)),
                     split.getRow(tile + 1) - split.getRow(tile), nullptr);
    return;
  }
  Value queries = builder.value(plan.queries);
  builder.forLoop(builder.i64(0), queries, plan.valueRows, [&](Value row) {
    emitOutputRows(
        keys, row, plan.valueRows,
        builder.min(builder.sub(queries, row), builder.i64(plan.valueRows)));
  });
}

void InPlaceAttention::emitOutputRows(Keys keys, Value firstRow, int64_t most,
                                      Value existing) {
  TileOperands operands;
  operands.lhs =
      elementPtr(scores, builder.mul(firstRow, plan.getPartScoreStride()));
  for (int64_t r = 0; r < most; ++r)
    operands.rowOffsets.push_back(builder.i64(plan.getPartScoreStride() * r));
  operands.rhsStep = plan.value.row;
  operands.depth = keys.count;
  Value values = elementPtr(headPtr(op.getValueMutable(), plan.value),
                            builder.mul(keys.first, plan.value.row));
  int64_t columns = plan.valueVectors * plan.lanes;
  forEachPanel(
      builder, builder.i64(0), builder.value(plan.width.ceilDiv(columns)),
      plan.width, plan.valueVectors, plan.lanes,
      [&](Value panel, PanelWidth width) {
        Value column = builder.mul(panel, columns);
        operands.rhs = elementPtr(values, column);
        operands.readableColumns = width.count;
        RegisterTile tile(builder, product, most, width.vectors, existing);
        tile.accumulate(operands);
        tile.forEachRow([&](int64_t r) {
          Value row = builder.add(firstRow, r);
          for (int64_t v = 0; v < width.vectors; ++v) {
            Value count = width.count
                              ? builder.add(width.count, -v * plan.lanes)
                              : Value();
            storeProducts(tile.at(r, v), row,
                          builder.add(column, v * plan.lanes), count);
          }
        });
      });
}

/// Products with the values: the output times its sum, or a part of it.
void InPlaceAttention::storeProducts(Value vector, Value row, Value column,
                                     Value count) {
  if (plan.isStaged())
    return builder.storeVector(vector, partialPtr(chunk, builder.i64(0), row),
                               column);
  Value inverse = builder.load(plan.element, inverses, row);
  storeScaled(vector, inverse, row, column, count);
}

void InPlaceAttention::storeScaled(Value vector, Value inverse, Value row,
                                   Value column, Value count) {
  Value place = builder.add(builder.mul(row, plan.output.row),
                            builder.mul(column, plan.output.column));
  builder.storeStrided(
      builder.mulf(vector, builder.broadcast(inverse, plan.lanes)),
      headPtr(op.getOutputMutable(), plan.output), place, plan.output.column,
      count);
}

Value InPlaceAttention::partialPtr(Value first, Value part, Value row) {
  Value index =
      builder.add(builder.mul(builder.add(first, part), plan.mostRows), row);
  return elementPtr(partials, builder.mul(index, plan.getPartialStride()));
}

void InPlaceAttention::emitCombination() {
  Value units = builder.value(plan.batch * plan.heads);
  builder.forLoop(
      builder.getBegin(), builder.min(builder.getEnd(), units), 1,
      [&](Value unit) {
        SmallVector<Value> place =
            builder.delinearize(unit, Sizes{plan.batch, plan.heads});
        batch = place[0];
        head = place[1];
        Value first = builder.mul(unit, plan.keyParts);
        builder.forLoop(builder.i64(0), builder.value(plan.queries), 1,
                        [&](Value row) { combineRow(first, row); });
      });
}

void InPlaceAttention::combineRow(Value first, Value row) {
  Value parts = builder.value(plan.keyParts), zero = builder.i64(0);
  int64_t behind = plan.getPartialStride() - plan.lanes;
  auto load = [&](Value part, int64_t at) {
    return builder.broadcast(builder.load(plan.element,
                                          partialPtr(first, part, row),
                                          builder.i64(behind + at)),
                             plan.lanes);
  };
  Value largest = builder.forLoop(
      zero, parts, 1, splat(-std::numeric_limits<double>::infinity()),
      [&](Value part, ValueRange most) {
        return SmallVector<Value>{larger(most[0], load(part, 0))};
      })[0];
  largest = makeFinite(largest);
  forEachPanel(
      builder, zero, builder.value(plan.width.ceilDiv(4 * plan.lanes)),
      plan.width, 4, plan.lanes, [&](Value panel, PanelWidth width) {
        Value column = builder.mul(panel, 4 * plan.lanes);
        SmallVector<Value> sums(width.vectors + 1, splat(0));
        sums = builder.forLoop(
            zero, parts, 1, sums, [&](Value part, ValueRange carried) {
              Value weight = builder.create<math::ExpOp>(
                  builder.create<arith::SubFOp>(load(part, 0), largest));
              SmallVector<Value> next{
                  builder.fma(weight, load(part, 1), carried[0])};
              Value products = partialPtr(first, part, row);
              for (int64_t v = 0; v < width.vectors; ++v)
                next.push_back(builder.fma(
                    weight,
                    builder.loadVector(plan.element, plan.lanes, products,
                                       builder.add(column, v * plan.lanes)),
                    carried[v + 1]));
              return next;
            });
        storeCombined(sums, row, column, width);
      });
}

void InPlaceAttention::storeCombined(ArrayRef<Value> sums, Value row,
                                     Value column, PanelWidth width) {
  Value inverse = builder.create<arith::DivFOp>(splat(1), sums.front());
  if (!plan.keys.isNumber()) {
    // The output of no keys is 0.
    Value hasKeys = builder.lessThan(builder.i64(0), builder.value(plan.keys));
    inverse = builder.create<arith::SelectOp>(hasKeys, inverse, splat(0));
  }
  for (int64_t v = 0; v < width.vectors; ++v)
    storeScaled(sums[v + 1], inverse, row, builder.add(column, v * plan.lanes),
                width.count ? builder.add(width.count, -v * plan.lanes)
                            : Value());
}

void cpu::emitAttentionInPlace(lir::AttentionOp op, KernelBuilder &builder,
                               const AttentionPlan &plan) {
  InPlaceAttention(op, builder, plan).emit();
}
