//===- ConvOpen.cpp - Convolutions by filters of any size -----------------===//
//
// Where a run decides how large a filter is, what its taps read is gathered as
// columns, and a matrix product combines them:
//
//   columns[n, g, (c, k), o] = image[n, g, c, o * stride + k * dilation]
//   result[n, g, m, o] = sum of filter[g, m, (c, k)] * columns[n, g, (c, k), o]
//
// A transposed convolution goes the other way: a product makes columns, which
// are added up as an image.
//
//===----------------------------------------------------------------------===//

#include "ConvOpen.h"
#include "Images.h"
#include "Importer.h"
#include "Lists.h"
#include "Matmul.h"
#include "Pad.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value settleFilter(Node &node, Value filter, ArrayRef<Size> said) {
  Sizes sizes = getSizes(getType(filter)), settled = sizes;
  for (auto [size, other] : zip_equal(settled, said))
    if (!size.isNumber() && other.isNumber())
      size = other;
  for (auto [dim, size, own] : enumerate(settled, sizes)) {
    if (size == own)
      continue;
    ValueRule rule{node.sizeList({own}), size.getNumber(), size.getNumber(),
                   /*isExcluded=*/false,
                   "a filter whose dim " + std::to_string(dim) + " is " +
                       std::to_string(size.getNumber())};
    if (failed(demand(node, rule)))
      return {};
  }
  return settled == sizes ? filter : node.reshapeTo(filter, settled);
}

Value settleChannels(Node &node, Value x, const Size &channels) {
  if (!x)
    return x;
  Sizes sizes = getSizes(getType(x));
  if (!channels.is(0) || sizes[1].isNumber() || !sizes[1].isKnown())
    return x;
  if (failed(demand(node, {node.sizeList({sizes[1]}), 0, 0,
                           /*isExcluded=*/false,
                           "as many channels as the filter has"})))
    return {};
  sizes[1] = 0;
  return node.reshapeTo(x, sizes);
}

namespace {

/// Arithmetic on lists of an entry for each spatial dim.
class SpatialLists {
public:
  explicit SpatialLists(Node &node) : node(node) {}

  Value add(Value a, Value b) const {
    return mapInts(node, {a, b}, [](Scalar &s, ArrayRef<Value> args) {
      return s.add(args[0], args[1]);
    });
  }
  Value sub(Value a, Value b) const {
    return mapInts(node, {a, b}, [](Scalar &s, ArrayRef<Value> args) {
      return s.sub(args[0], args[1]);
    });
  }
  Value mul(Value a, Value b) const {
    return mapInts(node, {a, b}, [](Scalar &s, ArrayRef<Value> args) {
      return s.mul(args[0], args[1]);
    });
  }
  /// Rounded down; `a` is at least 0.
  Value div(Value a, Value b) const {
    return mapInts(node, {a, b}, [](Scalar &s, ArrayRef<Value> args) {
      return s.div(args[0], args[1]);
    });
  }
  Value max0(Value a) const {
    return mapInts(node, a, [](Scalar &s, ArrayRef<Value> args) {
      return s.max(args[0], s.integer(args[0].getType(), 0));
    });
  }
  Value negate(Value a) const { return sub(node.indices(0), a); }
  Value list(ArrayRef<int64_t> numbers) const { return node.indices(numbers); }
  Value one() const { return node.indices(1); }
  /// What of `cut` falls to the beginning.
  Value takeBegin(Value cut, bool isLarger) const {
    Value less = div(cut, node.indices(2));
    return isLarger ? sub(cut, less) : less;
  }

private:
  Node &node;
};

/// An image and a filter, whose dims are known as numbers or expressions.
struct Operands {
  Value image, filter;
  const Window &window;
  int64_t group;

  Sizes getImage() const { return getSizes(getType(image)); }
  Sizes getFilter() const { return getSizes(getType(filter)); }
  ArrayRef<int64_t> getBegins() const {
    return ArrayRef(window.pads).take_front(window.strides.size());
  }
  ArrayRef<int64_t> getEnds() const {
    return ArrayRef(window.pads).drop_front(window.strides.size());
  }
  int64_t getRank() const { return window.strides.size(); }
};

Value getSpatial(Node &node, Value x) {
  return node.create<ShapeOp>(x, int64_t(2), getType(x).getRank());
}

/// How far a window reaches along each dim.
Value getExtents(Node &node, const Operands &conv) {
  SpatialLists lists(node);
  Value taps = getSpatial(node, conv.filter);
  if (failed(demand(node, {taps, 1, maxElements, /*isExcluded=*/false,
                           "a filter of at least one tap"})))
    return {};
  return lists.add(lists.mul(lists.sub(taps, lists.one()),
                             lists.list(conv.window.dilations)),
                   lists.one());
}

Value padImage(Node &node, const Operands &conv, Value extents) {
  SpatialLists lists(node);
  const Window &window = conv.window;
  Value pads = lists.list(window.pads);
  if (window.autoPad != "NOTSET") {
    Value size = getSpatial(node, conv.image),
          strides = lists.list(window.strides);
    Value reach =
        lists.mul(lists.div(lists.sub(size, lists.one()), strides), strides);
    Value total = lists.max0(lists.sub(lists.add(reach, extents), size));
    Value begin = lists.takeBegin(total, window.autoPad == "SAME_LOWER");
    pads = joinLists(node, {begin, lists.sub(total, begin)});
  }
  if (node.hasFailed())
    return {};
  Value zero = node.scalar(getType(conv.image).getElementType(), 0);
  return pad(node, conv.image, pads, zero, "constant",
             listAxes(2, conv.getRank() + 2));
}

/// How many windows an image holds along each dim.
Value countWindows(Node &node, Value padded, const Operands &conv,
                   Value extents) {
  SpatialLists lists(node);
  Value room = lists.sub(getSpatial(node, padded), extents);
  if (failed(demand(node, {room, 0, maxElements, /*isExcluded=*/false,
                           "a window that fits in the image"})))
    return {};
  return node.decideSizes(
      lists.add(lists.div(room, lists.list(conv.window.strides)), lists.one()),
      "the number of windows");
}

/// [N, group, C / group * taps, windows] of [N, C, spatial...].
Value gatherColumns(Node &node, Value padded, const Operands &conv,
                    Value windows) {
  int64_t rank = conv.getRank();
  Sizes filter = conv.getFilter(), counts = *getKnownSizes(windows);
  for (int64_t dim = rank - 1; dim >= 0; --dim) {
    auto count = [&](const Size &size) {
      return countUp(node, node.sizeList({size}));
    };
    Value factors[] = {node.indices(conv.window.dilations[dim]),
                       node.indices(conv.window.strides[dim])};
    Value places = mapInts(
        node,
        {node.create<UnsqueezeOp>(count(filter[dim + 2]), ArrayRef<int64_t>(1)),
         factors[0], count(counts[dim]), factors[1]},
        [](Scalar &s, ArrayRef<Value> args) {
          return s.add(s.mul(args[0], args[1]), s.mul(args[2], args[3]));
        });
    padded = node.create<GatherOp>(padded, places, dim + 2);
  }
  // [N, group, C / group, taps and windows of each dim]
  Sizes apart{conv.getImage()[0], conv.group, filter[1]};
  SmallVector<int64_t> order{0, 1, 2};
  for (int64_t dim = 0; dim < rank; ++dim) {
    append_range(apart, Sizes{filter[dim + 2], counts[dim]});
    order.push_back(2 * dim + 3);
  }
  for (int64_t dim = 0; dim < rank; ++dim)
    order.push_back(2 * dim + 4);
  Value moved = node.transpose(node.reshapeTo(padded, apart), order);
  return node.reshapeTo(moved, {conv.getImage()[0], conv.group,
                                productOf(ArrayRef(filter).drop_front(1)),
                                productOf(counts)});
}

Value addBias(Node &node, Value result, Value bias, const Size &channels) {
  if (!bias)
    return result;
  bias = fixLength(node, bias, "entries of the bias", channels);
  if (node.hasFailed())
    return {};
  Value laid = layAlong(node, bias, 1, getType(result).getRank());
  return node.map(
      {result, laid}, getType(result).getElementType(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// Demands that two sizes are equal.
LogicalResult demandEqual(Node &node, const Size &a, const Size &b,
                          const Twine &expected) {
  return a == b ? success()
                : demand(node, {node.sizeList({a - b}), 0, 0,
                                /*isExcluded=*/false, expected.str()});
}

/// The part of an image from `begin` on that has these sizes along the spatial
/// dims, with zeros behind it where the image ends before. What is kept and
/// added are clamps of clamps: a run decides them, and expressions stay short.
Value cutOut(Node &node, Value image, Value full, Value begin,
             ArrayRef<Size> wanted) {
  SpatialLists lists(node);
  Value rest = lists.sub(full, begin),
        beyond = lists.sub(rest, node.sizeList(wanted));
  Value list = joinLists(node, {begin, lists.sub(rest, lists.max0(beyond)),
                                lists.max0(lists.negate(beyond))});
  if (node.hasFailed())
    return {};
  FailureOr<Sizes> known = getKnownSizes(list);
  Sizes decided = succeeded(known) && areNumbers(*known)
                      ? *known
                      : node.getImporter().decide(node.getLoc(), list);
  size_t rank = wanted.size();
  auto begins = ArrayRef(decided).take_front(rank),
       kept = ArrayRef(decided).slice(rank, rank),
       added = ArrayRef(decided).take_back(rank);
  Sizes ends;
  for (auto [first, count] : zip_equal(begins, kept))
    ends.push_back(first + count);
  SmallVector<int64_t> axes = listAxes(2, rank + 2);
  Value part =
      node.create<SliceOp>(image, node.sizeList(begins), node.sizeList(ends),
                           node.indices(SmallVector<int64_t>(rank, 1)), axes);
  Value zero = node.scalar(getType(image).getElementType(), 0);
  for (size_t dim = 0; dim < rank && !node.hasFailed(); ++dim) {
    Sizes behind = getSizes(getType(part));
    behind[dim + 2] = added[dim];
    part = node.create<ConcatOp>(
        ValueRange{part, node.create<ExpandOp>(zero, node.sizeList(behind))},
        int64_t(dim) + 2);
  }
  if (node.hasFailed())
    return {};
  Sizes sizes = getSizes(getType(image));
  llvm::copy(wanted, sizes.begin() + 2);
  return node.reshapeTo(part, sizes);
}

} // namespace

Value convolveByColumns(Node &node, Value x, Value filter, Value bias,
                        const Window &window, int64_t group) {
  Operands conv{x, filter, window, group};
  Sizes image = conv.getImage(), sizes = conv.getFilter();
  Size channels = sizes[0], each = channels.floorDiv(group);
  if (failed(demandEqual(node, image[1], sizes[1] * group,
                         "as many channels as the filter has")) ||
      failed(demandEqual(node, channels, each * group,
                         "output channels that are a multiple of group " +
                             Twine(group))))
    return {};
  Value extents = getExtents(node, conv),
        padded = padImage(node, conv, extents),
        windows = countWindows(node, padded, conv, extents);
  if (node.hasFailed())
    return {};
  Value rows = node.reshapeTo(
      filter, {group, each, productOf(ArrayRef(sizes).drop_front(1))});
  Value product =
      createMatmul(node, rows, gatherColumns(node, padded, conv, windows));
  Sizes shape{image[0], channels};
  append_range(shape, *getKnownSizes(windows));
  return addBias(node, node.reshapeTo(product, shape), bias, channels);
}

Value convolveTransposedByColumns(Node &node, Value x, Value filter, Value bias,
                                  const Window &window, int64_t group,
                                  const TransposedShape &wanted) {
  Operands conv{x, filter, window, group};
  size_t rank = conv.getRank();
  auto isWrong = [&](ArrayRef<int64_t> list) {
    return list.size() != rank ||
           any_of(list, [](int64_t entry) { return entry < 0; });
  };
  if (isWrong(wanted.padding) ||
      (!wanted.sizes.empty() && isWrong(wanted.sizes))) {
    (void)node.error("expected output_padding and output_shape to have " +
                     Twine(rank) + " entries of at least 0");
    return {};
  }
  SpatialLists lists(node);
  Sizes image = conv.getImage(), sizes = conv.getFilter();
  Size inputs = sizes[0].floorDiv(group), channels = sizes[1] * group;
  if (failed(demandEqual(node, image[1], sizes[0],
                         "as many channels as the filter has")) ||
      failed(demandEqual(node, sizes[0], inputs * group,
                         "input channels that are a multiple of group " +
                             Twine(group))))
    return {};
  Value extents = getExtents(node, conv), strides = lists.list(window.strides);
  Value size = getSpatial(node, x),
        full = lists.add(lists.mul(lists.sub(size, lists.one()), strides),
                         extents);
  full = node.decideSizes(full, "the size of the result");
  if (node.hasFailed())
    return {};
  Size taps = productOf(ArrayRef(sizes).drop_front(2)),
       places = productOf(ArrayRef(image).drop_front(2));
  Value columns = createMatmul(
      node,
      node.transpose(node.reshapeTo(filter, {group, inputs, sizes[1] * taps}),
                     {0, 2, 1}),
      node.reshapeTo(x, {image[0], group, inputs, places}));
  columns = node.reshapeTo(columns, {image[0], channels * taps, places});
  Value summed = sumOpenColumns(
      node, columns, full, getSpatial(node, filter),
      {window.strides, window.dilations, SmallVector<int64_t>(2 * rank, 0)});
  if (node.hasFailed())
    return {};
  // What lies beyond the pads is cut off, and output padding is zeros behind.
  Sizes spatial = toSizes(wanted.sizes);
  if (spatial.empty() && window.autoPad != "NOTSET")
    for (size_t dim = 0; dim < rank; ++dim)
      spatial.push_back(image[dim + 2] * window.strides[dim]);
  if (!spatial.empty()) {
    Value all = lists.add(full, lists.list(wanted.padding));
    Value cut = lists.max0(lists.sub(all, node.sizeList(spatial)));
    Value begin = lists.takeBegin(cut, window.autoPad != "SAME_UPPER");
    return addBias(node, cutOut(node, summed, full, begin, spatial), bias,
                   channels);
  }
  SmallVector<int64_t> pads;
  for (int64_t cut : conv.getBegins())
    pads.push_back(-cut);
  for (auto [added, cut] : zip_equal(wanted.padding, conv.getEnds()))
    pads.push_back(added - cut);
  Value zero = node.scalar(getType(x).getElementType(), 0);
  return addBias(node,
                 pad(node, summed, lists.list(pads), zero, "constant",
                     listAxes(2, rank + 2)),
                 bias, channels);
}

} // namespace lambent::graph
