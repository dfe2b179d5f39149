//===- Conv.cpp - Convolutions --------------------------------------------===//

#include "Conv.h"
#include "ConvOpen.h"
#include "Elementwise.h"
#include "Window.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

bool checkFilter(Node &node, Value x, Value filter) {
  int64_t rank = getType(x).getRank();
  if (getType(filter).getRank() != rank)
    (void)node.error("expected a filter of rank " + Twine(rank) + ", but got " +
                     Twine(getType(filter).getRank()));
  else if (node.hasAttribute("kernel_shape")) {
    ArrayRef<int64_t> taps =
        getType(filter).getShape().drop_front(std::min<int64_t>(rank, 2));
    SmallVector<int64_t> kernel = node.getInts("kernel_shape");
    bool fits = kernel.size() == taps.size();
    for (size_t i = 0; fits && i < taps.size(); ++i)
      fits = ShapedType::isDynamic(taps[i]) || taps[i] == kernel[i];
    if (!fits)
      (void)node.error("kernel_shape is not the filter's shape");
  }
  return !node.hasFailed();
}

/// What kernel_shape says of the filter's sizes.
static Sizes getSaidSizes(Node &node, Value filter) {
  Sizes said(getType(filter).getRank());
  if (node.hasAttribute("kernel_shape"))
    for (auto [dim, taps] : enumerate(node.getInts("kernel_shape")))
      said[dim + 2] = taps;
  return said;
}

Value createConv(Node &node, Value x, Value filter, Value bias) {
  Window window;
  int64_t group = node.getInt("group", 1);
  if (!x || !filter || !checkFilter(node, x, filter) ||
      !readWindow(node, x, window))
    return {};
  if (group < 1) {
    (void)node.error("expected group to be positive, but got " + Twine(group));
    return {};
  }
  Sizes said = getSaidSizes(node, filter);
  if (bias && getType(bias).getRank() == 1)
    said[0] = getSizes(getType(bias))[0];
  if (Size channels = getSizes(getType(x))[1]; channels.isNumber())
    said[1] = channels.floorDiv(group);
  filter = settleFilter(node, filter, said);
  if (filter)
    x = settleChannels(node, x, getSizes(getType(filter))[1] * group);
  if (!filter || !x)
    return {};
  if (!getType(filter).hasStaticShape())
    return convolveByColumns(node, x, filter, bias, window, group);
  return node.create<ConvOp>(x, filter, bias, window.strides, window.dilations,
                             window.pads, group, StringRef(window.autoPad),
                             /*channels_last=*/false);
}

namespace {

bool readOperands(Node &node, Value &x, Value &filter, Value &bias) {
  x = node.input(0, "X", FloatKind);
  filter = node.input(1, "W", FloatKind);
  bias = node.optionalInput(2, "B", FloatKind);
  if (!checkSameType(node, {x, filter}) ||
      (bias && !checkSameType(node, {x, bias})))
    return false;
  return checkFilter(node, x, filter);
}

LogicalResult importConv(Node &node) {
  Value x, filter, bias;
  if (!readOperands(node, x, filter, bias))
    return failure();
  return node.result(createConv(node, x, filter, bias));
}

LogicalResult importConvTranspose(Node &node) {
  Value x, filter, bias;
  Window window;
  int64_t group = node.getInt("group", 1);
  if (!readOperands(node, x, filter, bias) || !readWindow(node, x, window))
    return failure();
  if (group < 1)
    return node.error("expected group to be positive, but got " + Twine(group));
  SmallVector<int64_t> none(window.strides.size(), 0);
  SmallVector<int64_t> padding =
      node.getInts("output_padding", ArrayRef<int64_t>(none));
  DenseI64ArrayAttr shape;
  if (node.hasAttribute("output_shape")) {
    SmallVector<int64_t> sizes = node.getInts("output_shape");
    // Some exporters write N and C too.
    if (sizes.size() == none.size() + 2)
      sizes.erase(sizes.begin(), sizes.begin() + 2);
    shape = DenseI64ArrayAttr::get(node.getContext(), sizes);
  }
  Sizes said = getSaidSizes(node, filter);
  if (bias && getType(bias).getRank() == 1)
    said[1] = getSizes(getType(bias))[0].floorDiv(group);
  said[0] = getSizes(getType(x))[1];
  filter = settleFilter(node, filter, said);
  if (filter)
    x = settleChannels(node, x, getSizes(getType(filter))[0]);
  if (!filter || !x)
    return failure();
  if (!getType(filter).hasStaticShape())
    return node.result(convolveTransposedByColumns(
        node, x, filter, bias, window, group,
        {padding, shape ? shape.asArrayRef() : ArrayRef<int64_t>()}));
  return node.result(node.create<ConvTransposeOp>(
      x, filter, bias, window.strides, window.dilations, window.pads, padding,
      shape, group, StringRef(window.autoPad),
      /*channels_last=*/false));
}

} // namespace

void addConvRows(OpTable &table) {
  table.add("Conv", 1, importConv);
  table.add("ConvTranspose", 1, importConvTranspose);
}

} // namespace lambent::graph
