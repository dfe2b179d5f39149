//===- ShortPackingTest.cpp - Bytes whose sums fit 16 bits ----------------===//

#include "lambent/Lowering/Kernels/ShortPacking.h"
#include "PackingCase.h"

using namespace lambent::test;
using lambent::kernels::ShortPacking;
using lambent::kernels::ShortPanel;

namespace {

/// A panel of one column, its k neighbours, and what was made of it.
class ShortPackingTest : public PackingCase {
protected:
  std::vector<int8_t> source;
  std::vector<char> packed;
  ShortPanel panel;

  void pack(std::vector<int8_t> weights, int64_t chain, int64_t taps = 0) {
    source = std::move(weights);
    int64_t depth = source.size();
    std::vector<int64_t> inner{depth / 4, 1, 4};
    auto map = parse("(p, k, j, i) -> (p + j, k * 4 + i)");
    if (taps) {
      inner = {taps, depth / taps / 4, 1, 4};
      map = parse("(p, t, k, j, i) -> (p + j, t * " +
                  std::to_string(depth / taps) + " + k * 4 + i)");
    }
    ShortPacking::Form form{map, inner, taps ? 1 : 0, chain, 0};
    auto create = [&] {
      panel = form.getPanel();
      return ShortPacking::create(form, {1, panel.getBytes()}, {1, depth});
    };
    const char *data = reinterpret_cast<const char *>(source.data());
    auto counted = create();
    ASSERT_TRUE(bool(counted));
    form.extraSteps = counted->count(data, /*splat=*/false).most;
    auto packing = create();
    ASSERT_TRUE(bool(packing));
    packed.assign(panel.getBytes(), 99);
    packing->pack(data, packed.data(), 0, 1, /*splat=*/false);
  }
  std::vector<int8_t> bytesAt(int64_t offset, int64_t count) const {
    return {packed.begin() + offset, packed.begin() + offset + count};
  }
  std::vector<int32_t> numbersAt(int64_t offset, int64_t count) const {
    return readNumbers<int32_t>(packed, offset, count);
  }
  /// Whether sums of a chain hold to the bound, and weights add up to the
  /// source.
  void check(int64_t chain) const {
    std::vector<int> sums(source.size());
    auto *bytes = reinterpret_cast<const int8_t *>(packed.data());
    for (size_t i = 0; i < source.size(); ++i)
      sums[i] = bytes[i];
    for (size_t step = 0; step < source.size() / 4; step += chain)
      for (int pair : {0, 2})
        for (int sign : {1, -1}) {
          int total = 0;
          for (size_t s = step; s < std::min(step + chain, source.size() / 4);
               ++s)
            for (int i : {0, 1})
              total += std::max(0, sign * bytes[4 * s + pair + i]);
          EXPECT_LE(total, 128);
        }
    auto steps = numbersAt(panel.getStepsOffset(), panel.extraSteps);
    for (int64_t e = 0; e < panel.extraSteps; ++e)
      for (int i = 0; i < 4; ++i)
        sums[4 * steps[e] + i] += bytes[panel.getExtraOffset() + 4 * e + i];
    EXPECT_EQ(sums, std::vector<int>(source.begin(), source.end()));
  }
};

TEST_F(ShortPackingTest, KeepsWeightsThatFit) {
  pack({100, 28, -100, -28, 1, -1, 127, -128}, /*chain=*/1);
  EXPECT_EQ(panel.extraSteps, 0);
  EXPECT_EQ(panel.getBytes(), 64);
  EXPECT_EQ(bytesAt(0, 8), source);
}

TEST_F(ShortPackingTest, SplitsOffWhatIsMore) {
  // 130 and -140 are too much, by 2 and 12: in one extra step of the second.
  pack({1, 2, 3, 4, 100, 30, -70, -70}, /*chain=*/1);
  ASSERT_EQ(panel.extraSteps, 1);
  EXPECT_EQ(bytesAt(4, 4), (std::vector<int8_t>{98, 30, -58, -70}));
  EXPECT_EQ(bytesAt(panel.getExtraOffset(), 4),
            (std::vector<int8_t>{2, 0, -12, 0}));
  EXPECT_EQ(numbersAt(panel.getListOffset(), 2), (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(numbersAt(panel.getStepsOffset(), 1), (std::vector<int32_t>{1}));
  check(1);
}

TEST_F(ShortPackingTest, TakesItOfAsFewStepsAsItCan) {
  // The first sum needs 40 less, which the second step can give; the second
  // sum's step has nothing to give but in the second step.
  pack({64, 64, 0, 0, 40, 0, -128, -2}, /*chain=*/2);
  ASSERT_EQ(panel.extraSteps, 1);
  EXPECT_EQ(numbersAt(panel.getStepsOffset(), 1), (std::vector<int32_t>{1}));
  check(2);
}

TEST_F(ShortPackingTest, TakesSeveralExtraStepsOfOne) {
  for (int64_t chain : {1, 2, 3, 4}) {
    pack(std::vector<int8_t>(20, 127), chain);
    check(chain);
    pack(std::vector<int8_t>(20, -128), chain);
    check(chain);
  }
  // Four steps of 508: 888 in all is too much for one extra step of each.
  EXPECT_GT(panel.extraSteps, 5);
}

TEST_F(ShortPackingTest, ListsExtraStepsByTaps) {
  std::vector<int8_t> weights(24, 1);
  weights[8] = weights[9] = 127;   // the second tap's first step
  weights[20] = weights[21] = 127; // the third one's second
  pack(weights, /*chain=*/1, /*taps=*/3);
  ASSERT_EQ(panel.extraSteps, 2);
  EXPECT_EQ(numbersAt(panel.getListOffset(), 4),
            (std::vector<int32_t>{0, 0, 1, 2}));
  EXPECT_EQ(numbersAt(panel.getStepsOffset(), 2), (std::vector<int32_t>{2, 5}));
  check(1);
}

TEST_F(ShortPackingTest, RefusesOtherPanels) {
  auto getShortError = [&](std::vector<int64_t> inner, int64_t bytes) {
    auto packing = ShortPacking::create(
        {parse("(p, k, j, i) -> (p, k)"), inner, 0, 1, 0}, {1, bytes}, {1, 8});
    EXPECT_FALSE(bool(packing));
    return llvm::toString(packing.takeError());
  };
  EXPECT_EQ(getShortError({2, 1, 3}, 64),
            "packing: expected panels [tap..., step, column, 4] in chains of "
            "at least 1, but got 3 dims, 0 of taps, and 1");
  EXPECT_EQ(getShortError({2, 1, 4}, 60),
            "packing: expected 64 bytes a panel, but got 60");
}

} // namespace
