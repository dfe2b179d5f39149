//===- Images.cpp - Crops around the centre, and images from columns ------===//

#include "Images.h"
#include "Lists.h"
#include "OpTable.h"
#include "Pad.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The middle of dims that are larger than wanted, zeros around smaller ones.
LogicalResult importCenterCropPad(Node &node) {
  Value x = node.input(0, "input_data", MovedKind);
  Value sizes = node.indexInput(1, "shape");
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  SmallVector<int64_t> all = listAxes(0, rank);
  SmallVector<int64_t> axes = node.getInts("axes", ArrayRef<int64_t>(all));
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, rank);
  sizes = fixLength(node, sizes, "sizes", int64_t(axes.size()));
  if (node.hasFailed())
    return failure();
  if (FailureOr<SmallVector<int64_t>> known = getConstantInts(sizes);
      succeeded(known))
    for (int64_t size : *known)
      if (size < 0 || size > maxElements)
        return node.error("shape holds " + Twine(size) +
                          ", which is out of range");
  if (node.hasFailed())
    return failure();
  Value missing = mapInts(
      node,
      {sizes,
       node.create<GatherOp>(getDims(node, x), node.indices(axes), int64_t(0))},
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  // Both halves round towards the front.
  auto half = [&](bool isFront) {
    return mapInts(node, missing, [&](Scalar &s, ArrayRef<Value> args) {
      Value front = s.div(args[0], s.integer(args[0].getType(), 2));
      return isFront ? front : s.sub(args[0], front);
    });
  };
  Value value = node.scalar(getType(x).getElementType(), 0);
  return node.result(pad(node, x, joinLists(node, {half(true), half(false)}),
                         value, "constant", axes));
}

Value multiply(Node &node, Value a, Value b) {
  return mapInts(node, {a, b}, [](Scalar &s, ArrayRef<Value> args) {
    return s.mul(args[0], args[1]);
  });
}

/// The product of a list's entries: i64[1].
Value productOf(Node &node, Value list) {
  Value product = node.indices(1);
  for (int64_t i = 0, e = getType(list).getDimSize(0); i < e; ++i)
    product = multiply(node, product, takeEntries(node, list, i, 1));
  return product;
}

LogicalResult requireExactly0(Node &node, Value value, const Twine &expected) {
  ValueRule rule{value, 0, 0, /*isExcluded=*/false, expected.str()};
  return demand(node, rule);
}

/// How often the block fits along each dim: i64[dims].
Value countPlaces(Node &node, Value image, Value block,
                  const Columns &columns) {
  int64_t dims = columns.strides.size();
  Value room =
      mapInts(node,
              {image, block, node.indices(columns.dilations),
               node.indices(ArrayRef(columns.pads).take_front(dims)),
               node.indices(ArrayRef(columns.pads).drop_front(dims))},
              [](Scalar &s, ArrayRef<Value> args) {
                Value one = s.integer(args[0].getType(), 1);
                Value length = s.add(s.mul(args[2], s.sub(args[1], one)), one);
                return s.sub(s.add(s.add(args[0], args[3]), args[4]), length);
              });
  ValueRule rule{room, 0, maxElements, /*isExcluded=*/false,
                 "room for the block in the image"};
  if (failed(demand(node, rule)))
    return {};
  return mapInts(node, {room, node.indices(columns.strides)},
                 [](Scalar &s, ArrayRef<Value> args) {
                   return s.add(s.div(args[0], args[1]),
                                s.integer(args[0].getType(), 1));
                 });
}

/// Where each element of a row of columns is added: its place in the image, or
/// one behind the last where it lies in the padding.
Value placeColumns(Node &node, Value count, Value columnsEach, Value image,
                   Value block, Value places, const Columns &columns) {
  int64_t dims = columns.strides.size();
  SmallVector<Value> operands{countUp(node, count),
                              pickEntry(node, columnsEach, 0)};
  for (Value list : {image, block, places})
    for (int64_t dim = 0; dim < dims; ++dim)
      operands.push_back(pickEntry(node, list, dim));
  return mapInts(node, operands, [&](Scalar &s, ArrayRef<Value> args) {
    auto number = [&](int64_t value) {
      return s.integer(args[0].getType(), value);
    };
    Value tap = s.div(args[0], args[1]), column = s.rem(args[0], args[1]);
    Value at = number(0), stride = number(1);
    Value isInside = s.equal(at, at);
    for (int64_t dim = dims - 1; dim >= 0; --dim) {
      Value size = args[2 + dim], taps = args[2 + dims + dim],
            steps = args[2 + 2 * dims + dim];
      Value begin = s.mul(s.rem(column, steps), number(columns.strides[dim])),
            offset = s.mul(s.rem(tap, taps), number(columns.dilations[dim]));
      Value place = s.sub(s.add(begin, offset), number(columns.pads[dim]));
      isInside = s.select(s.less(place, number(0)), s.less(at, at), isInside);
      isInside = s.select(s.less(place, size), isInside, s.less(at, at));
      at = s.add(at, s.mul(place, stride));
      stride = s.mul(stride, size);
      tap = s.div(tap, taps);
      column = s.div(column, steps);
    }
    return s.select(isInside, at, stride);
  });
}

} // namespace

/// Every element of each row of columns is added at its place.
Value sumOpenColumns(Node &node, Value x, Value image, Value block,
                     const Columns &columns) {
  int64_t dims = columns.strides.size();
  Value batch = node.create<ShapeOp>(x, int64_t(0), int64_t(1)),
        rows = node.create<ShapeOp>(x, int64_t(1), int64_t(2)),
        columnsEach = node.create<ShapeOp>(x, int64_t(2), int64_t(3));
  Value taps = node.reduce(block, "prod", {0});
  Value channels =
      mapInts(node, {rows, taps}, [](Scalar &s, ArrayRef<Value> args) {
        return s.div(args[0], args[1]);
      });
  Value sizes = node.decideSizes(joinLists(node, {channels, taps, image}),
                                 "the shapes of the image and its blocks");
  channels = takeEntries(node, sizes, 0, 1);
  taps = takeEntries(node, sizes, 1, 1);
  image = takeEntries(node, sizes, 2, dims);
  Value places = countPlaces(node, image, block, columns);
  if (!places)
    return {};
  Value extra = mapInts(
      node, {columnsEach, node.reduce(places, "prod", {0})},
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  if (failed(
          requireExactly0(node, extra, "a column for each place of the block")))
    return {};
  Value lines = multiply(node, batch, channels),
        length = multiply(node, taps, columnsEach),
        pixels = productOf(node, image);
  auto shaped = [&](Value value, ArrayRef<Value> shape) {
    return node.create<ReshapeOp>(value, joinLists(node, shape),
                                  /*allow_zero=*/true);
  };
  Value updates = node.transpose(shaped(x, {lines, length}), {1, 0});
  Value targets = node.create<UnsqueezeOp>(
      placeColumns(node, length, columnsEach, image, block, places, columns),
      ArrayRef<int64_t>(1));
  // One more for what lies in the padding.
  Value more = mapInts(node, pixels, [](Scalar &s, ArrayRef<Value> args) {
    return s.add(args[0], s.integer(args[0].getType(), 1));
  });
  Value zeros =
      node.create<ExpandOp>(node.scalar(getType(x).getElementType(), 0),
                            joinLists(node, {more, lines}));
  Value summed =
      node.create<ScatterNDOp>(zeros, targets, updates, StringRef("sum"));
  summed = node.create<SliceOp>(summed, node.indices(0), pixels,
                                node.indices(1), ArrayRef<int64_t>(0));
  return shaped(node.transpose(summed, {1, 0}), {batch, channels, image});
}

namespace {

/// Sums blocks into an image: a transposed convolution whose filter puts each
/// column at its place in the block.
LogicalResult sumColumns(Node &node, Value x, ArrayRef<int64_t> image,
                         ArrayRef<int64_t> block, const Columns &columns) {
  const auto &[strides, dilations, pads] = columns;
  RankedTensorType type = getType(x);
  Sizes sizes = getSizes(type);
  size_t dims = image.size();
  int64_t taps = 1, blocks = 1;
  SmallVector<int64_t> places, padding;
  for (size_t dim = 0; dim < dims; ++dim) {
    if (block[dim] < 1 || block[dim] > 4096 || image[dim] < 1 ||
        image[dim] > maxElements)
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
  // Of open sizes, the reshapes ask it when the model runs.
  if ((sizes[1].isNumber() && sizes[1].getNumber() % taps != 0) ||
      (sizes[2].isNumber() && !sizes[2].is(blocks)))
    return node.error("expected an input [N, C * " + Twine(taps) + ", " +
                      Twine(blocks) + "], but got [N, " +
                      sizes[1].toString() + ", " + sizes[2].toString() + "]");
  Size batch = sizes[0], channels = sizes[1].floorDiv(taps);
  Sizes shape{batch * channels, taps};
  append_range(shape, toSizes(places));
  SmallVector<int64_t> filterShape{taps, 1};
  append_range(filterShape, block);
  SmallVector<double> identity(taps * taps, 0);
  for (int64_t i = 0; i < taps; ++i)
    identity[i * taps + i] = 1;
  Value summed = node.create<ConvTransposeOp>(
      node.reshapeTo(x, shape),
      node.numbers(type.getElementType(), identity, filterShape), Value(),
      strides, dilations, pads, padding, DenseI64ArrayAttr(), int64_t(1),
      StringRef("NOTSET"), /*channels_last=*/false);
  Sizes result{batch, channels};
  append_range(result, toSizes(image));
  return node.result(node.reshapeTo(summed, result));
}

LogicalResult importCol2Im(Node &node) {
  Value x = node.input(0, "input", FloatKind | LaterStringKind),
        image = node.indexInput(1, "image_shape"),
        block = node.indexInput(2, "block_shape");
  if (node.hasFailed() || failed(requireVector(node, image, "image_shape")) ||
      failed(requireVector(node, block, "block_shape")))
    return failure();
  // The rank of the image is what one of the two lists says.
  int64_t dims = getLength(
      node, hasOpenLength(image) && !hasOpenLength(block) ? block : image,
      "image_shape");
  image = fixLength(node, image, "sizes of the image", dims);
  block = fixLength(node, block, "sizes of the block", dims);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> ones(dims, 1), zeros(2 * dims, 0);
  Columns columns{node.getInts("strides", ArrayRef<int64_t>(ones)),
                  node.getInts("dilations", ArrayRef<int64_t>(ones)),
                  node.getInts("pads", ArrayRef<int64_t>(zeros))};
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != 3)
    return node.error("expected an input [N, C * block, L], but got rank " +
                      Twine(type.getRank()));
  if (dims < 1 || dims > 3)
    return node.unsupported("images of " + Twine(dims) +
                            " dims are not supported");
  if (int64_t(columns.strides.size()) != dims ||
      int64_t(columns.dilations.size()) != dims ||
      int64_t(columns.pads.size()) != 2 * dims)
    return node.error("expected lists for " + Twine(dims) +
                      " dims, as image_shape has");
  for (ArrayRef<int64_t> list :
       {ArrayRef(columns.strides), ArrayRef(columns.dilations)})
    for (int64_t entry : list)
      if (entry < 1 || entry > maxElements)
        return node.error("its lists hold sizes that are out of range");
  for (int64_t entry : columns.pads)
    if (entry < 0 || entry > maxElements)
      return node.error("its lists hold sizes that are out of range");
  FailureOr<SmallVector<int64_t>> knownImage = getConstantInts(image),
                                  knownBlock = getConstantInts(block);
  if (failed(knownImage) || failed(knownBlock) || !type.hasStaticShape())
    return node.result(sumOpenColumns(node, x, image, block, columns));
  return sumColumns(node, x, *knownImage, *knownBlock, columns);
}

} // namespace

void addImageRows(OpTable &table) {
  table.add("CenterCropPad", 18, importCenterCropPad);
  table.add("Col2Im", 18, importCol2Im);
}

} // namespace lambent::graph
