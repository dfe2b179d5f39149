//===- OneHot.cpp - Positions as ones among zeros -------------------------===//

#include "Lists.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The number of places, i64[1], as a size.
Value readDepth(Node &node, Value depth) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  node.noteSizeOperand(depth);
  depth = node.cast(depth, i64);
  if (hasOpenLength(depth))
    depth = fixLength(node, depth, "depth", 1);
  if (node.hasFailed())
    return {};
  FailureOr<SmallVector<int64_t>> count = getConstantInts(depth);
  if (succeeded(count)
          ? count->size() != 1 || (*count)[0] < 1 || (*count)[0] > maxElements
          : !getType(depth).hasStaticShape() ||
                getType(depth).getNumElements() != 1) {
    (void)node.error("expected depth to be one positive number");
    return {};
  }
  return node.decideSizes(node.reshape(depth, {1}), "the depth");
}

LogicalResult importOneHot(Node &node) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value places = node.cast(node.input(0, "indices", NumberKind), i64),
        depth = node.input(1, "depth", NumberKind),
        values = node.input(2, "values", MovedKind);
  int64_t axis = node.getInt("axis", -1);
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(places).getRank() + 1;
  axis = node.normalizeAxis(axis, rank);
  Value size = readDepth(node, depth);
  if (node.hasFailed())
    return failure();
  if (getType(values).getRank() != 1 ||
      (!getType(values).isDynamicDim(0) && getType(values).getDimSize(0) != 2))
    return node.error("expected values to be the off and the on value");
  if (node.hasFailed())
    return failure();
  // Indices from the end are negative; others out of range mark nothing.
  Value wrapped = node.map({places, pickEntry(node, size, 0)}, i64,
                           [&](Scalar &s, ArrayRef<Value> args) {
                             return s.select(s.less(args[0], s.integer(i64, 0)),
                                             s.add(args[0], args[1]), args[0]);
                           });
  return node.result(node.map(
      {node.create<UnsqueezeOp>(wrapped, ArrayRef<int64_t>(axis)),
       layAlong(node, countUp(node, size), axis, rank),
       pickEntry(node, values, 1), pickEntry(node, values, 0)},
      getType(values).getElementType(), [](Scalar &s, ArrayRef<Value> args) {
        return s.select(s.equal(args[0], args[1]), args[2], args[3]);
      }));
}

/// One where the largest element is, the first of these, and zero elsewhere.
Value markLargest(Node &node, Value x, int64_t axis) {
  if (node.hasFailed())
    return {};
  if (getType(x).getDimSize(axis) == 0)
    return x;
  Value size = node.create<ShapeOp>(x, axis, axis + 1);
  // Where the dim is empty there is nothing to mark.
  Value largest = node.create<ArgReduceOp>(x, StringRef("max"), axis,
                                           /*keep_dims=*/true,
                                           /*select_last=*/false);
  Type type = getType(x).getElementType();
  Type scalarType = type.getIntOrFloatBitWidth() < 32
                        ? Type(Float32Type::get(node.getContext()))
                        : type;
  return node.map({largest, layAlong(node, countUp(node, size), axis,
                                     getType(x).getRank())},
                  type, [&](Scalar &s, ArrayRef<Value> args) {
                    return s.select(s.equal(args[0], args[1]),
                                    s.number(scalarType, 1),
                                    s.number(scalarType, 0));
                  });
}

LogicalResult importHardmax(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  int64_t axis = node.getInt("axis", -1);
  if (node.hasFailed())
    return failure();
  return node.result(
      markLargest(node, x, node.normalizeAxis(axis, getType(x).getRank())));
}

/// Before opset 13, all dims from `axis` on counted as one.
LogicalResult importLegacyHardmax(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  int64_t axis = node.getInt("axis", 1);
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  Value marked = markLargest(node, node.create<FlattenOp>(x, axis), 1);
  return node.result(node.create<ReshapeOp>(
      marked, node.create<ShapeOp>(x, int64_t(0), getType(x).getRank()),
      /*allow_zero=*/true));
}

} // namespace

void addOneHotRows(OpTable &table) {
  table.add("OneHot", 9, importOneHot);
  table.add("Hardmax", 1, importLegacyHardmax);
  table.add("Hardmax", 13, importHardmax);
}

} // namespace lambent::graph
