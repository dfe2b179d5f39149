//===- SecondMomentsTest.cpp - Sums of products of columns ----------------===//

#include "lambent/Quantization/SecondMoments.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace lambent::quantization;

namespace {

std::string take(llvm::Error error) {
  return error ? toString(std::move(error)) : "";
}

/// Sizes beside tiles, and more vectors than one chunk.
TEST(SecondMoments, AreSumsOfProducts) {
  for (int64_t size : {1, 7, 8, 21}) {
    std::vector<float> elements(size_t(2 * 75 * size));
    for (size_t i = 0; i < elements.size(); ++i)
      elements[i] = float(int(i * 37 % 11) - 5);
    SecondMoments moments;
    for (int i = 0; i < 2; ++i)
      ASSERT_EQ(take(moments.see({"x", {2, 75, size}, elements})), "");
    const MomentMatrix *matrix = moments.find("x");
    ASSERT_TRUE(matrix);
    EXPECT_EQ(matrix->size, size);
    EXPECT_EQ(matrix->vectors, 300);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        float expected = 0;
        for (int64_t t = 0; t < 150; ++t)
          expected += 2 * elements[size_t(t * size + i)] *
                      elements[size_t(t * size + j)];
        EXPECT_EQ(matrix->get(i, j), expected) << size << " " << i << " " << j;
      }
  }
}

TEST(SecondMoments, HaveGapsToWhatWasWanted) {
  for (int64_t size : {3, 8, 13}) {
    std::vector<float> elements(size_t(150 * size)), wanted(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) {
      elements[i] = float(int(i * 37 % 11) - 5);
      wanted[i] = float(int(i * 23 % 7) - 3);
    }
    SecondMoments moments;
    ASSERT_EQ(take(moments.see({"x", {150, size}, elements}, wanted)), "");
    const MomentMatrix *matrix = moments.find("x");
    ASSERT_TRUE(matrix);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        float sum = 0, gap = 0;
        for (int64_t t = 0; t < 150; ++t) {
          float met = elements[size_t(t * size + j)];
          sum += elements[size_t(t * size + i)] * met;
          gap += elements[size_t(t * size + i)] *
                 (wanted[size_t(t * size + j)] - met);
        }
        EXPECT_EQ(matrix->get(i, j), sum) << size << " " << i << " " << j;
        EXPECT_EQ(matrix->getGaps(i)[size_t(j)], gap)
            << size << " " << i << " " << j;
      }
  }
}

TEST(SecondMoments, RefusesWhatDoesNotFit) {
  SecondMoments moments;
  float elements[] = {1, 2, 3, INFINITY};
  EXPECT_EQ(take(moments.see({"x", {2, 2}, elements})),
            "tensor 'x' holds Inf: rounding by samples needs finite numbers");
  EXPECT_EQ(take(moments.see({"x", {1, 3}, llvm::ArrayRef(elements, 3)})), "");
  EXPECT_EQ(take(moments.see({"x", {1, 2}, llvm::ArrayRef(elements, 2)})),
            "tensor 'x': expected a last dim of 3, as in a sample before, but "
            "got 2");
  EXPECT_EQ(take(moments.see({"x", {1, 3}, llvm::ArrayRef(elements, 3)},
                             llvm::ArrayRef(elements, 2))),
            "tensor 'x' has 3 elements, but 2 before weights were rounded");
  EXPECT_EQ(take(moments.see({"empty", {0, 2}, {}})), "");
  EXPECT_FALSE(moments.find("empty"));
}

} // namespace
