//===- TensorStatisticsTest.cpp - Histograms that grow, and channels ------===//

#include "Quantization/Calibrate/TensorStatistics.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;

namespace {

/// Elements of sizes that differ from one part to the next.
std::vector<float> makePart(int part, size_t count) {
  uint64_t state = uint64_t(part) + 1;
  std::vector<float> elements(count);
  for (float &element : elements) {
    state = state * 6364136223846793005 + 1442695040888963407;
    double share = double(state >> 40) / (1 << 24) - 0.25;
    element = float(share * std::pow(7.0, part) * 1e-3);
  }
  return elements;
}

TensorProfile describe(llvm::ArrayRef<float> elements, int64_t axis = 0) {
  return describeTensor({int64_t(elements.size())}, elements, axis);
}

void expectAlike(const Histogram &a, const Histogram &b) {
  EXPECT_EQ(a.lowest, b.lowest);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.counts, b.counts);
}

TEST(Histogram, CountsLikeALoop) {
  std::vector<float> elements = makePart(3, 5000);
  elements.push_back(0);
  elements.push_back(-0.0f);
  TensorProfile tensor = describe(elements);
  const Histogram &histogram = tensor.histogram;
  EXPECT_LE(histogram.counts.size(), Histogram::mostBins);
  EXPECT_GT(histogram.counts.size(), Histogram::mostBins / 2);
  std::vector<uint64_t> counts(histogram.counts.size());
  for (float element : elements)
    ++counts[size_t(
        std::floor((double(element) - histogram.lowest) / histogram.width))];
  EXPECT_EQ(histogram.counts, counts);
  EXPECT_NE(counts.front(), 0u);
  EXPECT_NE(counts.back(), 0u);
  // Zero is an edge.
  EXPECT_EQ(std::fmod(histogram.lowest, histogram.width), 0);
}

TEST(Histogram, DoesNotDependOnOrder) {
  std::vector<std::vector<float>> parts;
  std::vector<float> all;
  for (int part = 0; part < 6; ++part) {
    parts.push_back(makePart(part, 1000));
    all.insert(all.end(), parts.back().begin(), parts.back().end());
  }
  TensorProfile whole = describe(all);
  std::vector<int> order = {0, 1, 2, 3, 4, 5};
  do {
    TensorProfile merged;
    for (int part : order)
      mergeTensor(merged, describe(parts[size_t(part)]));
    expectAlike(merged.histogram, whole.histogram);
    EXPECT_EQ(merged.least, whole.least);
    EXPECT_EQ(merged.most, whole.most);
    EXPECT_EQ(merged.elements, whole.elements);
    EXPECT_NEAR(merged.sum, whole.sum, 1e-9 * std::fabs(whole.sum));
    EXPECT_NEAR(merged.sumOfSquares, whole.sumOfSquares,
                1e-9 * whole.sumOfSquares);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Histogram, HoldsExtremes) {
  float most = 3.4028234663852886e38f, least = 1e-45f;
  std::vector<float> elements = {most, -most, least, -least, 0};
  TensorProfile tensor = describe(elements);
  EXPECT_LE(tensor.histogram.counts.size(), Histogram::mostBins);
  EXPECT_EQ(tensor.histogram.counts.front(), 1u);
  EXPECT_EQ(tensor.histogram.counts.back(), 1u);
  // What is just below 0 is not counted above it.
  size_t zero = size_t(-tensor.histogram.lowest / tensor.histogram.width);
  EXPECT_EQ(tensor.histogram.counts[zero - 1], 1u);
  EXPECT_EQ(tensor.histogram.counts[zero], 2u);
}

TEST(Histogram, OfOneValueGrows) {
  std::vector<float> zeros(7), others = {0, 1};
  TensorProfile tensor = describe(zeros);
  EXPECT_EQ(tensor.histogram.counts, std::vector<uint64_t>{7});
  mergeTensor(tensor, describe(others));
  expectAlike(tensor.histogram,
              describe({0, 0, 0, 0, 0, 0, 0, 0, 1}).histogram);
  std::vector<float> far = {1e6f, std::nextafter(1e6f, 2e6f)};
  EXPECT_LE(describe(far).histogram.counts.size(), 2u);
}

TEST(Channels, AlongAxes) {
  // 2 x 3 x 2
  std::vector<float> elements = {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
  TensorProfile second = describeTensor({2, 3, 2}, elements, 1);
  ASSERT_EQ(second.channels.size(), 3u);
  EXPECT_EQ(second.channels[1].least, -4);
  EXPECT_EQ(second.channels[1].most, 4);
  EXPECT_EQ(second.channels[1].sum, 0);
  EXPECT_EQ(second.channels[2].least, -6);
  TensorProfile last = describeTensor({2, 3, 2}, elements, -1);
  ASSERT_EQ(last.channels.size(), 2u);
  EXPECT_EQ(last.channels[0].least, -5);
  EXPECT_EQ(last.channels[0].most, 5);
  EXPECT_EQ(last.channels[1].least, -6);
  EXPECT_EQ(last.channelAxis, -1);
  EXPECT_TRUE(describeTensor({2, 3, 2}, elements, 0).channels.empty());
  // A vector has no axis 1, a scalar none at all.
  EXPECT_TRUE(describe(elements, 1).channels.empty());
  EXPECT_TRUE(describeTensor({}, {1.f}, -1).channels.empty());
}

TEST(Channels, GoWhereTheirNumberChanges) {
  std::vector<float> elements = {1, 2, 3, 4, 5, 6};
  TensorProfile tensor = describeTensor({2, 3}, elements, -1);
  mergeTensor(tensor, describeTensor({2, 3}, elements, -1));
  ASSERT_EQ(tensor.channels.size(), 3u);
  EXPECT_EQ(tensor.channels[0].sum, 10);
  mergeTensor(tensor, describeTensor({3, 2}, elements, -1));
  EXPECT_TRUE(tensor.channels.empty());
  mergeTensor(tensor, describeTensor({2, 3}, elements, -1));
  EXPECT_TRUE(tensor.channels.empty());
  EXPECT_EQ(tensor.elements, 24u);
}

} // namespace
