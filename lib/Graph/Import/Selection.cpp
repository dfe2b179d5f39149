//===- Selection.cpp - Results whose size the data say --------------------===//
//
// Elements that are not 0 are counted, block by block; the sum of the counts is
// a size that the run decides, and then their places are written. All the
// others select by such places.
//
//===----------------------------------------------------------------------===//

#include "Selection.h"
#include "Lists.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value findNonZero(Node &node, Value x) {
  if (node.hasFailed())
    return {};
  // As much as pays for a chunk of its own.
  constexpr int64_t block = 4096;
  Value counts = node.create<CountNonZeroOp>(x, block);
  Value starts = node.create<CumSumOp>(counts, int64_t(0), /*exclusive=*/true,
                                       /*reverse=*/false);
  Value count = node.decideSizes(node.reduce(counts, "sum", int64_t(0)),
                                 "the number of elements that are not 0");
  return node.create<NonZeroOp>(x, starts, count, block);
}

std::optional<int64_t> readAxisOrFlatten(Node &node, Value &x) {
  std::optional<int64_t> axis;
  if (node.hasAttribute("axis"))
    axis = node.getInt("axis");
  if (node.hasFailed())
    return axis;
  if (axis)
    axis = node.normalizeAxis(*axis, getType(x).getRank());
  else
    x = node.reshape(x, int64_t(-1));
  return axis;
}

namespace {

/// The places in a vector of elements that are not 0: [as many].
Value findPlaces(Node &node, Value vector) {
  return node.create<SqueezeOp>(findNonZero(node, vector),
                                ArrayRef<int64_t>(0));
}

LogicalResult importNonZero(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind | LaterStringKind);
  if (node.hasFailed())
    return failure();
  // A scalar is a vector of one element, as in ONNX Runtime.
  if (getType(x).getRank() == 0)
    x = node.reshape(x, int64_t(1));
  return node.result(findNonZero(node, x));
}

/// Entries of the condition behind the axis's end select nothing.
LogicalResult importCompress(Node &node) {
  Value x = node.input(0, "input", NumberKind | BoolKind | StringKind),
        condition = node.input(1, "condition", BoolKind);
  std::optional<int64_t> axis = readAxisOrFlatten(node, x);
  if (node.hasFailed())
    return failure();
  if (getType(condition).getRank() != 1)
    return node.error("expected a condition of rank 1, but got rank " +
                      Twine(getType(condition).getRank()));
  int64_t along = axis.value_or(0), size = getType(x).getDimSize(along),
          length = getType(condition).getDimSize(0);
  if (size == 0)
    return node.result(x);
  bool isWithin = !ShapedType::isDynamic(size) &&
                  !ShapedType::isDynamic(length) && length <= size;
  if (!isWithin)
    condition = node.map(
        {condition, countDim(node, condition, 0),
         node.create<ShapeOp>(x, along, along + 1)},
        IntegerType::get(node.getContext(), 1),
        [](Scalar &s, ArrayRef<Value> args) {
          return s.make<arith::AndIOp>(args[0], s.less(args[1], args[2]));
        });
  return node.result(
      node.create<GatherOp>(x, findPlaces(node, condition), along));
}

} // namespace

void addSelectionRows(OpTable &table) {
  table.add("NonZero", 9, importNonZero);
  table.add("Compress", 9, importCompress);
}

} // namespace lambent::graph
