//===- SparsePanelsTest.cpp - Panels without the steps that are zero ------===//

#include "lambent/Lowering/Kernels/SparsePanels.h"
#include "PackingCase.h"

using namespace lambent::test;
using lambent::kernels::KeptSteps;
using lambent::kernels::SparsePacking;
using lambent::kernels::SparsePanel;

namespace {

class SparsePanelsTest : public PackingCase {
protected:
  std::string getError(std::vector<int64_t> inner, std::vector<int64_t> strides,
                       int64_t words, int64_t keptSteps = 0) {
    auto packing = SparsePacking::create(
        {parse("(p, k, j) -> (k, p * 2 + j)"), inner, strides, keptSteps},
        {1, words}, {4, 2});
    EXPECT_FALSE(bool(packing));
    return packing ? "" : llvm::toString(packing.takeError());
  }
};

template <typename T>
std::vector<T> readWords(const std::vector<char> &packed, int64_t first,
                         int64_t count) {
  return readNumbers<T>(packed, first * SparsePanel::kWordBytes, count);
}

TEST_F(SparsePanelsTest, KeepsStepsThatAreNotZero) {
  // Two panels of two columns, and one column more; k is 4.
  std::vector<float> source{1, 0, 0, 0, 5, //
                            0, 0, 3, 0, 0, //
                            0, 0, 0, 0, 0, //
                            0, 2, 0, 4, -0.0f};
  std::vector<int64_t> inner{4, 2}, strides{3};
  SparsePacking::Form form{parse("(p, k, j) -> (k, p * 2 + j)"), inner, strides,
                           2};
  SparsePanel panel = form.getPanel();
  auto packing = SparsePacking::create(form, {3, panel.getWords()}, {4, 5});
  ASSERT_TRUE(bool(packing));
  const char *data = reinterpret_cast<const char *>(source.data());
  KeptSteps kept = packing->count(data, /*splat=*/false);
  EXPECT_EQ(kept.most, 2);
  EXPECT_EQ(kept.all, 5);
  std::vector<char> packed(3 * panel.getWords() * 4, 99);
  ASSERT_TRUE(packing->pack(data, packed.data(), 0, 3, /*splat=*/false));
  EXPECT_EQ(readWords<float>(packed, 0, 4), (std::vector<float>{1, 0, 0, 2}));
  EXPECT_EQ(readWords<uint32_t>(packed, panel.getSectionsOffset(), 4),
            (std::vector<uint32_t>{0, 2, 0, 9}));
  int64_t second = panel.getWords(), third = 2 * second;
  EXPECT_EQ(readWords<float>(packed, second, 4),
            (std::vector<float>{3, 0, 0, 4}));
  EXPECT_EQ(readWords<uint32_t>(packed, second + panel.getStepsOffset(), 2),
            (std::vector<uint32_t>{3, 9}));
  // Room that is not needed, and the column that is none, are 0.
  EXPECT_EQ(readWords<float>(packed, third, 4),
            (std::vector<float>{5, 0, 0, 0}));
  EXPECT_EQ(readWords<uint32_t>(packed, third + panel.getSectionsOffset(), 4),
            (std::vector<uint32_t>{0, 1, 0, 0}));
}

TEST_F(SparsePanelsTest, ListsTapsAsSections) {
  // Three taps of two channels, one column: offsets are 10 a tap, 1 a channel.
  std::vector<float> source{0, 1, 0, 0, 2, 3};
  std::vector<int64_t> inner{3, 2, 1}, strides{10, 1};
  SparsePacking::Form form{parse("(p, t, k, j) -> (p + j, t * 2 + k)"), inner,
                           strides, 3};
  SparsePanel panel = form.getPanel();
  auto packing = SparsePacking::create(form, {1, panel.getWords()}, {1, 6});
  ASSERT_TRUE(bool(packing));
  std::vector<char> packed(panel.getWords() * 4);
  ASSERT_TRUE(packing->pack(reinterpret_cast<const char *>(source.data()),
                            packed.data(), 0, 1, /*splat=*/false));
  EXPECT_EQ(readWords<float>(packed, 0, 3), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(readWords<uint32_t>(packed, panel.getSectionsOffset(), 7),
            (std::vector<uint32_t>{0, 1, 1, 3, 1, 20, 21}));
}

TEST_F(SparsePanelsTest, TakesOneNumberForAll) {
  std::vector<int64_t> inner{4, 2}, strides{1};
  SparsePacking::Form form{parse("(p, k, j) -> (k, p * 2 + j)"), inner, strides,
                           4};
  auto packing =
      SparsePacking::create(form, {1, form.getPanel().getWords()}, {4, 2});
  ASSERT_TRUE(bool(packing));
  float zero = 0, one = 1;
  auto count = [&](float &value) {
    return packing->count(reinterpret_cast<const char *>(&value), true).all;
  };
  EXPECT_EQ(count(zero), 0);
  EXPECT_EQ(count(one), 4);
}

TEST_F(SparsePanelsTest, SaysWhereThereIsNoRoom) {
  std::vector<float> source(8, 1);
  std::vector<int64_t> inner{4, 2}, strides{1};
  SparsePacking::Form form{parse("(p, k, j) -> (k, p * 2 + j)"), inner, strides,
                           3};
  std::vector<char> packed(form.getPanel().getWords() * 4);
  auto packing =
      SparsePacking::create(form, {1, form.getPanel().getWords()}, {4, 2});
  ASSERT_TRUE(bool(packing));
  EXPECT_FALSE(packing->pack(reinterpret_cast<const char *>(source.data()),
                             packed.data(), 0, 1, /*splat=*/false));
}

TEST_F(SparsePanelsTest, RefusesOtherPanels) {
  EXPECT_EQ(getError({2}, {}, 16),
            "packing: expected panels [tap..., k, column] with a stride for "
            "each dim but the last one, but got 1 dims and 0 strides");
  EXPECT_EQ(getError({4, 2}, {1, 1}, 16),
            "packing: expected panels [tap..., k, column] with a stride for "
            "each dim but the last one, but got 2 dims and 2 strides");
  EXPECT_EQ(getError({4, 2}, {-1}, 16),
            "packing: expected sizes, strides and kept steps of at least 0");
  EXPECT_EQ(getError({4, 2}, {int64_t(1) << 32}, 16),
            "packing: expected offsets of 32 bits, but got 12884901888");
  EXPECT_EQ(getError({4, 2}, {1}, 15, 4),
            "packing: expected 16 words a panel, but got 15");
}

} // namespace
