//===- Gather.cpp - Lookups by index, and sequences of numbers ------------===//

#include "Elementwise.h"

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
  Value data = node.input(0, "data"),
        indices = node.input(1, "indices", SignedKind);
  int64_t axis;
  if (!readIndices(node, data, indices, axis))
    return failure();
  return node.result(node.create<GatherOp>(data, indices, axis));
}

LogicalResult importGatherElements(Node &node) {
  Value data = node.input(0, "data"),
        indices = node.input(1, "indices", SignedKind);
  int64_t axis;
  if (!readIndices(node, data, indices, axis))
    return failure();
  return node.result(node.create<GatherElementsOp>(data, indices, axis));
}

/// Before opset 12 there are no batch dims.
template <bool hasBatchDims> LogicalResult importGatherND(Node &node) {
  int64_t batch = hasBatchDims ? node.getInt("batch_dims", 0) : 0;
  Value data = node.input(0, "data"),
        indices = node.input(1, "indices", SignedKind);
  return node.result(node.create<GatherNDOp>(data, indices, batch));
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
  return node.result(node.create<RangeOp>(bounds[0], bounds[1], bounds[2]));
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
