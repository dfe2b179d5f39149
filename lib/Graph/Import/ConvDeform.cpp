//===- ConvDeform.cpp - Deformable convolutions ---------------------------===//
//
// What the taps read become channels, which a convolution of one tap combines.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "OpTable.h"
#include "Window.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The filter [OC, C / group, taps...] as one of a tap whose channels are
/// [taps, C / group].
Value flattenTaps(Node &node, Value filter) {
  ArrayRef<int64_t> shape = getType(filter).getShape();
  int64_t taps = shape[2] * shape[3];
  Value moved = node.transpose(node.reshape(filter, {shape[0], shape[1], taps}),
                               {0, 2, 1});
  return node.reshape(moved, {shape[0], taps * shape[1], 1, 1});
}

/// Fails unless ranks and sizes fit, as far as the ops do not check them.
LogicalResult checkShapes(Node &node, Value x, Value filter, Value offset,
                          Value mask) {
  for (Value value : {x, filter, offset, mask})
    if (value && getType(value).getRank() != 4)
      return node.unsupported("a deformable convolution of other than two "
                              "spatial dims is not supported");
  if (!getType(filter).hasStaticShape())
    return node.undetermined("the shape of the filter");
  SmallVector<int64_t> kernel(getType(filter).getShape().drop_front(2));
  if (is_contained(getType(filter).getShape(), 0))
    return node.unsupported("a filter of no elements is not supported");
  if (node.hasAttribute("kernel_shape") && node.getInts("kernel_shape") != kernel)
    return node.error("kernel_shape is not the filter's shape");
  return success();
}

LogicalResult importDeformConv(Node &node) {
  Value x = node.input(0, "X", FloatKind), filter = node.input(1, "W", FloatKind),
        offset = node.input(2, "offset", FloatKind),
        bias = node.optionalInput(3, "B", FloatKind),
        mask = node.optionalInput(4, "mask", FloatKind);
  Window window;
  int64_t group = node.getIntIn("group", 1, 1, INT32_MAX),
          offsetGroups = node.getIntIn("offset_group", 1, 1, INT32_MAX);
  if (node.hasFailed() ||
      failed(checkShapes(node, x, filter, offset, mask)) ||
      !readWindow(node, x, window))
    return failure();
  Type element = getType(x).getElementType(),
       wide = element.isF64() ? element : Float32Type::get(node.getContext());
  for (Value *value : {&x, &filter, &offset, &bias, &mask})
    if (*value)
      *value = node.cast(*value, wide);
  ArrayRef<int64_t> kernel = getType(filter).getShape().drop_front(2);
  Value columns = node.create<DeformColumnsOp>(
      x, offset, mask, kernel, window.strides, window.dilations, window.pads,
      group, offsetGroups, /*channels_last=*/false);
  int64_t ones[] = {1, 1}, zeros[] = {0, 0, 0, 0};
  Value result = node.create<ConvOp>(
      columns, flattenTaps(node, filter), bias, ArrayRef<int64_t>(ones),
      ArrayRef<int64_t>(ones), ArrayRef<int64_t>(zeros), group,
      StringRef("NOTSET"), /*channels_last=*/false);
  return node.result(node.cast(result, element));
}

} // namespace

void addConvDeformRows(OpTable &table) {
  table.add("DeformConv", 19, importDeformConv);
}

} // namespace lambent::graph
