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
LogicalResult buildEmptyParts(Node &node, Value x, int64_t axis,
                              ArrayRef<Size> sizes) {
  ValueRule rule{node.sizeList(sizes), 0, 0, /*isExcluded=*/false,
                 "parts that make up dim " + std::to_string(axis)};
  (void)demand(node, rule);
  for (unsigned index = 0; index < node.getNumOutputs(); ++index)
    (void)node.result(index, x);
  return success(!node.hasFailed());
}

/// Where parts begin and how many elements each has; all are known.
struct Parts {
  Sizes starts, sizes;
};

/// One slice for each part. Together they are the whole dim, in every run.
LogicalResult buildParts(Node &node, Value x, int64_t axis,
                         const Parts &parts) {
  if (node.hasFailed())
    return failure();
  if (getType(x).getDimSize(axis) == 0)
    return buildEmptyParts(node, x, axis, parts.sizes);
  Value step = node.indices(1);
  for (auto [index, start, size] : enumerate(parts.starts, parts.sizes))
    (void)node.result(index,
                      node.create<SliceOp>(x, node.sizeList({start}),
                                           node.sizeList({start + size}), step,
                                           ArrayRef<int64_t>(axis)));
  Size rest =
      getSizes(getType(x))[axis] - (parts.starts.back() + parts.sizes.back());
  ValueRule rule{node.sizeList({rest}), 0, 0, /*isExcluded=*/false,
                 "parts that make up dim " + std::to_string(axis)};
  return demand(node, rule);
}

/// Parts of these sizes, one behind the other.
Parts placeParts(ArrayRef<Size> sizes) {
  Parts parts{{}, Sizes(sizes)};
  Size start = 0;
  for (const Size &size : sizes) {
    parts.starts.push_back(start);
    start += size;
  }
  return parts;
}

/// Parts of the sizes in a list that a run decides.
Parts placeOpenParts(Node &node, Value list) {
  FailureOr<Sizes> known = getKnownSizes(list);
  if (succeeded(known) && areKnown(*known))
    return placeParts(*known);
  FailureOr<Sizes> sizes = node.listSizes(list, "the parts");
  if (failed(sizes))
    return {};
  // Decided, too: as sums of all before they would be long.
  FailureOr<Sizes> starts =
      node.listSizes(node.create<CumSumOp>(list, int64_t(0), /*exclusive=*/true,
                                           /*reverse=*/false),
                     "the parts");
  return failed(starts) ? Parts() : Parts{*starts, *sizes};
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
Parts placeEqualParts(Node &node, const Size &size, int64_t count) {
  Size part = node.getOpset() < 18 ? size.floorDiv(count) : size.ceilDiv(count);
  Parts parts;
  Size start = 0;
  for (int64_t i = 1; i <= count; ++i) {
    Size end = node.getOpset() < 18 ? part * i : min(part * i, size);
    parts.starts.push_back(start);
    parts.sizes.push_back(end - start);
    start = end;
  }
  if (!areKnown(parts.sizes))
    (void)node.undetermined("the size of the dim");
  return parts;
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
    return buildParts(node, x, axis,
                      placeEqualParts(node, getSizes(getType(x))[axis], count));
  if (sizes.empty())
    sizes = getEqualParts(node, axis, dim, count);
  if (node.hasFailed() || failed(checkParts(node, sizes, axis, dim)))
    return failure();
  return buildParts(node, x, axis, placeParts(toSizes(sizes)));
}

} // namespace

void addSplitRows(OpTable &table) { table.add("Split", 1, importSplit); }

} // namespace lambent::graph
