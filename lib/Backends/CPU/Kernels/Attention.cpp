//===- Attention.cpp - Attention without its matrix of scores -------------===//
//
// Few queries read keys and values in place (AttentionInPlace). Of more, per
// head: key and value are packed as panels. Per tile of queries: the scores
// of all keys go to scratch memory, become exponentials there, and are
// multiplied with the value; the division by their sum comes last. Keys behind
// the last one that a tile's queries see take no part (AttentionSeenKeys).
//
//===----------------------------------------------------------------------===//

#include "AttentionEmitter.h"
#include "Kernels.h"
#include "Lanes.h"
#include "OperandStrides.h"
#include "PanelPacking.h"
#include "SplitTilesVariant.h"
#include "SplitWeights.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class PackedAttention : AttentionEmitter {
public:
  PackedAttention(lir::AttentionOp op, KernelBuilder &builder,
                  const AttentionPlan &plan);
  void emitChunk(Value chunk);

private:
  void packOperands();
  /// Some neighbouring rows of queries: `most`, or where `count` is given only
  /// so many.
  struct Rows {
    Value first;
    int64_t most;
    Value count = nullptr;
  };
  void emitTile(Rows rows);
  void emitScores(Rows rows);
  void emitScorePanel(Rows rows, Value panel, PanelWidth width);
  /// Turns scores into exponentials and keeps the inverses of their sums.
  void emitSoftmax(Rows rows);
  void emitPowers(Value row);
  /// Combines the lanes of each of a tile's rows; visit(first, results) takes
  /// those of as many rows as a vector has lanes.
  void combineRows(int64_t rows, Combine kind,
                   function_ref<void(Value first, Value results)> visit);
  void emitOutput(Rows rows);
  void emitOutputPanel(Rows rows, Value panel, PanelWidth width);
  /// Visits all whole panels in a loop, then the narrower one.
  void forEachPanel(const Size &total, int64_t columns,
                    function_ref<void(Value panel, PanelWidth width)> body) {
    cpu::forEachPanel(builder, builder.i64(0),
                      builder.value(total.ceilDiv(columns)), total,
                      columns / plan.lanes, plan.lanes, body);
  }
  /// The columns of a panel that are there.
  using AttentionEmitter::countOf;
  Value countOf(PanelWidth width) {
    return width.count ? width.count : builder.i64(width.vectors * plan.lanes);
  }

  Value packedKey, packedValue, scores, lanesOfRows, largest, inverses;
  /// As many keys as the tile's queries see.
  Value seenKeys;
};

} // namespace

PackedAttention::PackedAttention(lir::AttentionOp op, KernelBuilder &builder,
                                 const AttentionPlan &plan)
    : AttentionEmitter(op, builder, plan) {
  packedKey = builder.getScratch();
  packedValue = elementPtr(packedKey, builder.value(plan.getKeyElements()));
  scores = elementPtr(packedValue, builder.value(plan.getValueElements()));
  lanesOfRows = elementPtr(
      scores, builder.value(plan.getScoreStride() * plan.split.rows));
  largest = elementPtr(lanesOfRows, builder.i64(plan.lanes * plan.split.rows));
  inverses = elementPtr(largest, builder.i64(plan.getPaddedRows()));
}

void cpu::emitPackedChunk(lir::AttentionOp op, KernelBuilder &builder,
                          const AttentionPlan &plan, Value chunk) {
  PackedAttention(op, builder, plan).emitChunk(chunk);
}

void PackedAttention::emitChunk(Value chunk) {
  SmallVector<Value> indices = builder.delinearize(
      chunk, Sizes{plan.batch, plan.heads, plan.parts});
  batch = indices[0];
  head = indices[1];
  packOperands();
  int64_t rows = plan.split.rows;
  Value begin = builder.mul(indices[2], plan.tilesPerPart);
  Value end = builder.min(builder.add(begin, plan.tilesPerPart),
                          builder.value(plan.tiles));
  if (!plan.queries.isNumber()) {
    Value whole = builder.value(plan.queries.floorDiv(rows));
    builder.forLoop(begin, builder.min(end, whole), 1, [&](Value tile) {
      emitTile({builder.mul(tile, rows), rows});
    });
    if (rows > 1)
      builder.ifThen(builder.lessThan(whole, end), [&] {
        emitTile({builder.mul(whole, rows), rows - 1,
                  builder.value(plan.queries.mod(rows))});
      });
    return;
  }
  int64_t bigTiles = plan.split.bigTiles;
  Value middle = builder.i64(bigTiles);
  builder.forLoop(begin, builder.min(end, middle), 1, [&](Value tile) {
    emitTile({builder.mul(tile, rows), rows});
  });
  if (bigTiles != plan.split.tiles)
    builder.forLoop(builder.max(begin, middle), end, 1, [&](Value tile) {
      Value small = builder.sub(tile, middle);
      emitTile({builder.sub(builder.mul(tile, rows), small), rows - 1});
    });
}

void PackedAttention::packOperands() {
  Value key = headPtr(op.getKeyMutable(), plan.key);
  Value value = headPtr(op.getValueMutable(), plan.value);
  forEachPanel(plan.keys, plan.keyColumns, [&](Value panel, PanelWidth width) {
    Value source =
        elementPtr(key, builder.mul(panel, plan.key.row * plan.keyColumns));
    packMatrix(
        builder,
        {plan.element, source, plan.key.column, plan.key.row, getScoreFactor()},
        plan.depth, countOf(width), plan.keyColumns, plan.lanes,
        elementPtr(packedKey, builder.mul(panel, plan.depth * plan.keyColumns)),
        plan.keyColumns);
  });
  forEachPanel(
      plan.width, plan.valueColumns, [&](Value panel, PanelWidth width) {
        Value source = elementPtr(
            value, builder.mul(panel, plan.value.column * plan.valueColumns));
        packMatrix(
            builder, {plan.element, source, plan.value.row, plan.value.column},
            plan.keys, countOf(width), plan.valueColumns, plan.lanes,
            elementPtr(packedValue,
                       builder.mul(panel, plan.keys * plan.valueColumns)),
            plan.valueColumns);
      });
}

void PackedAttention::emitTile(Rows rows) {
  Value count = rows.count ? rows.count : builder.i64(rows.most);
  seenKeys = countSeenKeys(rows.first, count);
  emitScores(rows);
  emitSoftmax(rows);
  emitOutput(rows);
}

//===-- Scores ------------------------------------------------------------===//

void PackedAttention::emitScores(Rows rows) {
  for (int64_t r = 0; r < rows.most; ++r)
    builder.storeVector(splat(-std::numeric_limits<double>::infinity()),
                        lanesOfRows, builder.i64(r * plan.lanes));
  cpu::forEachPanel(builder, builder.i64(0),
                    divideUp(seenKeys, plan.keyColumns), plan.keys,
                    plan.keyColumns / plan.lanes, plan.lanes,
                    [&](Value panel, PanelWidth width) {
                      emitScorePanel(rows, panel, width);
                    });
}

void PackedAttention::emitScorePanel(Rows rows, Value panel, PanelWidth width) {
  TileOperands operands;
  operands.lhs = elementPtr(headPtr(op.getQueryMutable(), plan.query),
                            builder.mul(rows.first, plan.query.row));
  for (int64_t r = 0; r < rows.most; ++r)
    operands.rowOffsets.push_back(builder.value(plan.query.row * r));
  operands.lhsStep = plan.query.column;
  operands.rhs =
      elementPtr(packedKey, builder.mul(panel, plan.depth * plan.keyColumns));
  operands.rhsStep = plan.keyColumns;
  operands.depth = builder.value(plan.depth);
  RegisterTile tile(builder, product, rows.most, width.vectors, rows.count);
  tile.accumulate(operands);

  Value firstKey = builder.mul(panel, plan.keyColumns);
  tile.forEachRow([&](int64_t r) {
    Value place = builder.i64(r * plan.lanes);
    Value most =
        builder.loadVector(plan.element, plan.lanes, lanesOfRows, place);
    for (int64_t v = 0; v < width.vectors; ++v) {
      Value key = builder.add(firstKey, v * plan.lanes);
      Value score = finishScores(tile.at(r, v), builder.add(rows.first, r), key,
                                 countOf(width, v));
      builder.storeVector(
          score, scores,
          builder.add(key, builder.value(plan.getScoreStride() * r)));
      most = larger(score, most);
    }
    builder.storeVector(most, lanesOfRows, place);
  });
}

//===-- Softmax -----------------------------------------------------------===//

void PackedAttention::combineRows(
    int64_t rows, Combine kind,
    function_ref<void(Value first, Value results)> visit) {
  for (int64_t first = 0; first < rows; first += plan.lanes) {
    SmallVector<Value> vectors;
    for (int64_t lane = 0; lane < plan.lanes; ++lane) {
      int64_t row = std::min(first + lane, rows - 1);
      vectors.push_back(builder.loadVector(plan.element, plan.lanes,
                                           lanesOfRows,
                                           builder.i64(row * plan.lanes)));
    }
    visit(builder.i64(first), combineLanesOfEach(builder, kind, vectors));
  }
}

void PackedAttention::emitSoftmax(Rows rows) {
  combineRows(rows.most, Combine::QuickMax, [&](Value first, Value results) {
    builder.storeVector(results, largest, first);
  });
  Value count = rows.count ? rows.count : builder.i64(rows.most);
  builder.forLoop(builder.i64(0), count, 1,
                  [&](Value row) { emitPowers(row); });
  combineRows(rows.most, Combine::Sum, [&](Value first, Value sums) {
    if (!plan.keys.isNumber()) {
      // The largest key counts 1, so that only a sum of no keys is 0: theirs is
      // a row of zeros.
      Value isOfNone = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ,
                                             sums, splat(0));
      sums = arith::SelectOp::create(
          builder, isOfNone, splat(std::numeric_limits<double>::infinity()),
          sums);
    }
    builder.storeVector(builder.create<arith::DivFOp>(splat(1), sums), inverses,
                        first);
  });
}

void PackedAttention::emitPowers(Value row) {
  Value begin = builder.mul(row, plan.getScoreStride());
  Value end = builder.mul(divideUp(seenKeys, plan.lanes), plan.lanes);
  Value most =
      builder.broadcast(builder.load(plan.element, largest, row), plan.lanes);
  Value sum = builder.forLoop(
      builder.i64(0), end, plan.lanes, splat(0),
      [&](Value key, ValueRange sums) {
        Value place = builder.add(begin, key);
        Value power = makePower(
            builder.loadVector(plan.element, plan.lanes, scores, place), most);
        builder.storeVector(power, scores, place);
        return SmallVector<Value>{builder.addf(sums[0], power)};
      })[0];
  builder.storeVector(sum, lanesOfRows, builder.mul(row, plan.lanes));
}

//===-- Output ------------------------------------------------------------===//

void PackedAttention::emitOutput(Rows rows) {
  forEachPanel(plan.width, plan.valueColumns,
               [&](Value panel, PanelWidth width) {
                 emitOutputPanel(rows, panel, width);
               });
}

void PackedAttention::emitOutputPanel(Rows rows, Value panel,
                                      PanelWidth width) {
  TileOperands operands;
  operands.lhs = scores;
  for (int64_t r = 0; r < rows.most; ++r)
    operands.rowOffsets.push_back(builder.value(plan.getScoreStride() * r));
  operands.rhs = elementPtr(packedValue,
                            builder.mul(panel, plan.keys * plan.valueColumns));
  operands.rhsStep = plan.valueColumns;
  operands.depth = seenKeys;
  RegisterTile tile(builder, product, rows.most, width.vectors, rows.count);
  tile.accumulate(operands);

  Value output = headPtr(op.getOutputMutable(), plan.output);
  Value firstColumn = builder.mul(panel, plan.valueColumns);
  tile.forEachRow([&](int64_t r) {
    Value inverse = builder.broadcast(
        builder.load(plan.element, inverses, builder.i64(r)), plan.lanes);
    Value row = builder.mul(builder.add(rows.first, r), plan.output.row);
    for (int64_t v = 0; v < width.vectors; ++v) {
      Value column = builder.mul(builder.add(firstColumn, v * plan.lanes),
                                 plan.output.column);
      builder.storeStrided(builder.mulf(tile.at(r, v), inverse), output,
                           builder.add(row, column), plan.output.column,
                           countOf(width, v));
    }
  });
}

namespace {

struct AttentionKernel
    : CPUKernelOpInterface::ExternalModel<AttentionKernel, lir::AttentionOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    for (Value operand : op->getOperands()) {
      Type element = cast<MemRefType>(operand.getType()).getElementType();
      if (!element.isF32() && !element.isF64())
        return emitUnsupported(op)
               << "expected operands of f32 or f64, but got "
               << operand.getType();
      if (element !=
          cast<MemRefType>(op->getOperand(0).getType()).getElementType())
        return emitUnsupported(op)
               << "expected operands of one element type, but got "
               << operand.getType();
    }
    auto attention = cast<lir::AttentionOp>(op);
    if (AlgorithmAttrInterface algorithm = find(op))
      return algorithm.emitKernel(op, builder);
    if (!lir::countElements(cast<MemRefType>(attention.getOutput().getType()))
             .is(0))
      emit(attention, builder);
    return success();
  }

  static void emit(lir::AttentionOp op, KernelBuilder &builder) {
    AttentionPlan plan(op, builder.getTarget());
    if (plan.isInPlace.is(1))
      return emitAttentionInPlace(op, builder, plan);
    auto emitPacked = [&] {
      builder.forLoop(
          builder.getBegin(), builder.getEnd(), 1,
          [&](Value chunk) { emitPackedChunk(op, builder, plan, chunk); });
    };
    if (plan.isInPlace.is(0))
      return emitPacked();
    Value isFew = builder.lessThan(builder.value(plan.queries),
                                   builder.i64(AttentionPlan::mostInPlace + 1));
    builder.ifThen(
        isFew, [&] { emitAttentionInPlace(op, builder, plan); },
        [&] {
          // The other stage has nothing to do then.
          if (!plan.isStaged())
            return emitPacked();
          builder.ifThen(builder.lessThan(builder.getStage(), builder.i64(1)),
                         emitPacked);
        });
  }

  /// What was chosen; null: vectors.
  static AlgorithmAttrInterface find(Operation *op) {
    return op->getAttrOfType<AlgorithmAttrInterface>("algorithm");
  }
  ArrayRef<Variant> getVariants(Operation *) const {
    static const Variant variants[] = {
        {"split-tiles", proposeSplitAttention, nullptr, knowsSplitTiles}};
    return variants;
  }

  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    if (AlgorithmAttrInterface algorithm = find(op))
      return algorithm.getNumChunks(op, target);
    Size count =
        AttentionPlan(cast<lir::AttentionOp>(op), target).getNumChunks();
    return count.is(0) ? Size(1) : count;
  }

  Size getNumStages(Operation *op, const TargetInfo &target) const {
    return AttentionPlan(cast<lir::AttentionOp>(op), target).isStaged() ? 2 : 1;
  }

  Size getScratchBytes(Operation *op, const TargetInfo &target) const {
    if (AlgorithmAttrInterface algorithm = find(op))
      return algorithm.getScratchBytes(op, target);
    AttentionPlan plan(cast<lir::AttentionOp>(op), target);
    return plan.getScratchElements() *
           (plan.element.getIntOrFloatBitWidth() / 8);
  }

  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }

  std::string describeKernel(Operation *op, const TargetInfo &target) const {
    if (AlgorithmAttrInterface algorithm = find(op))
      return algorithm.describeKernel(op, target);
    AttentionPlan plan(cast<lir::AttentionOp>(op), target);
    if (plan.isInPlace.is(1))
      return "attention in-place";
    return "attention " + std::to_string(plan.split.rows) + "x" +
           std::to_string(plan.keyColumns) +
           (plan.isInPlace.is(0) ? "" : " or in-place");
  }
};

} // namespace

void cpu::attachAttentionKernels(MLIRContext &context) {
  lir::AttentionOp::attachInterface<AttentionKernel>(context);
}
