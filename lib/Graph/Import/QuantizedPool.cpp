//===- QuantizedPool.cpp - com.microsoft's QLinear pooling ----------------===//

#include "OpTable.h"
#include "PoolIndices.h"
#include "Quantize.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Between [N, spatial..., C] and [N, C, spatial...].
Value moveChannels(Node &node, Value x, bool toFront) {
  if (!x)
    return {};
  int64_t rank = getType(x).getRank();
  SmallVector<int64_t> perm{0};
  if (toFront)
    perm.push_back(rank - 1);
  append_range(perm, toFront ? listAxes(1, rank - 1) : listAxes(2, rank));
  if (!toFront)
    perm.push_back(1);
  return node.transpose(x, perm);
}

/// The operands as numbers, channels first.
Value readImage(Node &node, Quantization &forY, Type &type, bool last) {
  Value x = node.input(0, "X", IntegerKind);
  Quantization forX = readQuantization(node, 1, "x");
  forY = readQuantization(node, 3, "y");
  if (node.hasFailed())
    return {};
  type = getType(x).getElementType();
  if (getType(x).getRank() < 3) {
    (void)node.error("expected an input [N, C, spatial...], but got rank " +
                     Twine(getType(x).getRank()));
    return {};
  }
  Value numbers =
      dequantize(node, x, forX, Float32Type::get(node.getContext()));
  return last ? moveChannels(node, numbers, /*toFront=*/true) : numbers;
}

LogicalResult writeImage(Node &node, Value y, Quantization forY, Type type,
                         bool last) {
  y = quantize(node, y, forY, type);
  return node.result(last ? moveChannels(node, y, /*toFront=*/false) : y);
}

LogicalResult importAveragePool(Node &node) {
  Quantization forY;
  Type type;
  bool last = node.getBool("channels_last", false),
       ceilMode = node.getBool("ceil_mode", false),
       countPads = node.getBool("count_include_pad", false);
  Value x = readImage(node, forY, type, last);
  Window window;
  int64_t spatial = x ? readWindow(node, x, window) : 0;
  SmallVector<int64_t> kernel = node.getInts("kernel_shape");
  if (node.hasFailed() || !x)
    return node.abandon();
  if (int64_t(kernel.size()) != spatial)
    return node.error("expected kernel_shape to have " + Twine(spatial) +
                      " entries, but got " + Twine(kernel.size()));
  Value y = node.create<PoolOp>(
      x, StringRef("average"), kernel, window.strides, window.dilations,
      window.pads, ceilMode, countPads, int64_t(2), StringRef(window.autoPad),
      /*channels_last=*/false);
  return writeImage(node, y, forY, type, last);
}

LogicalResult importGlobalAveragePool(Node &node) {
  Quantization forY;
  Type type;
  bool last = node.getBool("channels_last", false);
  Value x = readImage(node, forY, type, last);
  if (!x)
    return node.abandon();
  Value y = node.reduce(x, "mean", listAxes(2, getType(x).getRank()));
  return writeImage(node, y, forY, type, last);
}

} // namespace

void addQuantizedPoolRows(OpTable &table) {
  table.add("com.microsoft.QLinearAveragePool", 1, importAveragePool);
  table.add("com.microsoft.QLinearGlobalAveragePool", 1,
            importGlobalAveragePool);
}

} // namespace lambent::graph
