//===- SliceSplit.cpp - A tensor's parts ----------------------------------===//
//
// Split is one slice for each part.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"
#include "Tensor.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Parts of a dim without elements: they have none.
LogicalResult buildEmptyParts(Node &node, Value x, int64_t axis, Value sizes) {
  ValueRule rule{sizes, 0, 0, /*isExcluded=*/false,
                 "parts that make up dim " + std::to_string(axis)};
  (void)demand(node, rule);
  for (unsigned index = 0; index < node.getNumOutputs(); ++index)
    (void)node.result(index, x);
  return success(!node.hasFailed());
}

/// Where parts begin and how many elements each has: i64[n], known as numbers
/// or expressions.
struct Parts {
  Value starts, sizes;
};

/// One slice for each part. Together they are the whole dim, in every run.
LogicalResult buildParts(Node &node, Value x, int64_t axis,
                         const Parts &parts) {
  if (node.hasFailed())
    return failure();
  if (getType(x).getDimSize(axis) == 0)
    return buildEmptyParts(node, x, axis, parts.sizes);
  Sizes starts = *getKnownSizes(parts.starts),
        sizes = *getKnownSizes(parts.sizes);
  for (auto [index, start, size] : enumerate(starts, sizes))
    (void)node.result(index, node.create<SliceOp>(x, node.sizeList({start}),
                                                  node.sizeList({start + size}),
                                                  node.indices(1),
                                                  ArrayRef<int64_t>(axis)));
  Size rest = getSizes(getType(x))[axis] - (starts.back() + sizes.back());
  ValueRule rule{node.sizeList({rest}), 0, 0, /*isExcluded=*/false,
                 "parts that make up dim " + std::to_string(axis)};
  return demand(node, rule);
}

/// Parts of sizes that are numbers.
Parts placeParts(Node &node, ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> starts;
  int64_t start = 0;
  for (int64_t size : sizes) {
    starts.push_back(start);
    start += size;
  }
  return {node.indices(starts), node.indices(sizes)};
}

/// Parts of the sizes in a list.
Parts placeOpenParts(Node &node, Value list) {
  auto known = getKnownSizes(list);
  Value sizes = node.decideSizes(list, "the parts");
  if (node.hasFailed())
    return {};
  if (failed(known) || !areKnown(*known))
    // Decided, too: as sums of all before they would be long.
    return {node.decideSizes(node.create<CumSumOp>(sizes, int64_t(0),
                                                   /*exclusive=*/true,
                                                   /*reverse=*/false),
                             "the parts"),
            sizes};
  Sizes starts;
  Size start = 0;
  for (const Size &size : *known) {
    starts.push_back(start);
    start += size;
  }
  return {node.sizeList(starts), sizes};
}

/// Equal parts of a dim, the last of them smaller; before opset 18 they must be
/// equal.
SmallVector<int64_t> getEqualParts(Node &node, int64_t axis, int64_t size,
                                   int64_t count) {
  if (node.getOpset() < 18 && size % count != 0)
    (void)node.error("dim " + Twine(axis) + " of size " + Twine(size) +
                     " does not split into " + Twine(count) + " equal parts");
  SmallVector<int64_t> sizes;
  int64_t part = llvm::divideCeil(size, count);
  for (int64_t i = 0; i < count; ++i)
    sizes.push_back(std::clamp(size - i * part, int64_t(0), part));
  return sizes;
}

/// The same of an open dim.
Parts placeEqualParts(Node &node, Value x, int64_t axis, int64_t count) {
  Value size = node.create<ShapeOp>(x, axis, axis + 1);
  bool areEqual = node.getOpset() < 18;
  // From the place of each part, or of the one behind it.
  auto place = [&](Scalar &s, ArrayRef<Value> args, int64_t behind) {
    auto number = [&](int64_t value) {
      return s.integer(args[0].getType(), value);
    };
    Value part =
        s.div(s.add(args[0], number(areEqual ? 0 : count - 1)), number(count));
    Value start = s.mul(s.add(args[1], number(behind)), part);
    return areEqual ? start : s.min(start, args[0]);
  };
  auto list = [&](function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
    Value entries =
        mapInts(node, {size, node.indices(listAxes(0, count))}, body);
    return node.decideSizes(entries, "the parts");
  };
  return {
      list([&](Scalar &s, ArrayRef<Value> args) { return place(s, args, 0); }),
      list([&](Scalar &s, ArrayRef<Value> args) {
        return s.sub(place(s, args, 1), place(s, args, 0));
      })};
}

/// Refuses sizes that cannot be a dim's parts, whatever runs.
LogicalResult checkParts(Node &node, ArrayRef<int64_t> sizes, int64_t axis,
                         int64_t dim) {
  int64_t total = 0, count = node.getNumOutputs();
  for (int64_t size : sizes)
    if (size < 0 || size > mostElements || (total += size) > mostElements)
      return node.error("part sizes are out of range");
  if (int64_t(sizes.size()) == count &&
      (ShapedType::isDynamic(dim) || total == dim))
    return success();
  return node.error("expected " + Twine(count) + " parts that make up dim " +
                    Twine(axis) + " of size " + Twine(dim) + ", but got " +
                    Twine(sizes.size()) + " that make up " + Twine(total));
}

/// The sizes of the parts, where they are given: an attribute or, since opset
/// 13, an input. `open` is that where a run decides them.
SmallVector<int64_t> readParts(Node &node, Value &open) {
  if (node.getOpset() >= 2 && node.getOpset() < 13)
    return node.getInts("split", ArrayRef<int64_t>());
  if (!node.hasInput(1))
    return {};
  Value sizes = node.input(1, "split", IntegerKind);
  if (!sizes || getConstantValue(sizes) || succeeded(getConstantInts(sizes)))
    return node.constantInts(1, "split");
  open = node.indexInput(1, "split");
  open = fixLength(node, open, "parts", int64_t(node.getNumOutputs()));
  return {};
}

/// Split becomes one slice per output.
LogicalResult importSplit(Node &node) {
  Value x = node.input(0, "input", MovedKind), open;
  int64_t axis = node.getInt("axis", 0), count = node.getNumOutputs();
  if (node.getOpset() >= 18 && node.getInt("num_outputs", count) != count)
    return node.error("expected num_outputs to be the number of outputs, " +
                      Twine(count));
  SmallVector<int64_t> sizes = readParts(node, open);
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if (node.hasFailed())
    return failure();
  int64_t dim = getType(x).getDimSize(axis);
  if (open)
    return buildParts(node, x, axis, placeOpenParts(node, open));
  if (sizes.empty() && ShapedType::isDynamic(dim))
    return buildParts(node, x, axis, placeEqualParts(node, x, axis, count));
  if (sizes.empty())
    sizes = getEqualParts(node, axis, dim, count);
  if (node.hasFailed() || failed(checkParts(node, sizes, axis, dim)))
    return failure();
  return buildParts(node, x, axis, placeParts(node, sizes));
}

} // namespace

void addSplitRows(OpTable &table) { table.add("Split", 1, importSplit); }

} // namespace lambent::graph
