//===- Counting.cpp - 0, 1, 2 ... for sizes that are computed -------------===//

#include "Counting.h"
#include "Importer.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value countTo(Node &node, Value list) {
  auto scalar = [&](int64_t value) {
    return node.indices(value, ArrayRef<int64_t>());
  };
  return node.create<RangeOp>(
      scalar(0), node.reshape(list, ArrayRef<int64_t>()), scalar(1));
}

Value countDim(Node &node, Value x, int64_t dim) {
  return countTo(node, node.create<ShapeOp>(x, dim, dim + 1));
}

Value layAlong(Node &node, Value vector, int64_t dim, int64_t rank) {
  SmallVector<int64_t> others = listAxes(0, rank);
  others.erase(others.begin() + dim);
  if (others.empty())
    return vector;
  return node.create<UnsqueezeOp>(vector, others);
}

void demand(Node &node, ValueRule rule) {
  rule.isAlways = true;
  (void)node.require(rule);
}

Value computeSize(
    Node &node, ArrayRef<Value> lists, const Twine &what,
    function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
  return node.decideSizes(
      node.map(lists, IntegerType::get(node.getContext(), 64), body), what);
}

} // namespace lambent::graph
