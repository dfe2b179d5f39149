//===- AttentionSeenKeys.cpp - How many keys a tile's queries see ---------===//
//
// A mask that takes keys out of sight is minus infinity there, or the lowest
// float. Behind the last key that any query of a tile sees, exponentials are
// exactly 0: what is not computed there changes no bit of the output, and saves
// a causal mask half of the work. A query that sees no key at all counts as one
// that sees all, since the softmax of equal scores is not 0.
//
//===----------------------------------------------------------------------===//

#include "AttentionEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// From here on a key is in sight: what is below differs from any score with
/// another mask by more than an exponent holds.
static constexpr double lowestSeen = -0x1p120;

Value AttentionEmitter::countSeenKeys(Value firstRow, Value rows) {
  Value all = builder.value(plan.keys);
  if (!op.getMask() || plan.mask.column.is(0))
    return all;
  // Without a mask of its own a query sees what the others see.
  Value end = plan.mask.row.is(0) ? builder.i64(1) : rows;
  return builder.forLoop(
      builder.i64(0), end, 1, builder.i64(0), [&](Value row, ValueRange most) {
        Value last = findLastSeenKey(builder.add(firstRow, row));
        Value count = arith::SelectOp::create(
            builder, builder.lessThan(last, builder.i64(0)), all,
            builder.add(last, 1));
        return SmallVector<Value>{builder.max(most[0], count)};
      })[0];
}

Value AttentionEmitter::findLastSeenKey(Value row) {
  Value mask = elementPtr(headPtr(op.getMaskMutable()[0], plan.mask),
                          builder.mul(row, plan.mask.row));
  Type index = builder.getIntegerType(plan.element.getIntOrFloatBitWidth());
  VectorType indices = builder.vectorType(index, plan.lanes);
  SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < plan.lanes; ++lane)
    numbers.push_back(builder.getIntegerAttr(index, lane));
  Value lanes = builder.create<arith::ConstantOp>(
      DenseElementsAttr::get(indices, numbers));
  // Each lane's last key, or -1.
  auto visit = [&](Value key, Value count, Value last) {
    Value numbers = builder.loadStrided(plan.element, plan.lanes, mask,
                                        builder.mul(key, plan.mask.column),
                                        plan.mask.column, count);
    Value isSeen = arith::CmpFOp::create(builder, arith::CmpFPredicate::UGE,
                                         numbers, splat(lowestSeen));
    if (count)
      isSeen = arith::AndIOp::create(builder, isSeen,
                                     builder.laneMask(plan.lanes, count));
    Value first =
        index.isInteger(64) ? key : builder.create<arith::TruncIOp>(index, key);
    Value keys = builder.create<arith::AddIOp>(
        lanes, builder.broadcast(first, plan.lanes));
    return arith::SelectOp::create(builder, isSeen, keys, last).getResult();
  };
  Size rest = plan.keys - plan.keys.floorDiv(plan.lanes) * plan.lanes;
  Value whole = builder.value(plan.keys.floorDiv(plan.lanes) * plan.lanes);
  Value last = builder.forLoop(
      builder.i64(0), whole, plan.lanes, builder.constant(indices, -1),
      [&](Value key, ValueRange carried) {
        return SmallVector<Value>{visit(key, nullptr, carried[0])};
      })[0];
  if (!rest.is(0))
    last = visit(whole, builder.value(rest), last);
  Value largest =
      builder.create<vector::ReductionOp>(vector::CombiningKind::MAXSI, last);
  return index.isInteger(64)
             ? largest
             : builder.create<arith::ExtSIOp>(builder.getI64Type(), largest)
                   .getResult();
}
