//===- Attention.cpp - Attention without its matrix of scores -------------===//
//
// Per head: key and value are packed as panels. Per tile of queries: the scores
// of all keys go to scratch memory, become exponentials there, and are
// multiplied with the value; the division by their sum comes last.
//
//===----------------------------------------------------------------------===//

#include "AttentionPlan.h"
#include "Kernels.h"
#include "OperandStrides.h"
#include "PanelPacking.h"
#include "RegisterTile.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class AttentionEmitter {
public:
  AttentionEmitter(lir::AttentionOp op, KernelBuilder &builder)
      : op(op), builder(builder), plan(op, builder.getTarget()),
        product(plan.element, plan.element, builder.getTarget()) {}

  void emit();

private:
  void emitChunk(Value chunk);
  void packOperands();
  void emitTile(Value tile, int64_t rows);
  void emitScores(Value firstQuery, int64_t rows);
  void emitScorePanel(Value firstQuery, int64_t rows, Value panel,
                      int64_t columns);
  /// Turns a row of scores into exponentials and keeps the inverse of their
  /// sum.
  void emitSoftmax(Value row);
  void emitOutput(Value firstQuery, int64_t rows);
  void emitOutputPanel(Value firstQuery, int64_t rows, Value panel,
                       int64_t columns);
  /// Visits all whole panels in a loop, then the narrower one.
  void forEachPanel(int64_t total, int64_t columns,
                    function_ref<void(Value panel, int64_t columns)> body);

  Value elementPtr(Value base, Value index) {
    return builder.elementPtr(base, plan.element, index);
  }
  /// The current head's part of an operand.
  Value headPtr(OpOperand &operand, const AttentionPlan::Strides &strides) {
    return elementPtr(builder.getBuffer(operand),
                      builder.add(builder.mul(batch, strides.batch),
                                  builder.mul(head, strides.head)));
  }
  /// Combines all lanes pairwise; every lane of the result holds it.
  Value reduceLanes(Value vector, function_ref<Value(Value, Value)> combine);

  lir::AttentionOp op;
  KernelBuilder &builder;
  AttentionPlan plan;
  TileProduct product;
  Value packedKey, packedValue, scores, inverses;
  Value batch, head; ///< of the current chunk
};

} // namespace

void AttentionEmitter::emit() {
  packedKey = builder.getScratch();
  packedValue = elementPtr(packedKey, builder.i64(plan.getKeyElements()));
  scores = elementPtr(packedValue, builder.i64(plan.getValueElements()));
  inverses =
      elementPtr(scores, builder.i64(plan.split.rows * plan.getScoreStride()));
  builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                  [&](Value chunk) { emitChunk(chunk); });
}

void AttentionEmitter::emitChunk(Value chunk) {
  SmallVector<Value> indices =
      builder.delinearize(chunk, {plan.batch, plan.heads, plan.parts});
  batch = indices[0];
  head = indices[1];
  packOperands();
  int64_t tilesPerPart = llvm::divideCeil(plan.split.tiles, plan.parts);
  Value begin = builder.mul(indices[2], tilesPerPart);
  Value end = builder.min(builder.add(begin, tilesPerPart),
                          builder.i64(plan.split.tiles));
  Value middle = builder.i64(plan.split.bigTiles);
  builder.forLoop(begin, builder.min(end, middle), 1,
                  [&](Value tile) { emitTile(tile, plan.split.rows); });
  if (plan.split.bigTiles != plan.split.tiles)
    builder.forLoop(builder.max(begin, middle), end, 1,
                    [&](Value tile) { emitTile(tile, plan.split.rows - 1); });
}

void AttentionEmitter::forEachPanel(
    int64_t total, int64_t columns,
    function_ref<void(Value panel, int64_t columns)> body) {
  int64_t whole = total / columns;
  builder.forLoop(builder.i64(0), builder.i64(whole), 1,
                  [&](Value panel) { body(panel, columns); });
  if (total % columns)
    body(builder.i64(whole), total % columns);
}

void AttentionEmitter::packOperands() {
  Value key = headPtr(op.getKeyMutable(), plan.key);
  Value value = headPtr(op.getValueMutable(), plan.value);
  forEachPanel(plan.keys, plan.keyColumns, [&](Value panel, int64_t columns) {
    Value source =
        elementPtr(key, builder.mul(panel, plan.keyColumns * plan.key.row));
    packMatrix(
        builder, {plan.element, source, plan.key.column, plan.key.row},
        plan.depth, columns, plan.keyColumns, plan.lanes,
        elementPtr(packedKey, builder.mul(panel, plan.depth * plan.keyColumns)),
        plan.keyColumns);
  });
  forEachPanel(
      plan.width, plan.valueColumns, [&](Value panel, int64_t columns) {
        Value source = elementPtr(
            value, builder.mul(panel, plan.valueColumns * plan.value.column));
        packMatrix(
            builder, {plan.element, source, plan.value.row, plan.value.column},
            plan.keys, columns, plan.valueColumns, plan.lanes,
            elementPtr(packedValue,
                       builder.mul(panel, plan.keys * plan.valueColumns)),
            plan.valueColumns);
      });
}

void AttentionEmitter::emitTile(Value tile, int64_t rows) {
  Value small = builder.max(builder.sub(tile, builder.i64(plan.split.bigTiles)),
                            builder.i64(0));
  Value firstQuery = builder.sub(builder.mul(tile, plan.split.rows), small);
  emitScores(firstQuery, rows);
  builder.forLoop(builder.i64(0), builder.i64(rows), 1,
                  [&](Value row) { emitSoftmax(row); });
  emitOutput(firstQuery, rows);
}

//===-- Scores ------------------------------------------------------------===//

void AttentionEmitter::emitScores(Value firstQuery, int64_t rows) {
  forEachPanel(plan.keys, plan.keyColumns, [&](Value panel, int64_t columns) {
    emitScorePanel(firstQuery, rows, panel, columns);
  });
}

void AttentionEmitter::emitScorePanel(Value firstQuery, int64_t rows,
                                      Value panel, int64_t columns) {
  TileOperands operands;
  operands.lhs = elementPtr(headPtr(op.getQueryMutable(), plan.query),
                            builder.mul(firstQuery, plan.query.row));
  for (int64_t r = 0; r < rows; ++r)
    operands.rowOffsets.push_back(r * plan.query.row);
  operands.lhsStep = plan.query.column;
  operands.rhs =
      elementPtr(packedKey, builder.mul(panel, plan.depth * plan.keyColumns));
  operands.rhsStep = plan.keyColumns;
  operands.depth = builder.i64(plan.depth);
  int64_t vectors = llvm::divideCeil(columns, plan.lanes);
  RegisterTile tile(builder, product, rows, vectors);
  tile.accumulate(operands);

  VectorType type = builder.vectorType(plan.element, plan.lanes);
  Value scale = builder.constant(type, op.getScale().convertToFloat());
  Value lowest =
      builder.constant(type, -std::numeric_limits<double>::infinity());
  Value firstKey = builder.mul(panel, plan.keyColumns);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t left = columns - v * plan.lanes;
      Value count = left < plan.lanes ? builder.i64(left) : Value();
      Value score = builder.mulf(tile.at(r, v), scale);
      Value key = builder.add(firstKey, v * plan.lanes);
      if (op.getMask()) {
        Value row = builder.mul(builder.add(firstQuery, r), plan.mask.row);
        Value place = builder.add(row, builder.mul(key, plan.mask.column));
        OpOperand &operand = op.getMaskMutable()[0];
        score = builder.addf(
            score, builder.loadStrided(plan.element, plan.lanes,
                                       headPtr(operand, plan.mask), place,
                                       plan.mask.column, count));
      }
      if (count) {
        // Lanes beyond the keys take no part in the softmax.
        SmallVector<int64_t> lanes;
        for (int64_t i = 0; i < plan.lanes; ++i)
          lanes.push_back(i < left ? i : plan.lanes + i);
        score = builder.create<vector::ShuffleOp>(score, lowest, lanes);
      }
      builder.storeVector(score, scores,
                          builder.add(key, r * plan.getScoreStride()));
    }
}

Value AttentionEmitter::reduceLanes(Value vector,
                                    function_ref<Value(Value, Value)> combine) {
  for (int64_t distance = plan.lanes / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> lanes;
    for (int64_t i = 0; i < plan.lanes; ++i)
      lanes.push_back(i ^ distance);
    vector = combine(vector,
                     builder.create<vector::ShuffleOp>(vector, vector, lanes));
  }
  return vector;
}

void AttentionEmitter::emitSoftmax(Value row) {
  Value begin = builder.mul(row, plan.getScoreStride());
  VectorType type = builder.vectorType(plan.element, plan.lanes);
  Value end = builder.i64(llvm::alignTo(plan.keys, plan.lanes));
  auto larger = [&](Value a, Value b) -> Value {
    return builder.create<arith::MaximumFOp>(a, b);
  };
  auto plus = [&](Value a, Value b) { return builder.addf(a, b); };
  auto load = [&](Value key) {
    return builder.loadVector(plan.element, plan.lanes, scores,
                              builder.add(begin, key));
  };
  Value lowest =
      builder.constant(type, -std::numeric_limits<double>::infinity());
  Value largest = builder.forLoop(
      builder.i64(0), end, plan.lanes, lowest, [&](Value key, ValueRange max) {
        return SmallVector<Value>{larger(max[0], load(key))};
      })[0];
  largest = reduceLanes(largest, larger);
  Value sum = builder.forLoop(
      builder.i64(0), end, plan.lanes, builder.constant(type, 0),
      [&](Value key, ValueRange sums) {
        Value difference = builder.create<arith::SubFOp>(load(key), largest);
        Value power = builder.create<math::ExpOp>(difference);
        builder.storeVector(power, scores, builder.add(begin, key));
        return SmallVector<Value>{plus(sums[0], power)};
      })[0];
  sum = reduceLanes(sum, plus);
  Value inverse = builder.create<arith::DivFOp>(builder.constant(type, 1), sum);
  builder.store(builder.create<vector::ExtractOp>(inverse, int64_t(0)),
                inverses, row);
}

//===-- Output ------------------------------------------------------------===//

void AttentionEmitter::emitOutput(Value firstQuery, int64_t rows) {
  forEachPanel(plan.width, plan.valueColumns,
               [&](Value panel, int64_t columns) {
                 emitOutputPanel(firstQuery, rows, panel, columns);
               });
}

void AttentionEmitter::emitOutputPanel(Value firstQuery, int64_t rows,
                                       Value panel, int64_t columns) {
  TileOperands operands;
  operands.lhs = scores;
  for (int64_t r = 0; r < rows; ++r)
    operands.rowOffsets.push_back(r * plan.getScoreStride());
  operands.rhs = elementPtr(packedValue,
                            builder.mul(panel, plan.keys * plan.valueColumns));
  operands.rhsStep = plan.valueColumns;
  operands.depth = builder.i64(plan.keys);
  int64_t vectors = llvm::divideCeil(columns, plan.lanes);
  RegisterTile tile(builder, product, rows, vectors);
  tile.accumulate(operands);

  Value output = headPtr(op.getOutputMutable(), plan.output);
  Value firstColumn = builder.mul(panel, plan.valueColumns);
  for (int64_t r = 0; r < rows; ++r) {
    Value inverse = builder.broadcast(
        builder.load(plan.element, inverses, builder.i64(r)), plan.lanes);
    Value row = builder.mul(builder.add(firstQuery, r), plan.output.row);
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t left = columns - v * plan.lanes;
      Value column = builder.mul(builder.add(firstColumn, v * plan.lanes),
                                 plan.output.column);
      builder.storeStrided(builder.mulf(tile.at(r, v), inverse), output,
                           builder.add(row, column), plan.output.column,
                           left < plan.lanes ? builder.i64(left) : Value());
    }
  }
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
    if (cast<MemRefType>(attention.getOutput().getType()).getNumElements() != 0)
      AttentionEmitter(attention, builder).emit();
    return success();
  }

  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
    return std::max<int64_t>(
        1, AttentionPlan(cast<lir::AttentionOp>(op), target).getNumChunks());
  }

  int64_t getScratchBytes(Operation *op, const TargetInfo &target) const {
    AttentionPlan plan(cast<lir::AttentionOp>(op), target);
    return plan.getScratchElements() * plan.element.getIntOrFloatBitWidth() / 8;
  }

  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }

  std::string describeKernel(Operation *op, const TargetInfo &target) const {
    AttentionPlan plan(cast<lir::AttentionOp>(op), target);
    return "attention " + std::to_string(plan.split.rows) + "x" +
           std::to_string(plan.keyColumns);
  }
};

} // namespace

void cpu::attachAttentionKernels(MLIRContext &context) {
  lir::AttentionOp::attachInterface<AttentionKernel>(context);
}
