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
