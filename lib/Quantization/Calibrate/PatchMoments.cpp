//===- PatchMoments.cpp - How what filters lie on varies together ---------===//

#include "lambent/Quantization/PatchMoments.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent::quantization;
using llvm::Error;

/// Patches of one input that are looked at: neighbours say much the same.
static constexpr int64_t mostPlaces = 4096;
/// Patches that are laid out at once.
static constexpr int64_t chunk = 128;

namespace {
/// A window on an input of one size.
class Placement {
public:
  Placement(const FilterWindow &window, llvm::ArrayRef<int64_t> sizes)
      : window(window), sizes(sizes) {
    for (size_t d = 0; d < sizes.size(); ++d) {
      int64_t reach = (window.kernel[d] - 1) * window.dilations[d] + 1,
              stride = window.strides[d];
      int64_t before = window.padsBefore[d], after = window.padsAfter[d];
      if (window.autoPad != FilterWindow::AutoPad::None) {
        int64_t out = (sizes[d] + stride - 1) / stride;
        int64_t pads =
            std::max<int64_t>(0, (out - 1) * stride + reach - sizes[d]);
        bool isLower = window.autoPad == FilterWindow::AutoPad::SameLower;
        before = isLower ? pads - pads / 2 : pads / 2;
        after = pads - before;
      }
      int64_t room = sizes[d] + before + after - reach;
      starts.push_back(before);
      places.push_back(room < 0 ? 0 : room / stride + 1);
    }
  }

  int64_t countPlaces() const {
    int64_t count = 1;
    for (int64_t size : places)
      count *= size;
    return count;
  }

  /// Adds where the taps of a place lie in a channel, -1 for padding.
  void addTaps(int64_t place, std::vector<int64_t> &taps) const {
    std::vector<int64_t> offsets = {0};
    std::vector<int64_t> corner(sizes.size());
    for (size_t d = sizes.size(); d-- > 0; place /= places[d])
      corner[d] = place % places[d] * window.strides[d] - starts[d];
    for (size_t d = 0; d < sizes.size(); ++d) {
      std::vector<int64_t> longer;
      for (int64_t offset : offsets)
        for (int64_t k = 0; k < window.kernel[d]; ++k) {
          int64_t at = corner[d] + k * window.dilations[d];
          bool isInside = offset >= 0 && at >= 0 && at < sizes[d];
          longer.push_back(isInside ? offset * sizes[d] + at : -1);
        }
      offsets = std::move(longer);
    }
    taps.insert(taps.end(), offsets.begin(), offsets.end());
  }

private:
  const FilterWindow &window;
  llvm::ArrayRef<int64_t> sizes;
  std::vector<int64_t> starts, places;
};
} // namespace

namespace {
/// How the numbers of a patch lie in an image.
struct PatchLayout {
  int64_t depth, size; ///< channels, of so many numbers each
  bool addsOne;

  /// Patches, one row each, at the taps of the rows.
  std::vector<float> layOut(llvm::ArrayRef<float> channels, int64_t rows,
                            llvm::ArrayRef<int64_t> taps) const {
    std::vector<float> patches;
    size_t kernel = taps.size() / size_t(rows);
    for (; !taps.empty(); taps = taps.drop_front(kernel)) {
      for (int64_t c = 0; c < depth; ++c)
        for (int64_t tap : taps.take_front(kernel))
          patches.push_back(tap < 0 ? 0 : channels[size_t(c * size + tap)]);
      if (addsOne)
        patches.push_back(1);
    }
    return patches;
  }
};
} // namespace

Error PatchMoments::see(const TensorView &tensor,
                        llvm::ArrayRef<float> wanted) {
  if (tensor.elements.empty())
    return Error::success();
  size_t spatial = window.kernel.size();
  if (tensor.dims.size() != spatial + 2 || tensor.dims[1] % window.groups != 0)
    return llvm::createStringError(
        "tensor '" + tensor.name + "': expected " +
        std::to_string(spatial + 2) + " dims and a multiple of " +
        std::to_string(window.groups) + " channels, as the filter has");
  // Before patches are made of it, whose elements have other places.
  if (Error error = requireFinite(tensor, "fitting weights to samples"))
    return error;
  Placement placement(window, tensor.dims.drop_front(2));
  int64_t places = placement.countPlaces();
  int64_t depth = tensor.dims[1] / window.groups, size = 1;
  for (int64_t dim : tensor.dims.drop_front(2))
    size *= dim;
  PatchLayout layout = {depth, size, addsOne};
  std::vector<int64_t> looked;
  int64_t count = std::min(places, mostPlaces);
  for (int64_t i = 0; i < count; ++i)
    looked.push_back(i * places / count);
  moments.resize(size_t(window.groups));
  name = tensor.name.str();
  std::vector<int64_t> taps;
  for (int64_t first = 0; first < count; first += chunk) {
    int64_t rows = std::min(chunk, count - first);
    taps.clear();
    for (int64_t i = first; i < first + rows; ++i)
      placement.addTaps(looked[size_t(i)], taps);
    for (int64_t i = 0; i < tensor.dims[0] * window.groups; ++i) {
      size_t begin = size_t(i * depth * size);
      std::vector<float> patches =
          layout.layOut(tensor.elements.slice(begin), rows, taps);
      std::vector<float> others;
      if (!wanted.empty())
        others = layout.layOut(wanted.slice(begin), rows, taps);
      int64_t dims[] = {rows, int64_t(patches.size()) / rows};
      if (Error error = moments[size_t(i % window.groups)].see(
              {tensor.name, dims, patches}, others))
        return error;
    }
  }
  return Error::success();
}

const MomentMatrix *PatchMoments::find(int64_t group) const {
  return moments.empty() ? nullptr : moments[size_t(group)].find(name);
}
