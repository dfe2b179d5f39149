//===- PackingTest.cpp - Packing of constants -----------------------------===//

#include "PackingCase.h"
#include "lambent/Lowering/Kernels/BitPacking.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include <cmath>

using lambent::kernels::BitPacking;
using lambent::kernels::Packing;
using lambent::kernels::SplitPacking;

namespace {

class PackingTest : public lambent::test::PackingCase {
protected:
  /// Packs the elements 1, 2, 3, ... from an address that is not aligned.
  template <typename T>
  std::vector<T> pack(const std::string &map, std::vector<int64_t> packedShape,
                      std::vector<int64_t> sourceShape, bool splat = false) {
    auto packing =
        Packing::create(parse(map), packedShape, sourceShape, sizeof(T));
    EXPECT_TRUE(bool(packing));
    int64_t count = 1;
    for (int64_t size : sourceShape)
      count *= size;
    std::vector<char> bytes(count * sizeof(T) + 1);
    for (int64_t i = 0; i < count; ++i) {
      T value = T(i + 1);
      std::memcpy(bytes.data() + 1 + i * sizeof(T), &value, sizeof(T));
    }
    std::vector<T> packed(packing->getPackedBytes() / sizeof(T), T(99));
    // In two ranges, as threads would.
    int64_t middle = packing->getNumRows() / 2;
    char *to = reinterpret_cast<char *>(packed.data());
    packing->pack(bytes.data() + 1, to, middle, packing->getNumRows(), splat);
    packing->pack(bytes.data() + 1, to, 0, middle, splat);
    return packed;
  }

  std::string getError(const std::string &map, std::vector<int64_t> packed,
                       std::vector<int64_t> source, unsigned bytes = 4) {
    auto packing = Packing::create(parse(map), packed, source, bytes);
    return packing ? "" : llvm::toString(packing.takeError());
  }
};

TEST_F(PackingTest, CopiesRowsOfPanels) {
  EXPECT_EQ(pack<float>("(p, k, j) -> (k, p * 2 + j)", {2, 2, 2}, {2, 4}),
            (std::vector<float>{1, 2, 5, 6, 3, 4, 7, 8}));
}

TEST_F(PackingTest, TransposesIntoPanels) {
  EXPECT_EQ(pack<int16_t>("(p, k, j) -> (p * 2 + j, k)", {2, 2, 2}, {4, 2}),
            (std::vector<int16_t>{1, 3, 2, 4, 5, 7, 6, 8}));
}

TEST_F(PackingTest, FillsWithZerosOutsideTheSource) {
  EXPECT_EQ(pack<int8_t>("(p, k, j) -> (k, p * 2 + j)", {2, 1, 2}, {1, 3}),
            (std::vector<int8_t>{1, 2, 3, 0}));
  EXPECT_EQ(pack<double>("(i) -> (i - 2)", {6}, {3}),
            (std::vector<double>{0, 0, 1, 2, 3, 0}));
  EXPECT_EQ(pack<float>("(i, j) -> (i, j - 3)", {2, 2}, {2, 2}),
            (std::vector<float>{0, 0, 0, 0}));
}

TEST_F(PackingTest, ReadsBackwards) {
  EXPECT_EQ(pack<float>("(i) -> (3 - i)", {5}, {3}),
            (std::vector<float>{0, 3, 2, 1, 0}));
  EXPECT_EQ(pack<float>("(i) -> (i * -2 + 5)", {4}, {5}),
            (std::vector<float>{0, 4, 2, 0}));
}

TEST_F(PackingTest, SkipsAndRepeats) {
  EXPECT_EQ(pack<float>("(i, j) -> (i * 2)", {2, 2}, {3}),
            (std::vector<float>{1, 1, 3, 3}));
  EXPECT_EQ(pack<float>("(i) -> (i * 3 - 1)", {3}, {6}),
            (std::vector<float>{0, 3, 6}));
}

TEST_F(PackingTest, HandlesScalarsAndSplats) {
  EXPECT_EQ(pack<float>("() -> ()", {}, {}), std::vector<float>{1});
  EXPECT_EQ(pack<float>("(i) -> (i)", {3}, {2}, true),
            (std::vector<float>{1, 1, 0}));
}

TEST_F(PackingTest, RejectsMapsThatDoNotFit) {
  EXPECT_EQ(getError("(i) -> (i)", {2, 2}, {4}),
            "packing: expected a map of 2 dims, but got 1");
  EXPECT_EQ(getError("(i) -> (i)", {2}, {2, 2}),
            "packing: expected a map with 2 results, but got 1");
  EXPECT_EQ(getError("(i) -> (i mod 2)", {4}, {2}),
            "packing: expected result 0 of the map to be linear");
  EXPECT_EQ(getError("(i) -> (i)", {4}, {2}, 3),
            "packing: expected elements of 1, 2, 4 or 8 bytes, but got 3");
}

//===-- Parts of bf16 -----------------------------------------------------===//

/// 3 x 3 elements as two panels of 2 columns, K padded to 4.
const char splitMap[] = "(p, k, j) -> (k, p * 2 + j)";
const std::vector<int64_t> splitShape{2, 2, 2, 2, 2}, splitSource{3, 3};

TEST_F(PackingTest, SplitsIntoPairsOfRows) {
  auto packing = SplitPacking::create(parse(splitMap), splitShape, splitSource);
  ASSERT_TRUE(bool(packing));
  // 1 + 2^-8 is the sum of two bf16.
  const float source[] = {1.00390625, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<uint16_t> packed(32, 0x7777);
  const char *from = reinterpret_cast<const char *>(source);
  char *to = reinterpret_cast<char *>(packed.data());
  packing->pack(from, to, 1, packing->getNumRows(), false);
  packing->pack(from, to, 0, 1, false);
  constexpr uint16_t one = 0x3f80, two = 0x4000, three = 0x4040, four = 0x4080,
                     five = 0x40a0, six = 0x40c0, seven = 0x40e0,
                     eight = 0x4100, nine = 0x4110, rest = 0x3b80;
  std::vector<uint16_t> want(32);
  const uint16_t hi[] = {one,   four, two, five, seven, 0, eight, 0,
                         three, six,  0,   0,    nine,  0, 0,     0};
  std::copy(std::begin(hi), std::end(hi), want.begin());
  want[16] = rest;
  EXPECT_EQ(packed, want);
}

TEST_F(PackingTest, SplitsTapsOneByOne) {
  // [OC, IC, taps] as one panel of two columns: K is taps, and of each channels
  // padded to two.
  auto packing =
      SplitPacking::create(parse("(p, t, k, j) -> (p * 2 + j, k, t)"),
                           {1, 1, 2, 1, 2, 2}, {2, 1, 2}, 1);
  ASSERT_TRUE(bool(packing));
  EXPECT_EQ(packing->getNumRows(), 1);
  const float source[] = {1, 2, 3, 4};
  std::vector<uint16_t> packed(8, 0x7777);
  packing->pack(reinterpret_cast<const char *>(source),
                reinterpret_cast<char *>(packed.data()), 0, 1, false);
  EXPECT_EQ(packed, (std::vector<uint16_t>{0x3f80, 0, 0x4040, 0, 0x4000, 0,
                                           0x4080, 0}));
}

TEST_F(PackingTest, MeasuresColumns) {
  auto packing = SplitPacking::create(parse(splitMap), splitShape, splitSource);
  ASSERT_TRUE(bool(packing));
  auto measure = [&](std::vector<float> source, bool flushes = true) {
    return packing->measure(reinterpret_cast<const char *>(source.data()),
                            source.size() == 1, flushes);
  };
  auto scales = measure({1, 0, -0x1p-70f, 8, 0, 0, -16, 0, 0});
  EXPECT_TRUE(scales.isFinite);
  EXPECT_EQ(scales.most, 16);
  EXPECT_EQ(scales.least, 0x1p-70f);
  // A column of denormal numbers is one of zeros where they are flushed.
  std::vector<float> tiny{1, 0x1p-130f, 1, 1, 0, 1, 1, 0, 1};
  EXPECT_EQ(measure(tiny).least, 1);
  EXPECT_EQ(measure(tiny, false).least, 0x1p-130f);
  EXPECT_FALSE(measure({1, 2, 3, 4, 5, 6, 7, 8, INFINITY}).isFinite);
  EXPECT_FALSE(measure({NAN, 2, 3, 4, 5, 6, 7, 8, 9}).isFinite);
  EXPECT_EQ(measure({0}).most, 0);
  EXPECT_EQ(measure({3}).least, 3);
}

TEST_F(PackingTest, RejectsPartsThatDoNotFit) {
  auto getSplitError = [&](std::vector<int64_t> packed) {
    auto packing = SplitPacking::create(parse(splitMap), packed, splitSource);
    return packing ? "" : llvm::toString(packing.takeError());
  };
  EXPECT_EQ(getSplitError({2, 2, 2, 2}),
            "packing: expected [batch..., part, panel, K / 2, column, 2], but "
            "got 4 dims for a map of 3");
  EXPECT_EQ(getSplitError({2, 2, 2, 2, 3}),
            "packing: expected [batch..., part, panel, K / 2, column, 2], but "
            "got 5 dims for a map of 3");
}

TEST_F(PackingTest, SharesBytes) {
  // Two columns of four k each: k side by side, the first in the lowest bits,
  // without what lies above an element's. Beyond the source are zeros.
  auto packing = BitPacking::create(parse("(s, j, e) -> (j, s * 4 + e)"),
                                    {2, 2, 2}, {2, 5}, /*bits=*/4);
  ASSERT_TRUE(bool(packing));
  std::vector<char> source{0x11, 0x22, 0x33, 0x44, 0x55,
                           0x06, 0x17, 0x28, 0x39, 0x4a};
  std::vector<uint8_t> packed(8, 99);
  char *to = reinterpret_cast<char *>(packed.data());
  ASSERT_EQ(packing->getNumRows(), 4);
  packing->pack(source.data(), to, 1, 4, /*splat=*/false);
  packing->pack(source.data(), to, 0, 1, /*splat=*/false);
  EXPECT_EQ(packed,
            (std::vector<uint8_t>{0x21, 0x43, 0x76, 0x98, 0x05, 0, 0x0a, 0}));
  packing->pack(source.data(), to, 0, 1, /*splat=*/true);
  EXPECT_EQ(packed[0], 0x11);
}

TEST_F(PackingTest, RefusesOtherBits) {
  auto packing = BitPacking::create(parse("(i) -> (i)"), {4}, {8}, 3);
  ASSERT_FALSE(bool(packing));
  EXPECT_EQ(llvm::toString(packing.takeError()),
            "packing: expected a list of elements of 2 or 4 bits, but got 1 "
            "dims of 3 bits");
}

} // namespace
