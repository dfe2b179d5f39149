//===- Broadcast.cpp - Dims that meet in an op that broadcasts ------------===//
//
// Of sizes that meet, each is 1 or what the result has. An operand is repeated
// by a look-up: element i of the result's dim comes from element
// i * (size != 1) of its own.
//
//===----------------------------------------------------------------------===//

#include "Broadcast.h"
#include "Assumptions.h"
#include "ControlFlow.h"
#include "Importer.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// Whether all that are not 1 are the same.
static bool agree(ArrayRef<Size> sizes) {
  Size first = 1;
  return all_of(sizes, [&](const Size &size) {
    if (first.is(1))
      first = size;
    return size.is(1) || size == first;
  });
}

/// The sizes that meet in one dim without those that are 1, each once.
static Sizes listMeeting(ArrayRef<Size> sizes, const MetSizes &met) {
  Sizes parts;
  for (const Size &size : sizes) {
    auto known = met.find(size.getExpression());
    if (size.getExpression() && known != met.end())
      append_range(parts, known->second);
    else if (!size.is(1))
      parts.push_back(size);
  }
  // In one order, so that the same sizes result in the same one.
  llvm::sort(parts, [](const Size &a, const Size &b) {
    return a.toString() < b.toString();
  });
  parts.erase(llvm::unique(parts), parts.end());
  return parts;
}

/// What sizes are that met.
static Size joinSizes(ArrayRef<Size> parts, MetSizes &met) {
  for (const Size &part : parts)
    if (part.isNumber())
      return part;
  Size result = parts.back();
  for (const Size &part : reverse(parts.drop_back()))
    result = broadcast(part, result);
  if (result.getExpression())
    met[result.getExpression()] = Sizes(parts);
  return result;
}

/// Sizes that are 0 where these broadcast: of any two, one is 1 or they are
/// equal.
static Sizes listMisfits(ArrayRef<Size> parts) {
  Sizes misfits;
  for (size_t i = 0; i < parts.size(); ++i)
    for (size_t j = i + 1; j < parts.size(); ++j)
      misfits.push_back(isNotOne(parts[i]) * isNotOne(parts[j]) *
                        (parts[i] - parts[j]));
  return misfits;
}

/// What a dim becomes in which these sizes meet; unknown where operands stay as
/// they are. Sizes of inputs choose the version of the model that a run takes;
/// others are not known then, and every version repeats what has them.
static Size meet(Node &node, ArrayRef<Size> sizes) {
  Importer &importer = node.getImporter();
  if (agree(sizes))
    return Size::unknown();
  Sizes parts = listMeeting(sizes, importer.getMetSizes());
  bool areInputs = all_of(
      parts, [&](const Size &part) { return importer.isInputSize(part); });
  if (parts.size() < 2 || areNumbers(parts) ||
      (!areInputs && !all_of(parts, isPlainSize)))
    return Size::unknown();
  if (areInputs && importer.getAssumed().equalDims) {
    importer.noteEqualDims(node.getLoc(), parts);
    return Size::unknown();
  }
  Size result = joinSizes(parts, importer.getMetSizes());
  Sizes misfits = listMisfits(parts);
  if (!result.isKnown() || !areKnown(misfits)) {
    if (areInputs)
      (void)node.unsupported(
          "the sizes that meet are not supported: bind them");
    return Size::unknown();
  }
  (void)demand(node, {node.sizeList(misfits), 0, 0, /*isExcluded=*/false,
                      "operands that broadcast"});
  return result;
}

/// What the dims become in which these shapes meet, as in `meet`.
static Sizes meetAll(Node &node, ArrayRef<Sizes> shapes) {
  size_t rank = 0;
  for (const Sizes &sizes : shapes)
    rank = std::max(rank, sizes.size());
  Sizes result;
  for (size_t dim = 0; dim < rank; ++dim) {
    Sizes meeting;
    for (const Sizes &sizes : shapes)
      if (dim + sizes.size() >= rank)
        meeting.push_back(sizes[dim + sizes.size() - rank]);
    result.push_back(meet(node, meeting));
  }
  return result;
}

/// Repeats a tensor to the sizes of `met` that are known, of which the last is
/// its last dim before `kept`.
static Value repeatTo(Node &node, Value x, ArrayRef<Size> met, int64_t kept) {
  Sizes sizes = getSizes(getType(x));
  int64_t last = int64_t(sizes.size()) - kept;
  for (int64_t dim = 0; dim < last; ++dim) {
    const Size &target = met[met.size() - last + dim];
    if (!target.isKnown() || sizes[dim].is(1) || sizes[dim] == target)
      continue;
    Value places = mapInts(node,
                           {countUp(node, node.sizeList({target})),
                            node.sizeScalar(isNotOne(sizes[dim]))},
                           [](Scalar &s, ArrayRef<Value> args) {
                             return s.mul(args[0], args[1]);
                           });
    x = node.create<GatherOp>(x, places, dim);
  }
  return x;
}

static bool hasOpenDims(Value x) { return !getType(x).hasStaticShape(); }

void repeatOpenDims(Node &node, MutableArrayRef<Value> operands, int64_t kept) {
  if (node.hasFailed() || is_contained(operands, Value()) ||
      none_of(operands, hasOpenDims))
    return;
  SmallVector<Sizes> shapes;
  for (Value operand : operands) {
    Sizes sizes = getSizes(getType(operand));
    if (int64_t(sizes.size()) < kept)
      return;
    shapes.emplace_back(ArrayRef(sizes).drop_back(kept));
  }
  Sizes met = meetAll(node, shapes);
  for (Value &operand : operands)
    if (!node.hasFailed())
      operand = repeatTo(node, operand, met, kept);
}

void repeatOpenDims(Node &node, Value &x, Value &shape) {
  FailureOr<Sizes> targets = getKnownSizes(shape);
  if (node.hasFailed() || !x || failed(targets) || !areKnown(*targets) ||
      (!hasOpenDims(x) && areNumbers(*targets)))
    return;
  Sizes met = meetAll(node, {getSizes(getType(x)), *targets});
  if (node.hasFailed() ||
      none_of(met, [](const Size &size) { return size.isKnown(); }))
    return;
  x = repeatTo(node, x, met, 0);
  for (auto [target, size] : zip(reverse(*targets), reverse(met)))
    if (size.isKnown())
      target = size;
  shape = node.sizeList(*targets);
}

} // namespace lambent::graph
