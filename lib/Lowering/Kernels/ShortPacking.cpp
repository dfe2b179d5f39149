//===- ShortPacking.cpp - Bytes whose sums of products fit 16 bits --------===//

#include "lambent/Lowering/Kernels/ShortPacking.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace lambent::kernels;

/// The most that weights of one sign may be together.
static constexpr int64_t kMost = 128;

/// Neighbouring k whose products one instruction adds up, and the sums of a
/// column that a step adds to.
static constexpr int64_t kPair = 2, kSums = ShortPanel::kGroup / kPair;

int64_t ShortPanel::getBytes() const {
  constexpr int64_t lineBytes = 64;
  int64_t list = extraSteps ? (sections + 1 + extraSteps) * 4 : 0;
  return llvm::alignTo(getListOffset() + list, lineBytes);
}

ShortPanel ShortPacking::Form::getPanel() const {
  ShortPanel panel;
  for (int64_t size : inner.take_front(taps))
    panel.sections *= size;
  for (int64_t size : inner.drop_front(taps).drop_back(2))
    panel.steps *= size;
  panel.columns = inner[inner.size() - 2];
  panel.extraSteps = extraSteps;
  return panel;
}

llvm::Expected<ShortPacking>
ShortPacking::create(const Form &form, llvm::ArrayRef<int64_t> packedShape,
                     llvm::ArrayRef<int64_t> sourceShape) {
  if (packedShape.empty() || form.taps < 0 ||
      int64_t(form.inner.size()) < form.taps + 3 || form.chain < 1 ||
      form.extraSteps < 0 || form.inner.back() != ShortPanel::kGroup)
    return llvm::createStringError(
        "packing: expected panels [tap..., step, column, 4] in chains of at "
        "least 1, but got %zu dims, %lld of taps, and %lld",
        form.inner.size(), (long long)form.taps, (long long)form.chain);
  ShortPanel panel = form.getPanel();
  if (packedShape.back() != panel.getBytes())
    return llvm::createStringError(
        "packing: expected %lld bytes a panel, but got %lld",
        (long long)panel.getBytes(), (long long)packedShape.back());
  llvm::ArrayRef<int64_t> outer = packedShape.drop_back();
  llvm::SmallVector<int64_t> shape(outer);
  llvm::append_range(shape, form.inner);
  auto bytes =
      Packing::create(form.map, shape, sourceShape, /*elementBytes=*/1);
  if (!bytes)
    return bytes.takeError();
  ShortPacking packing(std::move(*bytes));
  packing.panel = panel;
  packing.chain = form.chain;
  for (int64_t size : outer)
    packing.panels *= size;
  return packing;
}

/// A panel's weights, those within the bound and extra steps of the others.
struct ShortPacking::Split {
  std::vector<int8_t> weights;
  std::vector<int8_t> extra;      ///< [extra step][column][4]
  std::vector<int32_t> steps;     ///< of all sections, of each extra step
  std::vector<int32_t> begins{0}; ///< of each section, and the last one's end
};

namespace {

/// Splits steps that are added up in 16 bits.
class ChainSplit {
public:
  ChainSplit(int8_t *weights, int64_t steps, int64_t columns)
      : weights(weights), steps(steps), columns(columns),
        rests(steps * columns * ShortPanel::kGroup) {}

  /// Lowers weights until sums hold to the bound, those of step `first` before
  /// others; what is split off is in `rests`. Returns how many steps it took
  /// something of.
  int64_t lower(int64_t first) {
    llvm::fill(rests, int8_t(0));
    for (int64_t sum = 0; sum < columns * kSums; ++sum)
      for (int sign : {1, -1})
        lowerSum(sum, sign, first);
    int64_t count = 0;
    for (int64_t step = 0; step < steps; ++step)
      count += hasRest(step);
    return count;
  }

  bool hasRest(int64_t step) const {
    return llvm::any_of(getRest(step), [](int8_t rest) { return rest != 0; });
  }

  /// Takes what one extra step holds of what is split off of `step`.
  void takeExtra(int64_t step, std::vector<int8_t> &extra) {
    llvm::MutableArrayRef<int8_t> all(rests);
    all = all.slice(step * getSize(), getSize());
    for (int64_t i = 0; i < getSize(); i += kPair) {
      int64_t most = kMost, least = -kMost;
      for (int8_t &rest : all.slice(i, kPair)) {
        int64_t part = std::clamp<int64_t>(rest, least, most);
        (part > 0 ? most : least) -= part;
        rest = int8_t(rest - part);
        extra.push_back(int8_t(part));
      }
    }
  }

  /// Takes it off the weights, too.
  void apply() {
    for (auto [i, rest] : llvm::enumerate(rests))
      weights[i] = int8_t(weights[i] - rest);
  }

private:
  int64_t getSize() const { return columns * ShortPanel::kGroup; }
  llvm::ArrayRef<int8_t> getRest(int64_t step) const {
    return llvm::ArrayRef(rests).slice(step * getSize(), getSize());
  }

  void lowerSum(int64_t sum, int sign, int64_t first) {
    auto getPlace = [&](int64_t step, int64_t i) {
      return step * getSize() + sum * kPair + i;
    };
    int64_t total = 0;
    for (int64_t step = 0; step < steps; ++step)
      for (int64_t i = 0; i < kPair; ++i)
        total += std::max<int64_t>(0, sign * weights[getPlace(step, i)]);
    int64_t excess = total - kMost;
    for (int64_t n = 0; n < steps && excess > 0; ++n)
      for (int64_t i = 0; i < kPair; ++i) {
        int64_t place = getPlace((first + n) % steps, i);
        int64_t most = std::max<int64_t>(0, sign * weights[place]);
        int64_t part = std::clamp<int64_t>(excess, 0, most);
        rests[place] = int8_t(rests[place] + sign * part);
        excess -= part;
      }
  }

  int8_t *weights;
  int64_t steps, columns;
  std::vector<int8_t> rests;
};

} // namespace

ShortPacking::Split ShortPacking::split(const char *source, int64_t row,
                                        bool splat) const {
  Split split;
  int64_t stepBytes = panel.getStepBytes();
  split.weights.resize(panel.getExtraOffset());
  int64_t rows = panel.sections * panel.steps * panel.columns;
  bytes.packInto(source, reinterpret_cast<char *>(split.weights.data()),
                 row * rows, (row + 1) * rows, splat);
  for (int64_t section = 0; section < panel.sections; ++section) {
    for (int64_t step = 0; step < panel.steps; step += chain) {
      int64_t first = section * panel.steps + step;
      int64_t steps = std::min(chain, panel.steps - step);
      ChainSplit each(split.weights.data() + first * stepBytes, steps,
                      panel.columns);
      // Of the steps that may be lowered first the one that leaves the fewest
      // extra steps.
      int64_t best = 0, least = each.lower(0);
      for (int64_t other = 1; other < steps && least > 1; ++other)
        if (int64_t count = each.lower(other); count < least) {
          best = other;
          least = count;
        }
      if (least == 0)
        continue;
      each.lower(best);
      each.apply();
      for (int64_t i = 0; i < steps; ++i)
        while (each.hasRest(i)) {
          each.takeExtra(i, split.extra);
          split.steps.push_back(int32_t(first + i));
        }
    }
    split.begins.push_back(int32_t(split.steps.size()));
  }
  return split;
}

bool ShortPacking::pack(const char *source, char *packed, int64_t begin,
                        int64_t end, bool splat) const {
  for (int64_t row = begin; row < end; ++row) {
    Split all = split(source, row, splat);
    if (int64_t(all.steps.size()) > panel.extraSteps)
      return false;
    char *to = packed + row * panel.getBytes();
    std::memset(to, 0, panel.getBytes());
    std::memcpy(to, all.weights.data(), all.weights.size());
    // All sections of such a panel begin at zero, as what is cleared does.
    if (all.steps.empty())
      continue;
    std::memcpy(to + panel.getExtraOffset(), all.extra.data(),
                all.extra.size());
    std::memcpy(to + panel.getListOffset(), all.begins.data(),
                4 * all.begins.size());
    std::memcpy(to + panel.getStepsOffset(), all.steps.data(),
                4 * all.steps.size());
  }
  return true;
}

ShortPacking::ExtraSteps ShortPacking::count(const char *source, bool splat,
                                             int64_t stride) const {
  ExtraSteps extra;
  for (int64_t row = 0; row < panels; row += stride) {
    int64_t count = split(source, row, splat).steps.size();
    extra.most = std::max(extra.most, count);
    extra.all += count;
  }
  return extra;
}
