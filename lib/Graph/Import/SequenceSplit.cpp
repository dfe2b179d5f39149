//===- SequenceSplit.cpp - A tensor's parts as a sequence -----------------===//

#include "Lists.h"
#include "Offers.h"
#include "Sequence.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Longer sequences would take too long to compile tensor by tensor.
constexpr int64_t mostTensors = 4096;

/// The parts of `x` along an axis between the places of `bounds`, a list of
/// i64 of which there is one more than there are parts.
SmallVector<Value> slice(Node &node, Value x, int64_t axis, Value bounds,
                         int64_t count) {
  SmallVector<Value> parts;
  Value one = node.indices(1);
  auto bound = [&](int64_t place) {
    return node.create<GatherOp>(bounds, node.indices(place), int64_t(0));
  };
  for (int64_t i = 0; i < count && !node.hasFailed(); ++i)
    parts.push_back(node.create<SliceOp>(x, bound(i), bound(i + 1), one,
                                         ArrayRef<int64_t>(axis)));
  return parts;
}

/// Parts of one size, of which the last may be smaller, or of the sizes of a
/// list, where a run decides how many there are.
Value splitAtRun(Node &node, Value x, int64_t axis, Value size, bool keepDim) {
  RankedTensorType type = getType(x);
  SmallVector<int64_t> dims(type.getShape());
  dims[axis] = ShapedType::kDynamic;
  if (!keepDim)
    dims.erase(dims.begin() + axis);
  Type sequence =
      SequenceType::get(RankedTensorType::get(dims, type.getElementType()));
  return SequenceSplitOp::create(node.getBuilder(), node.getLoc(),
                                 makeHandleType(sequence), x, size, axis,
                                 keepDim);
}

/// Parts of one size, of which the last may be smaller.
LogicalResult splitEvenly(Node &node, Value x, int64_t axis, Value size,
                          bool keepDim) {
  int64_t dim = getType(x).getDimSize(axis);
  FailureOr<SmallVector<int64_t>> known = getConstantInts(size);
  if (succeeded(known) && known->front() < 1)
    return node.error("expected parts of at least 1, but got " +
                      Twine(known->front()));
  int64_t part = succeeded(known) ? known->front() : 1;
  if (ShapedType::isDynamic(dim) || failed(known) || dim / part > mostTensors)
    return node.result(splitAtRun(node, x, axis, size, keepDim));
  int64_t count = dim / part + (dim % part != 0);
  SmallVector<int64_t> bounds;
  for (int64_t i = 0; i < count; ++i)
    bounds.push_back(i * part);
  bounds.push_back(dim);
  SmallVector<Value> parts = slice(node, x, axis, node.indices(bounds), count);
  if (!keepDim)
    for (Value &tensor : parts)
      tensor = node.create<SqueezeOp>(tensor, ArrayRef<int64_t>(axis));
  return node.result(makeSequence(node, parts, getType(x).getElementType()));
}

/// Parts of the sizes that a list says, which may be known to a run only.
LogicalResult splitBySizes(Node &node, Value x, int64_t axis, Value sizes) {
  int64_t count = getType(sizes).getDimSize(0);
  if (count > mostTensors)
    return node.unsupported("a sequence of " + Twine(count) +
                            " tensors is not supported");
  ValueRule atLeastNone{sizes, 0, INT64_MAX, false, "part sizes of at least 0"};
  sizes = node.decideSizes(sizes, "the number of parts");
  if (failed(node.require(atLeastNone)) || node.hasFailed())
    return failure();
  SmallVector<Value> bounds{node.indices(0)};
  for (int64_t i = 0; i < count; ++i) {
    Value size = node.create<GatherOp>(sizes, node.indices(i), int64_t(0));
    bounds.push_back(node.map({bounds.back(), size},
                              getType(sizes).getElementType(),
                              [](Scalar &s, ArrayRef<Value> args) {
                                return s.add(args[0], args[1]);
                              }));
  }
  Value dim = node.create<ShapeOp>(x, axis, axis + 1);
  Value rest = node.map(
      {dim, bounds.back()}, getType(sizes).getElementType(),
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  if (node.hasFailed() ||
      failed(node.require(
          {rest, 0, 0, false, "parts that make up the dim (a rest of 0)"})))
    return failure();
  Value list =
      count == 0 ? bounds[0] : node.create<ConcatOp>(bounds, int64_t(0));
  return node.result(makeSequence(node, slice(node, x, axis, list, count),
                                  getType(x).getElementType()));
}

} // namespace

LogicalResult importSplitToSequence(Node &node) {
  Value x = node.input(0, "input", MovedKind);
  int64_t axis = node.getInt("axis", 0);
  bool keepDim = node.getBool("keepdims", true);
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if (node.hasFailed())
    return failure();
  if (!node.hasInput(1))
    return splitEvenly(node, x, axis, node.indices(1, ArrayRef<int64_t>()),
                       keepDim);
  Value split = node.indexInput(1, "split");
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(split);
  if (type.getRank() > 1)
    return node.error("expected split to be a size or a list of sizes, but "
                      "got " +
                      describeType(type));
  if (type.getRank() == 1)
    return hasOpenLength(split)
               ? node.result(splitAtRun(node, x, axis, split, /*keepDim=*/true))
               : splitBySizes(node, x, axis, split);
  return splitEvenly(node, x, axis, split, /*keepDim=*/true);
}

} // namespace lambent::graph
