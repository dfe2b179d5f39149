//===- SparseWinogradTest.cpp - Winograd filters without zero vectors -----===//

#include "lambent/Lowering/Kernels/SparseWinograd.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent::kernels;

namespace {

constexpr int64_t kOutputs = 8, kInputs = 5, kColumns = 4,
                  kPanels = kOutputs / kColumns;
const WinogradForms kForms{{{4, 3}, {2, 3}}};

std::vector<float> drawFilter() {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal;
  std::vector<float> filter(kOutputs * kInputs * 9);
  for (float &weight : filter)
    weight = normal(engine);
  return filter;
}

const char *bytesOf(const std::vector<float> &values) {
  return reinterpret_cast<const char *>(values.data());
}

SparseWinogradPacking makePacking(double threshold, int64_t keptSteps) {
  SparseWinogradPacking::Form form{kForms, kColumns, threshold, keptSteps};
  auto packing = SparseWinogradPacking::create(
      form, {kPanels, form.getPanel(kInputs).getWords()},
      {kOutputs, kInputs, 3, 3});
  EXPECT_TRUE(bool(packing));
  return std::move(*packing);
}

/// G of PointElimination.h, element by element.
double getOverlap(int64_t p, int64_t q) {
  WinogradMatrices y(kForms[0]), x(kForms[1]);
  int64_t width = kForms[1].getPoints(), height = kForms[0].getPoints();
  double output = 0;
  for (int64_t i = 0; i < kForms[0].outputs; ++i)
    for (int64_t j = 0; j < kForms[1].outputs; ++j)
      output += y.output.at(i, p / width).toDouble() *
                x.output.at(j, p % width).toDouble() *
                y.output.at(i, q / width).toDouble() *
                x.output.at(j, q % width).toDouble();
  // Over pixels i, j: a mean square, and what two of them have in common.
  double noise = 0, sumP = 0, sumQ = 0;
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j) {
      double ofP = y.input.at(p / width, i).toDouble() *
                   x.input.at(p % width, j).toDouble(),
             ofQ = y.input.at(q / width, i).toDouble() *
                   x.input.at(q % width, j).toDouble();
      noise += ofP * ofQ;
      sumP += ofP;
      sumQ += ofQ;
    }
  return output * (noise + 0.46694 * sumP * sumQ);
}

TEST(SparseWinograd, KeepsTheVectorsOfMostImportance) {
  std::vector<float> filter = drawFilter();
  PointElimination::Ranking ranking =
      makePacking(0, 0).rank(bytesOf(filter), /*splat=*/false);
  const std::vector<double> &importance = ranking.importance;
  int64_t points = getNumPoints(kForms), vectors = points * kInputs;
  ASSERT_EQ(int64_t(importance.size()), kPanels * vectors);
  double threshold = findThreshold(importance, 0.75);
  KeptSteps kept = countAbove(importance, vectors, threshold);
  // Some have the importance of what went before them.
  EXPECT_LE(kept.all, kPanels * vectors / 4);
  EXPECT_GT(kept.all, kPanels * vectors / 5);

  SparseWinogradPacking packing = makePacking(threshold, kept.most);
  SparsePanel panel =
      SparseWinogradPacking::Form{kForms, kColumns, threshold, kept.most}
          .getPanel(kInputs);
  int64_t words = panel.getWords();
  std::vector<float> packed(kPanels * words);
  ASSERT_TRUE(packing.pack(bytesOf(filter),
                           reinterpret_cast<char *>(packed.data()), 0, kPanels,
                           /*splat=*/false));
  auto dense = WinogradPacking::create(kForms, {kPanels, points, kInputs, kColumns},
                                       {kOutputs, kInputs, 3, 3});
  ASSERT_TRUE(bool(dense));
  double lost = 0, all = 0;
  for (int64_t p = 0; p < kPanels; ++p) {
    std::vector<float> whole(vectors * kColumns), left(vectors * kColumns);
    dense->packPanel(bytesOf(filter), whole.data(), p, /*splat=*/false);
    std::vector<uint32_t> lists(words);
    std::memcpy(lists.data(), packed.data() + p * words, words * 4);
    const uint32_t *begins = lists.data() + panel.getSectionsOffset(),
                   *channels = lists.data() + panel.getStepsOffset();
    int64_t place = 0;
    for (int64_t vector = 0; vector < vectors; ++vector) {
      if (importance[p * vectors + vector] <= threshold)
        continue;
      EXPECT_GE(place, begins[vector / kInputs]);
      EXPECT_LT(place, begins[vector / kInputs + 1]);
      EXPECT_EQ(channels[place], vector % kInputs);
      std::copy_n(packed.begin() + p * words + place * kColumns, kColumns,
                  left.begin() + vector * kColumns);
      ++place;
    }
    EXPECT_EQ(place, begins[points]);
    for (int64_t a = 0; a < vectors; ++a)
      for (int64_t column = 0; column < kColumns; ++column) {
        double change = 0, scale = 0;
        for (int64_t point = 0; point < points; ++point) {
          int64_t b = (point * kInputs + a % kInputs) * kColumns + column;
          double overlap = getOverlap(a / kInputs, point);
          change += overlap * (whole[b] - left[b]);
          scale += std::abs(overlap * whole[b]);
          lost += overlap * (whole[b] - left[b]) *
                  (whole[a * kColumns + column] - left[a * kColumns + column]);
          all += overlap * whole[b] * whole[a * kColumns + column];
        }
        // What stays took over as much as it can.
        if (importance[p * vectors + a] > threshold)
          EXPECT_NEAR(change, 0, 1e-5 * scale);
      }
  }
  double expectedLost = 0, expectedAll = 0;
  for (size_t i = 0; i < importance.size(); ++i) {
    expectedAll += ranking.losses[i];
    expectedLost += importance[i] <= threshold ? ranking.losses[i] : 0;
  }
  EXPECT_NEAR(lost, expectedLost, 1e-5 * all);
  EXPECT_NEAR(all, expectedAll, 1e-5 * all);
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, 0.9 * all);
}

TEST(SparseWinograd, LeavesOutZerosOnlyWithoutAThreshold) {
  std::vector<float> filter = drawFilter();
  // Input channel 2 of the first panel.
  for (int64_t o = 0; o < kColumns; ++o)
    std::fill_n(filter.begin() + (o * kInputs + 2) * 9, 9, 0.0f);
  std::vector<double> importance =
      makePacking(0, 0).rank(bytesOf(filter), /*splat=*/false, 0).importance;
  int64_t vectors = getNumPoints(kForms) * kInputs;
  KeptSteps kept = countAbove(importance, vectors, 0);
  EXPECT_EQ(kept.most, vectors);
  EXPECT_EQ(kept.all, kPanels * vectors - getNumPoints(kForms));
  EXPECT_EQ(findThreshold(importance, 0), 0);
}

TEST(SparseWinograd, SaysWhatIsWrong) {
  auto getError = [](std::vector<int64_t> shape, double threshold) {
    auto packing = SparseWinogradPacking::create(
        {kForms, kColumns, threshold, 8}, shape, {kOutputs, kInputs, 3, 3});
    EXPECT_FALSE(bool(packing));
    return packing ? "" : llvm::toString(packing.takeError());
  };
  EXPECT_EQ(getError({2, 1, 1}, 0),
            "packing: expected [panel, words] of a filter of two spatial dims, "
            "but got 3 dims of 4");
  EXPECT_EQ(getError({2, 64}, 0),
            "packing: expected 80 words a panel, but got 64");
  // No room.
  std::vector<float> filter = drawFilter();
  SparseWinogradPacking::Form form{kForms, kColumns, 0, 8};
  std::vector<char> packed(kPanels * form.getPanel(kInputs).getWords() * 4);
  EXPECT_FALSE(makePacking(0, 8).pack(bytesOf(filter), packed.data(), 0, 1,
                                      /*splat=*/false));
}

} // namespace
