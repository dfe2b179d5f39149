//===- PoolUnpool.cpp - Maxima put back to where they were ----------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The shape that a MaxPool with these windows had for input, as far as it is
/// known from its result.
SmallVector<int64_t> findUnpooledShape(ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> kernel,
                                       ArrayRef<int64_t> strides,
                                       ArrayRef<int64_t> pads) {
  SmallVector<int64_t> result(shape.take_front(2));
  for (size_t i = 0; i < kernel.size(); ++i)
    result.push_back((shape[i + 2] - 1) * strides[i] + kernel[i] - pads[i] -
                     pads[i + kernel.size()]);
  return result;
}

/// Zeros around what was unpooled, behind it in each dim.
Value padBehind(Node &node, Value value, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> from = getType(value).getShape();
  SmallVector<int64_t> pads(2 * shape.size(), 0);
  for (size_t i = 0; i < shape.size(); ++i)
    pads[i + shape.size()] = shape[i] - from[i];
  return node.create<PadOp>(value, node.indices(pads), Value(),
                            StringRef("constant"),
                            listAxes(0, int64_t(shape.size())));
}

/// Updates of zeros by the positions that MaxPool gives: the last of several
/// maxima at one place stays. `output_shape` adds zeros.
LogicalResult importMaxUnpool(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        indices = node.input(1, "I", SignedKind);
  SmallVector<int64_t> kernel = node.getInts("kernel_shape");
  SmallVector<int64_t> ones(kernel.size(), 1), zeros(2 * kernel.size(), 0),
      strides = node.getInts("strides", ones),
      pads = node.getInts("pads", zeros), wanted;
  if (node.hasInput(2))
    wanted = node.constantInts(2, "output_shape");
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != int64_t(kernel.size()) + 2 || kernel.empty() ||
      strides.size() != kernel.size() || pads.size() != zeros.size())
    return node.error("expected X [N, C, d...] and windows of as many dims");
  if (!type.hasStaticShape() || !getType(indices).hasStaticShape())
    return node.undetermined("the shape of X");
  if (getType(indices).getShape() != type.getShape())
    return node.error("expected I to have the shape of X");
  SmallVector<int64_t> shape =
      findUnpooledShape(type.getShape(), kernel, strides, pads);
  if (any_of(shape, [](int64_t size) { return size < 0; }))
    return node.error("the windows are smaller than their padding");
  if (wanted.empty())
    wanted = shape;
  if (wanted.size() != shape.size() ||
      any_of(zip(wanted, shape), [](auto pair) {
        return std::get<0>(pair) < std::get<1>(pair);
      }))
    return node.error("output_shape is smaller than what the windows cover");
  Value flat = node.create<ExpandOp>(
      node.scalar(type.getElementType(), 0),
      node.reduce(node.indices(shape), "prod", {0}));
  Value written = node.create<ScatterNDOp>(
      flat, node.reshape(indices, {type.getNumElements(), 1}),
      node.reshape(x, {type.getNumElements()}), StringRef("none"));
  return node.result(padBehind(node, node.reshape(written, shape), wanted));
}

} // namespace

void addUnpoolRows(OpTable &table) {
  table.add("MaxUnpool", 9, importMaxUnpool);
}

} // namespace lambent::graph
