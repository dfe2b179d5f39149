//===- ZeroStructure.cpp - Which weights are 0 together -------------------===//

#include "PrunedWeights.h"

using namespace llvm;

namespace lambent::quantization {

/// More input channels of which some may stay than any kernel looks at.
static constexpr int64_t mostOfM = 64;

std::optional<ZeroStructure> findStructure(StringRef name) {
  static constexpr std::pair<StringLiteral, ZeroStructure> rows[] = {
      {"unstructured", {}},
      {"4x1", {4}},
      {"4x2", {4, 2}},
      {"4x4", {4, 4}},
      {"1x32", {32}}};
  for (const auto &[text, structure] : rows)
    if (text == name)
      return structure;
  auto [kept, of] = name.split(':');
  ZeroStructure structure;
  if (kept.getAsInteger(10, structure.kept) ||
      of.getAsInteger(10, structure.of) || structure.kept < 1 ||
      structure.of <= structure.kept || structure.of > mostOfM)
    return std::nullopt;
  return structure;
}

namespace {
/// Elements that become 0 together.
struct Block {
  float cost; ///< of an element
  int64_t first, channels, inputs;
};
} // namespace

/// Of each set of input channels at a tap the cheapest.
static void chooseOfM(ArrayRef<float> costs, int64_t sums, int64_t taps,
                      const ZeroStructure &structure,
                      MutableArrayRef<char> zeros) {
  int64_t inputs = sums / taps;
  SmallVector<std::pair<float, int64_t>> set;
  for (int64_t row = 0; row < int64_t(costs.size()); row += sums)
    for (int64_t first = 0; first < inputs; first += structure.of)
      for (int64_t tap = 0; tap < taps; ++tap) {
        set.clear();
        int64_t end = std::min(inputs, first + structure.of);
        for (int64_t input = first; input < end; ++input) {
          int64_t place = row + input * taps + tap;
          set.push_back({costs[size_t(place)], place});
        }
        sort(set);
        // A set at the end has fewer: as many may stay.
        for (int64_t i = 0; i + structure.kept < int64_t(set.size()); ++i)
          zeros[size_t(set[size_t(i)].second)] = 1;
      }
}

std::vector<char> chooseZeros(ArrayRef<float> costs, int64_t sums, int64_t taps,
                              int64_t count, const ZeroStructure &structure) {
  std::vector<char> zeros(costs.size(), 0);
  if (structure.isNofM()) {
    chooseOfM(costs, sums, taps, structure, zeros);
    return zeros;
  }
  int64_t channels = int64_t(costs.size()) / sums;
  // What is summed is [input, tap], or cut anywhere where inputs stand alone.
  if (structure.inputs == 1)
    taps = 1;
  auto forBlock = [&](const Block &block, function_ref<void(size_t)> visit) {
    for (int64_t n = 0; n < block.channels; ++n)
      for (int64_t i = 0; i < block.inputs; ++i)
        visit(size_t(block.first + n * sums + i * taps));
  };
  std::vector<Block> blocks;
  for (int64_t first = 0; first < channels; first += structure.channels)
    for (int64_t k = 0; k < sums; ++k) {
      int64_t input = k / taps;
      if (input % structure.inputs != 0)
        continue;
      Block block{0, first * sums + k,
                  std::min(structure.channels, channels - first),
                  std::min(structure.inputs, sums / taps - input)};
      double cost = 0;
      forBlock(block, [&](size_t place) { cost += double(costs[place]); });
      block.cost = float(cost / double(block.channels * block.inputs));
      blocks.push_back(block);
    }
  auto isCheaper = [](const Block &a, const Block &b) {
    return std::pair(a.cost, a.first) < std::pair(b.cost, b.first);
  };
  sort(blocks, isCheaper);
  for (const Block &block : blocks) {
    // The nearest number of elements that blocks reach.
    int64_t size = block.channels * block.inputs;
    if (2 * count < size)
      break;
    count -= size;
    forBlock(block, [&](size_t place) { zeros[place] = 1; });
  }
  return zeros;
}

} // namespace lambent::quantization
