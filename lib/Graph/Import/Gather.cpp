//===- Gather.cpp - Lookups by index, and sequences of numbers ------------===//

#include "Elementwise.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The indices, of type i32 or i64, and the axis they count along.
bool readIndices(Node &node, Value data, Value indices, int64_t &axis) {
  axis = node.getInt("axis", 0);
  if (node.hasFailed())
    return false;
  Type type = getType(indices).getElementType();
  if (!type.isInteger(32) && !type.isInteger(64)) {
    (void)node.error("expected indices to be int32 or int64");
    return false;
  }
  axis = node.normalizeAxis(axis, getType(data).getRank());
  return !node.hasFailed();
}

LogicalResult importGather(Node &node) {
  Value data = node.input(0, "data", MovedKind),
        indices = node.input(1, "indices", SignedKind);
  int64_t axis;
  if (!readIndices(node, data, indices, axis))
    return failure();
  return node.result(node.create<GatherOp>(data, indices, axis));
}

LogicalResult importGatherElements(Node &node) {
  Value data = node.input(0, "data", MovedKind),
        indices = node.input(1, "indices", SignedKind);
  int64_t axis;
  if (!readIndices(node, data, indices, axis))
    return failure();
  return node.result(node.create<GatherElementsOp>(data, indices, axis));
}

/// Before opset 12 there are no batch dims.
template <bool hasBatchDims> LogicalResult importGatherND(Node &node) {
  int64_t batch = hasBatchDims ? node.getInt("batch_dims", 0) : 0;
  Value data = node.input(0, "data", MovedKind),
        indices = node.input(1, "indices", SignedKind);
  return node.result(node.create<GatherNDOp>(data, indices, batch));
}

/// max(ceil((limit - start) / delta), 0), an i64 scalar.
Value countSteps(Node &node, ArrayRef<Value> bounds) {
  Type type = getType(bounds[0]).getElementType();
  if (isa<FloatType>(type)) {
    SmallVector<Value> wide;
    for (Value bound : bounds)
      wide.push_back(node.cast(bound, Float64Type::get(node.getContext())));
    return mapInts(node, wide, [](Scalar &s, ArrayRef<Value> args) {
      Value steps = s.div(s.sub(args[1], args[0]), args[2]);
      Value whole = s.make<math::CeilOp>(s.max(steps, s.number(steps, 0)));
      return s.convert(whole, IntegerType::get(whole.getContext(), 64), false,
                       false);
    });
  }
  SmallVector<Value> wide;
  for (Value bound : bounds)
    wide.push_back(node.cast(bound, IntegerType::get(node.getContext(), 64)));
  return mapInts(node, wide, [](Scalar &s, ArrayRef<Value> args) {
    Type i64 = args[0].getType();
    Value zero = s.integer(i64, 0), one = s.integer(i64, 1);
    Value backwards = s.less(args[2], zero);
    Value span =
        s.select(backwards, s.sub(args[0], args[1]), s.sub(args[1], args[0]));
    Value hop = s.select(backwards, s.neg(args[2]), args[2]);
    Value isAhead =
        s.select(backwards, s.less(args[1], args[0]), s.less(args[0], args[1]));
    return s.select(isAhead, s.add(s.div(s.sub(span, one), hop), one), zero);
  });
}

/// start + i * delta, as many as a run says.
Value buildOpenRange(Node &node, ArrayRef<Value> bounds) {
  Type type = getType(bounds[0]).getElementType();
  if (!isa<FloatType>(type)) {
    ValueRule rule{bounds[2], 0, 0, /*isExcluded=*/true,
                   "a delta other than 0"};
    if (failed(demand(node, rule)))
      return {};
  }
  Value count = node.decideSizes(node.reshape(countSteps(node, bounds), {1}),
                                 "the range");
  if (node.hasFailed())
    return {};
  return node.map({countUp(node, count), bounds[0], bounds[2]}, type,
                  [&](Scalar &s, ArrayRef<Value> args) {
                    Value place = s.convert(args[0], args[1].getType(), false,
                                            type.isUnsignedInteger());
                    return s.add(args[1], s.mul(place, args[2]));
                  });
}

LogicalResult importRange(Node &node) {
  SmallVector<Value> bounds;
  node.ignoreAttributes({"stash_type"});
  constexpr StringLiteral names[] = {"start", "limit", "delta"};
  for (auto [index, name] : enumerate(names)) {
    Value bound = node.input(index, name, NumberKind);
    // Exporters write vectors of one element here.
    if (bound && getType(bound).getRank() > 0)
      bound = node.reshape(bound, ArrayRef<int64_t>());
    node.noteSizeOperand(bound);
    bounds.push_back(bound);
  }
  if (!checkSameType(node, bounds))
    return failure();
  Value range = node.create<RangeOp>(bounds[0], bounds[1], bounds[2]);
  if (range && !hasKnownSizes(range))
    range = buildOpenRange(node, bounds);
  return node.result(range);
}

} // namespace

void addGatherRows(OpTable &table) {
  table.add("Gather", 1, importGather);
  table.add("GatherElements", 11, importGatherElements);
  table.add("GatherND", 11, importGatherND<false>);
  table.add("GatherND", 12, importGatherND<true>);
  table.add("Range", 11, importRange);
}

} // namespace lambent::graph
