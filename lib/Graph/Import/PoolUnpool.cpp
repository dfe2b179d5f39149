//===- PoolUnpool.cpp - Maxima put back to where they were ----------------===//
//
// The maxima are updates of zeros, by the indices that MaxPool gives: they count
// through an image of the size that the windows cover. As in ONNX's reference, a
// larger output_shape adds zeros behind it.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"
#include "Window.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Zeros behind the elements of each dim, until it has the size wanted.
Value padBehind(Node &node, Value value, Value wanted) {
  if (!value || !wanted)
    return {};
  int64_t rank = getType(value).getRank();
  Value missing = node.map(
      {wanted, node.create<ShapeOp>(value, int64_t(0), rank)},
      IntegerType::get(node.getContext(), 64),
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  Value pads = node.create<ConcatOp>(
      ValueRange{node.indices(SmallVector<int64_t>(rank, 0)), missing},
      int64_t(0));
  return node.create<PadOp>(value, pads, Value(), StringRef("constant"),
                            listAxes(0, rank));
}

/// The sizes that the windows of the maxima cover; none where they are wrong.
std::optional<Sizes> findCovered(Node &node, Value x, const Window &window,
                                 ArrayRef<int64_t> kernel) {
  Sizes sizes = getSizes(getType(x));
  for (size_t i = 0; i < kernel.size(); ++i) {
    Size &size = sizes[i + 2];
    size = (size - 1) * window.strides[i] +
           (kernel[i] - window.pads[i] - window.pads[i + kernel.size()]);
    if (size.isNumber() && size.getNumber() < 0) {
      (void)node.error("the windows are smaller than their padding");
      return std::nullopt;
    }
  }
  return sizes;
}

/// output_shape, which a run may decide. Fails where it is known to be smaller
/// than what is covered.
Value readWanted(Node &node, ArrayRef<Size> covered) {
  Value wanted = node.indexInput(2, "output_shape");
  if (node.hasFailed())
    return {};
  wanted = fixLength(node, wanted, "sizes", int64_t(covered.size()));
  wanted = node.decideSizes(wanted, "input 'output_shape'");
  if (!wanted)
    return {};
  for (auto [want, have] : zip_equal(*getKnownSizes(wanted), covered)) {
    Size missing = want - have;
    if (missing.isNumber() && missing.getNumber() < 0) {
      (void)node.error("output_shape is smaller than what the windows cover");
      return {};
    }
  }
  return wanted;
}

LogicalResult importMaxUnpool(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        indices = node.input(1, "I", SignedKind);
  Window window;
  int64_t spatial = readWindow(node, x, window);
  SmallVector<int64_t> kernel = node.getInts("kernel_shape");
  if (node.hasFailed())
    return failure();
  if (int64_t(kernel.size()) != spatial)
    return node.error("expected kernel_shape to have " + Twine(spatial) +
                      " entries, but got " + Twine(kernel.size()));
  RankedTensorType type = getType(x), indexType = getType(indices);
  if (indexType.getRank() != type.getRank() ||
      (type.hasStaticShape() && indexType.hasStaticShape() &&
       type.getShape() != indexType.getShape()))
    return node.error("expected I to have the shape of X");
  std::optional<Sizes> covered = findCovered(node, x, window, kernel);
  if (!covered)
    return failure();
  Value wanted = node.hasInput(2) ? readWanted(node, *covered) : Value();
  if (node.hasFailed())
    return failure();
  Size elements = productOf(*covered);
  if (!elements.isKnown())
    return node.undetermined("the shape of X");
  // As many indices as maxima: of open sizes a run checks it.
  Size count = productOf(getSizes(type));
  Value flatIndices = node.reshapeTo(indices, {count});
  if (elements.isNumber() && elements.getNumber() > 0 &&
      failed(node.require({flatIndices, 0, elements.getNumber() - 1,
                           /*isExcluded=*/false,
                           "an index from 0 to " +
                               (elements - 1).toString()})))
    return failure();
  Value zeros = node.create<ExpandOp>(node.scalar(type.getElementType(), 0),
                                      node.sizeList({elements}));
  // The last of several maxima at one place stays.
  Value written =
      node.create<ScatterNDOp>(zeros, node.reshapeTo(indices, {count, 1}),
                               node.reshapeTo(x, {count}), StringRef("none"));
  Value image = node.reshapeTo(written, *covered);
  return node.result(wanted ? padBehind(node, image, wanted) : image);
}

} // namespace

void addPoolUnpoolRows(OpTable &table) {
  table.add("MaxUnpool", 9, importMaxUnpool);
}

} // namespace lambent::graph
