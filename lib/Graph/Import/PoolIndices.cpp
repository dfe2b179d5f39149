//===- PoolIndices.cpp - Where the maxima of MaxPool lie ------------------===//
//
// Element-wise ops compute which position of the image each tap of each window
// reads. Those are gathered from the image, the first tap of the largest element
// is taken, and its position looked up. A tap in the padding reads the nearest
// element of its window instead, which changes no maximum, nor which is first.
//
//===----------------------------------------------------------------------===//

#include "PoolIndices.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

class MaximaFinder {
public:
  MaximaFinder(Node &node, Value x, Value maxima, const Window &window,
               ArrayRef<int64_t> kernel)
      : node(node), x(x), maxima(maxima), window(window), kernel(kernel),
        image(getSizes(getType(x))), places(getSizes(getType(maxima))),
        i64(IntegerType::get(node.getContext(), 64)) {
    for (int64_t size : kernel)
      taps *= size;
  }

  /// Whether a window along a bound dim holds nothing but padding.
  bool hasEmptyWindow(int64_t dim) const;
  Value find(bool columnMajor);

private:
  int64_t getRank() const { return int64_t(kernel.size()); }
  /// What lies before the image; of auto_pad what lies around it, if positive.
  Size getPadding(int64_t dim) const;
  /// What the taps of all windows read along one dim, aligned with [places...,
  /// taps...].
  Value findEntries(int64_t dim);
  /// The entries as positions in an image: [places, taps].
  Value joinEntries(ArrayRef<Value> entries, bool columnMajor);
  /// `count` numbers from 0 on, `step` apart.
  Value countBy(const Size &count, const Size &step);

  Node &node;
  Value x, maxima;
  const Window &window;
  ArrayRef<int64_t> kernel;
  Sizes image, places; ///< with N and C before
  Type i64;
  int64_t taps = 1;
};

Size MaximaFinder::getPadding(int64_t dim) const {
  if (window.autoPad == "NOTSET")
    return window.pads[dim];
  Size covered = (places[dim + 2] - 1) * window.strides[dim] +
                 ((kernel[dim] - 1) * window.dilations[dim] + 1);
  return covered - image[dim + 2];
}

bool MaximaFinder::hasEmptyWindow(int64_t dim) const {
  Size length = image[dim + 2], count = places[dim + 2];
  if (!length.isNumber() || !count.isNumber() || count.is(0))
    return false;
  int64_t size = length.getNumber(), last = count.getNumber() - 1,
          dilation = window.dilations[dim],
          begin = getPadding(dim).getNumber();
  if (window.autoPad != "NOTSET")
    begin = (std::max<int64_t>(begin, 0) + (window.autoPad == "SAME_LOWER")) / 2;
  auto isEmpty = [&](int64_t place) {
    int64_t at = place * window.strides[dim] - begin;
    for (int64_t tap = 0; tap < kernel[dim]; ++tap, at += dilation)
      if (at >= 0 && at < size)
        return false;
    return true;
  };
  // Taps that cannot jump over the image miss it at its ends only.
  constexpr int64_t mostPlaces = 1 << 20;
  if (dilation <= size || kernel[dim] == 1)
    return isEmpty(0) || isEmpty(last);
  return last >= mostPlaces || any_of(seq<int64_t>(0, last + 1), isEmpty);
}

Value MaximaFinder::findEntries(int64_t dim) {
  int64_t rank = getRank(), stride = window.strides[dim],
          dilation = window.dilations[dim], last = kernel[dim] - 1;
  SmallVector<int64_t> placeShape(2 * rank, 1), tapShape(2 * rank, 1);
  placeShape[dim] = -1;
  tapShape[rank + dim] = kernel[dim];
  Value inputs[] = {
      node.reshape(countUp(node, node.sizeScalar(places[dim + 2])), placeShape),
      node.indices(listAxes(0, kernel[dim]), tapShape),
      node.sizeScalar(image[dim + 2]), node.sizeScalar(getPadding(dim))};
  bool isSame = window.autoPad != "NOTSET",
       roundsUp = window.autoPad == "SAME_LOWER";
  return node.map(inputs, i64, [&](Scalar &s, ArrayRef<Value> args) {
    auto number = [&](int64_t value) { return s.integer(i64, value); };
    auto divide = [&](Value value, int64_t by) -> Value {
      return by == 1 ? value
                     : Value(s.make<arith::DivSIOp>(value, number(by)));
    };
    Value zero = number(0), begin = args[3];
    if (isSame)
      begin = divide(s.add(s.max(begin, zero), number(roundsUp)), 2);
    Value start = s.sub(s.mul(args[0], number(stride)), begin);
    // The taps of the window that lie in the image.
    Value before = s.max(s.sub(zero, start), zero);
    Value least = divide(s.add(before, number(dilation - 1)), dilation);
    Value behind = s.max(s.sub(s.sub(args[2], number(1)), start), zero);
    Value most = s.min(divide(behind, dilation), number(last));
    Value tap = s.max(s.min(args[1], most), least);
    Value entry = s.add(start, s.mul(tap, number(dilation)));
    // Of a window that is all padding, any element.
    return s.max(s.min(entry, s.sub(args[2], number(1))), zero);
  });
}

Value MaximaFinder::joinEntries(ArrayRef<Value> entries, bool columnMajor) {
  SmallVector<unsigned> order = llvm::to_vector(seq<unsigned>(0, entries.size()));
  if (columnMajor)
    std::reverse(order.begin(), order.end());
  SmallVector<Value> inputs;
  for (unsigned dim : order)
    inputs.append({entries[dim], node.sizeScalar(image[dim + 2])});
  Value joined = node.map(inputs, i64, [&](Scalar &s, ArrayRef<Value> args) {
    Value index = args[0];
    for (size_t i = 2; i < args.size(); i += 2)
      index = s.add(s.mul(index, args[i + 1]), args[i]);
    return index;
  });
  Size count = productOf(ArrayRef(places).drop_front(2));
  return node.reshapeTo(joined, {count, taps});
}

Value MaximaFinder::countBy(const Size &count, const Size &step) {
  return node.map(
      {countUp(node, node.sizeScalar(count)), node.sizeScalar(step)}, i64,
      [](Scalar &s, ArrayRef<Value> args) { return s.mul(args[0], args[1]); });
}

Value MaximaFinder::find(bool columnMajor) {
  SmallVector<Value> entries;
  for (int64_t dim = 0; dim < getRank(); ++dim)
    entries.push_back(findEntries(dim));
  Value table = joinEntries(entries, /*columnMajor=*/false);
  Size pixels = productOf(ArrayRef(image).drop_front(2));
  Value rows = node.create<GatherOp>(
      node.reshapeTo(x, {image[0], image[1], pixels}), table, int64_t(2));
  Value tap = node.create<ArgReduceOp>(rows, "max", int64_t(3),
                                       /*keepDims=*/false, /*last=*/false);
  auto add = [](Scalar &s, ArrayRef<Value> args) {
    return s.add(args[0], args[1]);
  };
  // Rows of the table have `taps` entries, planes of the image `pixels`.
  Size windows = productOf(ArrayRef(places).drop_front(2));
  Value entry = node.map({tap, countBy(windows, taps)}, i64, add);
  Value listed = columnMajor ? joinEntries(entries, true) : table;
  Value position =
      node.create<GatherOp>(node.reshape(listed, -1), entry, int64_t(0));
  Value planes = node.reshapeTo(countBy(image[0] * image[1], pixels),
                                {image[0], image[1], 1});
  return node.reshapeTo(node.map({position, planes}, i64, add), places);
}

} // namespace

Value findMaxima(Node &node, Value x, Value maxima, const Window &window,
                 ArrayRef<int64_t> kernel, bool columnMajor) {
  if (node.hasFailed() || !maxima)
    return {};
  if (!areKnown(getSizes(getType(x))) || !areKnown(getSizes(getType(maxima)))) {
    (void)node.undetermined("the size of the image");
    return {};
  }
  MaximaFinder finder(node, x, maxima, window, kernel);
  for (int64_t dim = 0; dim < int64_t(kernel.size()); ++dim)
    if (finder.hasEmptyWindow(dim)) {
      (void)node.unsupported(
          "output 'Indices' of windows that are all padding is not supported");
      return {};
    }
  return finder.find(columnMajor);
}

} // namespace lambent::graph
