//===- Lists.cpp - Arithmetic on short lists of sizes ---------------------===//

#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value getDims(Node &node, Value x) {
  if (!x)
    return {};
  return node.create<ShapeOp>(x, int64_t(0), getType(x).getRank());
}

Value takeEntries(Node &node, Value list, const Size &first,
                  const Size &count) {
  return node.create<SliceOp>(list, node.sizeList({first}),
                              node.sizeList({first + count}), node.indices(1),
                              ArrayRef<int64_t>(0));
}

Value pickEntry(Node &node, Value list, int64_t index) {
  return node.reshape(takeEntries(node, list, index, 1), ArrayRef<int64_t>());
}

Value joinLists(Node &node, ArrayRef<Value> lists) {
  return lists.size() == 1 ? lists[0]
                           : node.create<ConcatOp>(lists, int64_t(0));
}

Value mapInts(Node &node, ArrayRef<Value> operands,
              function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
  return node.map(operands, IntegerType::get(node.getContext(), 64), body);
}

Value countUp(Node &node, Value size) {
  auto scalar = [&](int64_t value) {
    return node.indices(value, ArrayRef<int64_t>());
  };
  if (size && getType(size).getRank() > 0)
    size = node.reshape(size, ArrayRef<int64_t>());
  return node.create<RangeOp>(scalar(0), size, scalar(1));
}

Value countDim(Node &node, Value x, int64_t dim) {
  return countUp(node, node.create<ShapeOp>(x, dim, dim + 1));
}

Value layAlong(Node &node, Value vector, int64_t dim, int64_t rank) {
  SmallVector<int64_t> others = listAxes(0, rank);
  others.erase(others.begin() + dim);
  return others.empty() ? vector : node.create<UnsqueezeOp>(vector, others);
}

Value computeSize(Node &node, ArrayRef<Value> lists, const Twine &what,
                  function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
  return node.decideSizes(mapInts(node, lists, body), what);
}

LogicalResult demand(Node &node, ValueRule rule) {
  rule.isAlways = true;
  return node.require(rule);
}

LogicalResult requireVector(Node &node, Value list, StringRef name) {
  if (!list || node.hasFailed())
    return node.abandon();
  int64_t rank = getType(list).getRank();
  return rank == 1
             ? success()
             : node.error("expected input '" + name +
                          "' to be a vector, but got rank " + Twine(rank));
}

int64_t getLength(Node &node, Value list, StringRef name) {
  if (failed(requireVector(node, list, name)))
    return -1;
  if (hasOpenLength(list)) {
    (void)node.undeterminedLength(
        "the number of entries of input '" + name + "'", list);
    return -1;
  }
  return getType(list).getDimSize(0);
}

Value fixLength(Node &node, Value list, StringRef what, const Size &count) {
  if (!list || node.hasFailed()) {
    (void)node.abandon();
    return {};
  }
  if (int64_t rank = getType(list).getRank(); rank != 1) {
    (void)node.error("expected " + what + " to be a vector, but got rank " +
                     Twine(rank));
    return {};
  }
  Size length = getSizes(getType(list)).front();
  if (length == count)
    return list;
  std::string expected =
      count.isNumber() ? (Twine(count.getNumber()) + " " + what).str()
                       : ("as many " + what + " as its other lists say").str();
  if (length.isNumber() && count.isNumber()) {
    (void)node.error("expected " + expected + ", but got " +
                     Twine(length.getNumber()));
    return {};
  }
  ValueRule rule{node.sizeList({length - count}), 0, 0, /*isExcluded=*/false,
                 expected};
  return failed(demand(node, rule)) ? Value() : node.reshapeTo(list, {count});
}

bool hasOpenLength(Value list) {
  return list && getType(list).getRank() == 1 && getType(list).isDynamicDim(0);
}

bool hasKnownSizes(Value x) { return x && areKnown(getSizes(getType(x))); }

} // namespace lambent::graph
