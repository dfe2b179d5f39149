//===- Images.cpp - Crops around the centre, and images from columns ------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// A pad around the centre, of a negative width where the dim is cropped.
LogicalResult importCenterCropPad(Node &node) {
  Value x = node.input(0, "input_data");
  SmallVector<int64_t> sizes = node.constantInts(1, "shape");
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  SmallVector<int64_t> all = listAxes(0, rank);
  SmallVector<int64_t> axes = node.getInts("axes", ArrayRef<int64_t>(all));
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, rank);
  if (axes.size() != sizes.size())
    return node.error("expected a size for each of " + Twine(axes.size()) +
                      " axes, but got " + Twine(sizes.size()));
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> begins, ends;
  for (auto [axis, size] : zip(axes, sizes)) {
    int64_t dim = getType(x).getDimSize(axis);
    if (ShapedType::isDynamic(dim))
      return node.undetermined("the size of dim " + Twine(axis));
    if (size < 0 || size > maxElements)
      return node.error("shape holds " + Twine(size) +
                        ", which is out of range");
    // Both halves round towards the front.
    begins.push_back((size - dim) / 2);
    ends.push_back(size - dim - begins.back());
  }
  append_range(begins, ends);
  Type type = getType(x).getElementType();
  return node.result(node.create<PadOp>(x, node.indices(begins),
                                        node.scalar(type, 0),
                                        StringRef("constant"), axes));
}

/// Sums blocks into an image: a transposed convolution whose filter puts each
/// column at its place in the block.
LogicalResult importCol2Im(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  SmallVector<int64_t> image = node.constantInts(1, "image_shape"),
                       block = node.constantInts(2, "block_shape");
  size_t dims = image.size();
  SmallVector<int64_t> ones(dims, 1), zeros(2 * dims, 0);
  SmallVector<int64_t> strides =
                           node.getInts("strides", ArrayRef<int64_t>(ones)),
                       dilations =
                           node.getInts("dilations", ArrayRef<int64_t>(ones)),
                       pads = node.getInts("pads", ArrayRef<int64_t>(zeros));
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != 3)
    return node.error("expected an input [N, C * block, L], but got rank " +
                      Twine(type.getRank()));
  if (!type.hasStaticShape())
    return node.undetermined("the shape of the input");
  if (dims < 1 || dims > 3)
    return node.unsupported("images of " + Twine(dims) +
                            " dims are not supported");
  if (block.size() != dims || strides.size() != dims ||
      dilations.size() != dims || pads.size() != 2 * dims)
    return node.error("expected lists for " + Twine(dims) +
                      " dims, as image_shape has");
  int64_t taps = 1, blocks = 1;
  SmallVector<int64_t> places, padding;
  for (size_t dim = 0; dim < dims; ++dim) {
    if (block[dim] < 1 || block[dim] > 4096 || strides[dim] < 1 ||
        dilations[dim] < 1 || dilations[dim] > maxElements || image[dim] < 1 ||
        image[dim] > maxElements || pads[dim] < 0 || pads[dim + dims] < 0 ||
        pads[dim] > maxElements || pads[dim + dims] > maxElements ||
        strides[dim] > maxElements)
      return node.error("its lists hold sizes that are out of range");
    int64_t room = image[dim] + pads[dim] + pads[dim + dims] -
                   dilations[dim] * (block[dim] - 1) - 1;
    if (room < 0)
      return node.error("the block is larger than the image");
    places.push_back(room / strides[dim] + 1);
    padding.push_back(room % strides[dim]);
    taps *= block[dim];
    blocks *= places.back();
  }
  if (taps > 4096)
    return node.unsupported("a block of " + Twine(taps) +
                            " elements is not supported");
  if (type.getDimSize(1) % taps != 0 || type.getDimSize(2) != blocks)
    return node.error("expected an input [N, C * " + Twine(taps) + ", " +
                      Twine(blocks) + "], but got [N, " +
                      Twine(type.getDimSize(1)) + ", " +
                      Twine(type.getDimSize(2)) + "]");
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1) / taps;
  SmallVector<int64_t> shape{batch * channels, taps};
  append_range(shape, places);
  SmallVector<int64_t> filterShape{taps, 1};
  append_range(filterShape, block);
  SmallVector<double> identity(taps * taps, 0);
  for (int64_t i = 0; i < taps; ++i)
    identity[i * taps + i] = 1;
  Value summed = node.create<ConvTransposeOp>(
      node.reshape(x, shape),
      node.numbers(type.getElementType(), identity, filterShape), Value(),
      strides, dilations, pads, padding, DenseI64ArrayAttr(), int64_t(1),
      StringRef("NOTSET"), /*channels_last=*/false);
  SmallVector<int64_t> result{batch, channels};
  append_range(result, image);
  return node.result(node.reshape(summed, result));
}

} // namespace

void addImageRows(OpTable &table) {
  table.add("CenterCropPad", 18, importCenterCropPad);
  table.add("Col2Im", 18, importCol2Im);
}

} // namespace lambent::graph
