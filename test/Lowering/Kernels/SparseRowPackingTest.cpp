//===- SparseRowPackingTest.cpp - Weights that are not zero, by rows ------===//

#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "PackingCase.h"

using namespace lambent::test;
using lambent::kernels::SparseRowPacking;

namespace {

class SparseRowPackingTest : public PackingCase {
protected:
  std::vector<int64_t> depths{3}, tapBytes{0};
  SparseRowPacking::Form form;
  std::vector<char> packed;
  bool fits = false;

  /// Weights [output][channel, tap], with room for so many entries.
  template <typename T>
  void pack(const std::vector<T> &weights, int64_t entries) {
    form.map = parse(depths.size() > 1 ? "(n, c, t) -> (n, c, t)"
                                       : "(n, c) -> (n, c)");
    std::vector<int64_t> shape{form.outputs};
    shape.insert(shape.end(), depths.begin(), depths.end());
    packAs<T>(weights, shape, entries);
  }
  template <typename T>
  void packAs(const std::vector<T> &weights, const std::vector<int64_t> &shape,
              int64_t entries) {
    form.depths = depths;
    form.tapBytes = tapBytes;
    form.areBytes = sizeof(T) == 1;
    int64_t bytes = form.getRows().getBytes(entries);
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
    return readNumbers<int32_t>(packed, offset, count);
  }
  float weightAt(int64_t offset) const {
    int64_t entries = form.getRows().getEntriesOffset();
    return readNumbers<float>(packed, entries + offset, 1)[0];
  }
};

TEST_F(SparseRowPackingTest, SortsRowsByLength) {
  form.outputs = 2;
  form.channelBytes = 64;
  form.section = 2;
  form.sumBytes = 32;
  pack<float>({1, 2, 3, 0, 4, 0}, 4);
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
  pack<float>({0, 0, 0, 5, //
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

TEST_F(SparseRowPackingTest, WidensPairsOfBytes) {
  form.outputs = 2;
  form.channelBytes = 64;
  form.section = 2;
  form.map = parse("(n, c, i) -> (n, c * 2 + i)");
  depths = {3, 2};
  packAs<int8_t>({0, 0, -128, 0, 127, //
                  0, 0, 0, -1, 0},
                 {2, 5}, 3);
  ASSERT_TRUE(fits);
  // Channels 2 and 3 are the second word of the first section, the last one is
  // by itself in the second section.
  EXPECT_EQ(numbersAt(0, 2), (std::vector<int32_t>{0, 16}));
  int64_t entries = form.getRows().getEntriesOffset();
  EXPECT_EQ(numbersAt(entries, 6),
            (std::vector<int32_t>{64, 0xff80, 64, -0x10000, 0, 127}));
}

TEST_F(SparseRowPackingTest, PutsFourBytesOfATapIntoAWord) {
  form.outputs = 4;
  form.block = 4;
  form.channelBytes = 100;
  form.map = parse("(n, c, t, i) -> (n, c * 4 + i, t)");
  depths = {1, 2, 4};
  tapBytes = {0, 12};
  std::vector<int8_t> weights(32);
  for (int8_t i = 0; i < 4; ++i)
    weights[8 + 2 * i + 1] = i - 2;
  packAs(weights, {4, 4, 2}, 1);
  ASSERT_TRUE(fits);
  EXPECT_EQ(numbersAt(form.getRows().getEntriesOffset(), 5),
            (std::vector<int32_t>{12, 0, 0x0100fffe, 0, 0}));
}

TEST_F(SparseRowPackingTest, CountsNoNegativeZeros) {
  form.outputs = 1;
  form.section = 3;
  pack<float>({-0.0f, 0, 1}, 1);
  EXPECT_TRUE(fits);
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
  depths = {3, 8};
  form.areBytes = true;
  EXPECT_EQ(getError(256),
            "packing: expected words of 2 or 4 channels, but got 8");
  depths = {3};
  form.areBytes = false;
  tapBytes = {0, 4};
  EXPECT_EQ(getError(256),
            "packing: expected sparse rows with an offset for each tap, in "
            "blocks of 1, 2, 4, 8 or 16 outputs");
}

} // namespace
