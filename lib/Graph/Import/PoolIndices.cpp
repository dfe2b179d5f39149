//===- PoolIndices.cpp - Where the maxima of MaxPool lie ------------------===//
//
// A table says which positions of the image each window holds. Its rows are
// gathered from the image, the place of the largest element in each row is
// taken, and looked up in the table. A place of a window that lies in the
// padding repeats the window's first element, which changes no maximum.
//
//===----------------------------------------------------------------------===//

#include "PoolIndices.h"
#include <numeric>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// A table of more entries is none to hold beside the weights.
constexpr int64_t mostEntries = 1 << 24;

/// The windows of an image along all its dims.
struct Windows {
  SmallVector<int64_t> image, places, kernel, strides, dilations, begins;

  /// Row `place` of the table; empty for a window that is all padding.
  SmallVector<int64_t> getRow(int64_t place, int64_t count) const;
};

/// The entries of a row-major index, one for each dim.
SmallVector<int64_t> split(int64_t index, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> result(dims.size());
  for (size_t i = dims.size(); i-- > 0; index /= dims[i])
    result[i] = index % dims[i];
  return result;
}

int64_t join(ArrayRef<int64_t> position, ArrayRef<int64_t> dims) {
  int64_t index = 0;
  for (auto [entry, dim] : zip(position, dims))
    index = index * dim + entry;
  return index;
}

SmallVector<int64_t> Windows::getRow(int64_t place, int64_t count) const {
  SmallVector<int64_t> row, start = split(place, places);
  int64_t first = -1;
  for (int64_t tap = 0; tap < count; ++tap) {
    SmallVector<int64_t> position = split(tap, kernel);
    bool isInside = true;
    for (size_t i = 0; i < position.size(); ++i) {
      position[i] =
          start[i] * strides[i] + position[i] * dilations[i] - begins[i];
      isInside &= position[i] >= 0 && position[i] < image[i];
    }
    row.push_back(isInside ? join(position, image) : -1);
    if (isInside && first < 0)
      first = row.back();
  }
  for (int64_t &entry : row)
    entry = entry < 0 ? first : entry;
  return first < 0 ? SmallVector<int64_t>() : row;
}

/// What auto_pad puts before the image: half of what the windows lack.
SmallVector<int64_t> getBegins(const Window &window, const Windows &windows) {
  SmallVector<int64_t> begins;
  for (size_t i = 0; i < windows.image.size(); ++i) {
    int64_t covered = (windows.places[i] - 1) * windows.strides[i] +
                      (windows.kernel[i] - 1) * windows.dilations[i] + 1;
    int64_t lacking = std::max<int64_t>(0, covered - windows.image[i]);
    begins.push_back(window.autoPad == "SAME_UPPER"   ? lacking / 2
                     : window.autoPad == "SAME_LOWER" ? (lacking + 1) / 2
                                                      : window.pads[i]);
  }
  return begins;
}

int64_t product(ArrayRef<int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

} // namespace

Value findMaxima(Node &node, Value x, Value maxima, const Window &window,
                 ArrayRef<int64_t> kernel, bool columnMajor) {
  if (node.hasFailed() || !maxima)
    return {};
  RankedTensorType from = getType(x), to = getType(maxima);
  if (!from.hasStaticShape() || !to.hasStaticShape()) {
    (void)node.undetermined("the size of the image");
    return {};
  }
  Windows windows;
  windows.image.assign(from.getShape().begin() + 2, from.getShape().end());
  windows.places.assign(to.getShape().begin() + 2, to.getShape().end());
  windows.kernel.assign(kernel.begin(), kernel.end());
  windows.strides = window.strides;
  windows.dilations = window.dilations;
  windows.begins = getBegins(window, windows);
  int64_t batch = from.getDimSize(0), channels = from.getDimSize(1);
  int64_t size = product(windows.image), places = product(windows.places),
          taps = 1;
  for (int64_t dim : kernel)
    taps = std::min(taps * dim, mostEntries + 1);
  if (batch * channels > mostEntries ||
      places > mostEntries / std::max<int64_t>(1, taps)) {
    (void)node.unsupported("output 'Indices' of so many windows is not "
                           "supported");
    return {};
  }
  SmallVector<int64_t> table;
  for (int64_t place = 0; place < places; ++place) {
    SmallVector<int64_t> row = windows.getRow(place, taps);
    if (row.empty()) {
      (void)node.unsupported(
          "output 'Indices' of windows that are all padding is not supported");
      return {};
    }
    table.append(row);
  }

  Value rows =
      node.create<GatherOp>(node.reshape(x, {batch, channels, size}),
                            node.indices(table, {places, taps}), int64_t(2));
  Value tap = node.create<ArgReduceOp>(rows, "max", int64_t(3),
                                       /*keepDims=*/false, /*last=*/false);
  if (columnMajor)
    for (int64_t &entry : table) {
      SmallVector<int64_t> position = split(entry, windows.image),
                           dims = windows.image;
      std::reverse(position.begin(), position.end());
      std::reverse(dims.begin(), dims.end());
      entry = join(position, dims);
    }
  SmallVector<int64_t> rowStarts, planeStarts;
  for (int64_t place = 0; place < places; ++place)
    rowStarts.push_back(place * taps);
  for (int64_t plane = 0; plane < batch * channels; ++plane)
    planeStarts.push_back(plane * size);
  auto add = [](Scalar &s, ArrayRef<Value> args) {
    return s.add(args[0], args[1]);
  };
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value entry = node.map({tap, node.indices(rowStarts)}, i64, add);
  Value position =
      node.create<GatherOp>(node.indices(table), entry, int64_t(0));
  Value index = node.map(
      {position, node.indices(planeStarts, {batch, channels, 1})}, i64, add);
  return node.reshape(index, to.getShape());
}

} // namespace lambent::graph
