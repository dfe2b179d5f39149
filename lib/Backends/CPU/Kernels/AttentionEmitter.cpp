//===- AttentionEmitter.cpp - What the ways of attention share ------------===//

#include "AttentionEmitter.h"
#include "Lanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static constexpr double log2e = 0x1.71547652b82fep0;
static constexpr double infinity = std::numeric_limits<double>::infinity();

Value AttentionEmitter::headPtr(OpOperand &operand,
                                const AttentionPlan::Strides &strides) {
  return elementPtr(builder.getBuffer(operand),
                    builder.add(builder.mul(batch, strides.batch),
                                builder.mul(head, strides.head)));
}

Value AttentionEmitter::splat(double number) {
  return builder.constant(builder.vectorType(plan.element, plan.lanes), number);
}

Value AttentionEmitter::larger(Value a, Value b) {
  return combine(builder, Combine::QuickMax, a, b);
}

Value AttentionEmitter::finishScores(Value scaled, Value row, Value key,
                                     Value count) {
  Value scores = scaled;
  if (op.getMask()) {
    Value place = builder.add(builder.mul(row, plan.mask.row),
                              builder.mul(key, plan.mask.column));
    OpOperand &operand = op.getMaskMutable()[0];
    scores = builder.addf(scores,
                          builder.loadStrided(plan.element, plan.lanes,
                                              headPtr(operand, plan.mask),
                                              place, plan.mask.column, count));
  }
  return keepLanes(builder, scores, count, splat(-infinity));
}

double AttentionEmitter::getScoreFactor() {
  double scale = op.getScale().convertToFloat();
  return op.getMask() ? scale : scale * log2e;
}

Value AttentionEmitter::makePower(Value score, Value most) {
  Value difference = builder.create<arith::SubFOp>(score, most);
  if (op.getMask())
    difference = builder.mulf(difference, splat(log2e));
  return builder.create<math::Exp2Op>(difference);
}

Value AttentionEmitter::countOf(PanelWidth width, int64_t v) {
  return width.count ? builder.sub(width.count, builder.i64(v * plan.lanes))
                     : Value();
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

Value AttentionEmitter::makeFinite(Value largest) {
  Value isNone = arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ,
                                       largest, splat(-infinity));
  return builder.create<arith::SelectOp>(isNone, splat(0), largest);
}
