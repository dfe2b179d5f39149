//===- Pool.cpp - Pooling -------------------------------------------------===//

#include "OpTable.h"
#include "PoolIndices.h"
#include <cmath>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// p of an Lp norm; before opset 2 it was a float.
int64_t readExponent(Node &node) {
  if (node.getOpset() >= 2)
    return node.getIntIn("p", 2, 1, INT32_MAX);
  float p = node.getFloat("p", 2);
  if (p == std::floor(p) && p >= 1 && p < (1 << 24))
    return int64_t(p);
  (void)node.unsupported("norms with p that is no whole number of 1 or more "
                         "are not supported");
  return 2;
}

Handler pool(StringRef kind, unsigned kinds) {
  return [=](Node &node) {
    Value x = node.input(0, "X", kinds);
    Window window;
    int64_t spatial = readWindow(node, x, window);
    SmallVector<int64_t> kernel = node.getInts("kernel_shape");
    bool ceilMode = node.getBool("ceil_mode", false);
    bool countPads =
        kind == "average" && node.getBool("count_include_pad", false);
    int64_t p = kind == "lp" ? readExponent(node) : 2;
    bool columnMajor = kind == "max" && node.getBool("storage_order", false);
    if (node.hasFailed())
      return failure();
    if (int64_t(kernel.size()) != spatial)
      return node.error("expected kernel_shape to have " + Twine(spatial) +
                        " entries, but got " + Twine(kernel.size()));
    for (int64_t size : kernel)
      if (size < 1 || size > INT32_MAX)
        return node.error("kernel_shape holds " + Twine(size) +
                          ", which is out of range");
    Value value = node.create<PoolOp>(x, kind, kernel, window.strides,
                                      window.dilations, window.pads, ceilMode,
                                      countPads, p, StringRef(window.autoPad),
                                      /*channels_last=*/false);
    if (kind == "max" && node.isOutputUsed(1) &&
        failed(node.result(
            1, findMaxima(node, x, value, window, kernel, columnMajor))))
      return failure();
    return node.result(value);
  };
}

/// The dims after N and C, which global pooling reduces.
SmallVector<int64_t> getSpatialAxes(Node &node, Value x) {
  if (node.hasFailed())
    return {};
  int64_t rank = getType(x).getRank();
  if (rank < 3)
    (void)node.error("expected an input [N, C, spatial...], but got rank " +
                     Twine(rank));
  return listAxes(2, std::max<int64_t>(rank, 2));
}

Handler globalPool(StringRef kind) {
  return [=](Node &node) {
    Value x = node.input(0, "X", FloatKind);
    return node.result(node.reduce(x, kind, getSpatialAxes(node, x)));
  };
}

/// (sum |x|^p)^(1/p)
LogicalResult importGlobalLpPool(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  int64_t p = readExponent(node);
  SmallVector<int64_t> axes = getSpatialAxes(node, x);
  Value powers = node.map(x, [&](Scalar &s, Value value) {
    return p == 1   ? s.abs(value)
           : p == 2 ? s.mul(value, value)
                    : s.pow(s.abs(value), s.number(value, double(p)));
  });
  return node.result(
      node.map(node.reduce(powers, "sum", axes), [&](Scalar &s, Value value) {
        return p == 1   ? value
               : p == 2 ? s.sqrt(value)
                        : s.pow(value, s.number(value, 1.0 / double(p)));
      }));
}

} // namespace

void addPoolRows(OpTable &table) {
  table.add("MaxPool", 1, pool("max", NumberKind));
  table.add("AveragePool", 1, pool("average", FloatKind));
  table.add("LpPool", 1, pool("lp", FloatKind));
  table.add("GlobalMaxPool", 1, globalPool("max"));
  table.add("GlobalAveragePool", 1, globalPool("mean"));
  table.add("GlobalLpPool", 1, importGlobalLpPool);
}

} // namespace lambent::graph
