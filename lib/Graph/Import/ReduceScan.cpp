//===- ReduceScan.cpp - Running sums and products -------------------------===//

#include "Axes.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

Handler scan(StringRef kind) {
  return [=](Node &node) {
    Value x = node.input(0, "x", NumberKind);
    Axes axes = readAxes(node, 1, "axis");
    bool exclusive = node.getBool("exclusive", false),
         reverse = node.getBool("reverse", false);
    if (node.hasFailed())
      return failure();
    if (axes.open)
      axes.open = fixLength(node, axes.open, "axis", 1);
    else if (axes.known.size() != 1)
      return node.error("expected 1 axis, but got " + Twine(axes.known.size()));
    if (node.hasFailed())
      return failure();
    auto along = [&](Value value, int64_t axis) {
      return node.create<CumSumOp>(value, axis, exclusive, reverse, kind);
    };
    if (!axes.open)
      return node.result(
          along(x, node.normalizeAxis(axes.known[0], getType(x).getRank())));
    return node.result(
        walkAxes(node, x, axes.open, /*keepDims=*/true,
                 {[](int64_t, Value size) { return size; },
                  [&](int64_t, Value view, Value) { return along(view, 1); }}));
  };
}

} // namespace

void addScanRows(OpTable &table) {
  table.add("CumSum", 11, scan("sum"));
  table.add("CumProd", 26, scan("prod"));
}

} // namespace lambent::graph
