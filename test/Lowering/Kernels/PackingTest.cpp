//===- PackingTest.cpp - Packing of constants -----------------------------===//

#include "lambent/Lowering/Kernels/BitPacking.h"
#include "lambent/Lowering/Kernels/ShortPacking.h"
#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using lambent::kernels::BitPacking;
using lambent::kernels::Packing;
using lambent::kernels::ShortPacking;
using lambent::kernels::ShortPanel;
using lambent::kernels::SparseRowPacking;
using lambent::kernels::SplitPacking;

namespace {

class PackingTest : public testing::Test {
protected:
  mlir::AffineMap parse(const std::string &map) {
    auto attr = mlir::parseAttribute("affine_map<" + map + ">", &context);
    return mlir::cast<mlir::AffineMapAttr>(attr).getValue();
  }

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

  mlir::MLIRContext context;
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

//===-- Sums of 16 bits ---------------------------------------------------===//

/// A panel of one column, its k neighbours, and what was made of it.
class ShortPackingTest : public PackingTest {
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
    std::vector<int32_t> numbers(count);
    std::memcpy(numbers.data(), packed.data() + offset, count * 4);
    return numbers;
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

//===-- Sparse rows -------------------------------------------------------===//

class SparseRowPackingTest : public PackingTest {
protected:
  std::vector<int64_t> depths{3}, tapBytes{0};
  SparseRowPacking::Form form;
  std::vector<char> packed;
  bool fits = false;

  /// Weights [output][channel, tap], with room for so many entries.
  void pack(const std::vector<float> &weights, int64_t entries) {
    form.map = parse(depths.size() > 1 ? "(n, c, t) -> (n, c, t)"
                                       : "(n, c) -> (n, c)");
    form.depths = depths;
    form.tapBytes = tapBytes;
    int64_t bytes = form.getRows().getBytes(entries);
    std::vector<int64_t> shape{form.outputs};
    shape.insert(shape.end(), depths.begin(), depths.end());
    auto packing = SparseRowPacking::create(form, bytes, shape);
    ASSERT_TRUE(bool(packing));
    packed.assign(bytes, 99);
    fits = packing->pack(reinterpret_cast<const char *>(weights.data()),
                         packed.data(), 0, 1, /*splat=*/false);
    EXPECT_EQ(
        packing->countEntries(reinterpret_cast<const char *>(weights.data()),
                              false, form.block) <= entries,
        fits);
  }
  std::vector<int32_t> numbersAt(int64_t offset, int64_t count) const {
    std::vector<int32_t> numbers(count);
    std::memcpy(numbers.data(), packed.data() + offset, count * 4);
    return numbers;
  }
  float weightAt(int64_t offset) const {
    float value;
    std::memcpy(&value,
                packed.data() + form.getRows().getEntriesOffset() + offset, 4);
    return value;
  }
};

TEST_F(SparseRowPackingTest, SortsRowsByLength) {
  form.outputs = 2;
  form.channelBytes = 64;
  form.section = 2;
  form.sumBytes = 32;
  pack({1, 2, 3, 0, 4, 0}, 4);
  ASSERT_TRUE(fits);
  // Sections begin at entries 0 and 3. Of the first one row 1 has one entry,
  // row 0 two, and rows 2 to 15, which are of no output, none.
  EXPECT_EQ(numbersAt(0, 2), (std::vector<int32_t>{0, 24}));
  EXPECT_EQ(numbersAt(8 + 13 * 8, 6),
            (std::vector<int32_t>{0, 15 * 32, 8, 32, 24, 0}));
  int64_t entries = form.getRows().getEntriesOffset();
  EXPECT_EQ(numbersAt(entries, 1), (std::vector<int32_t>{64}));
  EXPECT_EQ(weightAt(4), 4);
  EXPECT_EQ(numbersAt(entries + 8, 1), (std::vector<int32_t>{0}));
  EXPECT_EQ(weightAt(12), 1);
  // The third channel is the first of its section.
  EXPECT_EQ(numbersAt(entries + 24, 1), (std::vector<int32_t>{0}));
  EXPECT_EQ(weightAt(28), 3);
}

TEST_F(SparseRowPackingTest, SharesOffsetsInABlock) {
  form.outputs = 4;
  form.block = 4;
  form.channelBytes = 100;
  form.section = 2;
  depths = {2, 2};
  tapBytes = {0, 12};
  pack({0, 0, 0, 5, //
        0, 0, 0, 6, //
        0, 0, 0, 0, //
        0, 0, 0, 8},
       1);
  ASSERT_TRUE(fits);
  EXPECT_EQ(numbersAt(form.getRows().getEntriesOffset(), 1),
            (std::vector<int32_t>{112}));
  EXPECT_EQ(weightAt(4), 5);
  EXPECT_EQ(weightAt(12), 0);
  EXPECT_EQ(weightAt(16), 8);
}

TEST_F(SparseRowPackingTest, RefusesMoreThanThereIsRoomFor) {
  form.outputs = 16;
  form.section = 3;
  // The lists take 256 bytes, 8 entries another line.
  pack(std::vector<float>(48, 1), 40);
  EXPECT_FALSE(fits);
}

TEST_F(SparseRowPackingTest, NamesWhatIsWrong) {
  auto getError = [&](int64_t bytes) {
    form.map = parse("(n, c) -> (n, c)");
    form.depths = depths;
    form.tapBytes = tapBytes;
    auto packing = SparseRowPacking::create(form, bytes, {16, 3});
    return packing ? "" : llvm::toString(packing.takeError());
  };
  form.outputs = 16;
  form.section = 3;
  EXPECT_EQ(getError(256), "");
  EXPECT_EQ(getError(64),
            "packing: expected at least 192 bytes for the lists of sparse "
            "rows, and less than 2 GB in all, but got 64");
  tapBytes = {0, 4};
  EXPECT_EQ(getError(256),
            "packing: expected sparse rows with an offset for each tap, in "
            "blocks of 1, 2, 4, 8 or 16 outputs");
}

} // namespace
