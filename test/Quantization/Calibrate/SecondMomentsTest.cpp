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

/// What f32 has no square of has moments of the same ratios; sums before are
/// brought to the larger exponent.
TEST(SecondMoments, HaveAnExponent) {
  float elements[] = {1, 2, 3, 4};
  for (int power : {-100, -40, 0, 40, 100}) {
    float scaled[4];
    for (int i = 0; i < 4; ++i)
      scaled[i] = std::ldexp(elements[i], power);
    SecondMoments moments;
    ASSERT_EQ(take(moments.see({"x", {2, 2}, scaled})), "");
    const MomentMatrix *matrix = moments.find("x");
    EXPECT_EQ(matrix->get(1, 0) / matrix->get(0, 0), 1.4f) << power;
    EXPECT_EQ(matrix->get(1, 1) / matrix->get(0, 0), 2.0f) << power;
    float sum = matrix->get(0, 0);
    EXPECT_EQ(std::ldexp(double(sum), 2 * (*matrix->exponent - power)), 10);
  }
  SecondMoments moments;
  float zeros[] = {0, 0}, small[] = {1, 2}, large[] = {std::ldexp(1.0f, 32), 0};
  ASSERT_EQ(take(moments.see({"x", {1, 2}, zeros})), "");
  EXPECT_FALSE(moments.find("x")->exponent);
  ASSERT_EQ(take(moments.see({"x", {1, 2}, small})), "");
  EXPECT_EQ(moments.find("x")->exponent, 0);
  ASSERT_EQ(take(moments.see({"x", {1, 2}, large})), "");
  EXPECT_EQ(moments.find("x")->exponent, 2);
  EXPECT_EQ(moments.find("x")->get(1, 1), 4.0f / 16);
}

TEST(SecondMoments, AddUp) {
  SecondMoments first, second;
  float small[] = {1, 2}, large[] = {0, std::ldexp(1.0f, 31)};
  ASSERT_EQ(take(first.see({"x", {1, 2}, small})), "");
  ASSERT_EQ(take(second.see({"y", {1, 2}, large}, small)), "");
  MomentMatrix sum = *first.find("x");
  sum.add(*second.find("y"));
  EXPECT_EQ(sum.vectors, 2);
  EXPECT_EQ(sum.exponent, 1);
  EXPECT_EQ(sum.get(0, 0), 1.0f / 4);
  EXPECT_EQ(sum.get(1, 1), std::ldexp(1.0f, 60) + 1.0f);
  EXPECT_EQ(sum.getGaps(1)[0], std::ldexp(1.0f, 29));
}

TEST(SecondMoments, RefusesWhatDoesNotFit) {
  SecondMoments moments;
  float elements[] = {1, 2, 3, INFINITY};
  EXPECT_EQ(
      take(moments.see({"x", {2, 2}, elements})),
      "tensor 'x' holds Inf at [1, 1]: fitting weights to samples needs finite "
      "numbers");
  EXPECT_EQ(take(moments.see({"x", {1, 3}, llvm::ArrayRef(elements, 3)})), "");
  EXPECT_EQ(take(moments.see({"x", {1, 2}, llvm::ArrayRef(elements, 2)})),
            "tensor 'x': expected a last dim of 3, as in a sample before, but "
            "got 2");
  EXPECT_EQ(take(moments.see({"x", {1, 3}, llvm::ArrayRef(elements, 3)},
                             llvm::ArrayRef(elements, 2))),
            "tensor 'x' has 3 elements, but 2 before weights were changed");
  EXPECT_EQ(take(moments.see({"empty", {0, 2}, {}})), "");
  EXPECT_FALSE(moments.find("empty"));
}

} // namespace
