//===- PatchMomentsTest.cpp - Sums over the patches under filters ---------===//

#include "lambent/Quantization/PatchMoments.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace lambent::quantization;

namespace {

std::string take(llvm::Error error) {
  return error ? toString(std::move(error)) : "";
}

FilterWindow makeWindow(int64_t kernel, int64_t stride, int64_t pad,
                        int64_t groups) {
  return {{kernel, kernel},
          {stride, stride},
          {1, 1},
          {pad, pad},
          {pad, pad},
          FilterWindow::AutoPad::None,
          groups};
}

/// Patches of an image of 2 channels of 3 x 4 numbers, those that are i + 1.
class Patches : public testing::Test {
protected:
  Patches() : elements(24) {
    for (size_t i = 0; i < elements.size(); ++i)
      elements[i] = float(i + 1);
  }
  float get(int64_t c, int64_t y, int64_t x) const {
    bool isInside = y >= 0 && y < 3 && x >= 0 && x < 4;
    return isInside ? elements[size_t((c * 3 + y) * 4 + x)] : 0;
  }
  std::vector<float> elements;
  TensorView view() const { return {"x", dims, elements}; }
  const int64_t dims[4] = {1, 2, 3, 4};
};

TEST_F(Patches, AreWhatFiltersLieOn) {
  PatchMoments moments(makeWindow(2, 2, 1, 1));
  ASSERT_EQ(take(moments.see(view())), "");
  const MomentMatrix *matrix = moments.find(0);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->size, 8);
  EXPECT_EQ(matrix->vectors, 6); // 2 rows of 3 places
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 8; ++j) {
      auto at = [&](int64_t k, int64_t y, int64_t x) {
        return get(k / 4, 2 * y - 1 + k / 2 % 2, 2 * x - 1 + k % 2);
      };
      float expected = 0;
      for (int64_t y = 0; y < 2; ++y)
        for (int64_t x = 0; x < 3; ++x)
          expected += at(i, y, x) * at(j, y, x);
      EXPECT_EQ(matrix->get(i, j), expected) << i << " " << j;
    }
}

TEST_F(Patches, OfEachGroupAreApart) {
  PatchMoments moments(makeWindow(1, 1, 0, 2));
  ASSERT_EQ(take(moments.see(view())), "");
  float first = 0, second = 0;
  for (int i = 1; i <= 12; ++i) {
    first += float(i * i);
    second += float((i + 12) * (i + 12));
  }
  EXPECT_EQ(moments.find(0)->get(0, 0), first);
  EXPECT_EQ(moments.find(1)->get(0, 0), second);
}

/// 3 rows in steps of 2 give 2, which two taps need one row of padding for:
/// behind the last row or in front of the first one.
TEST_F(Patches, PadAsTheyAreAsked) {
  for (auto pad :
       {FilterWindow::AutoPad::SameUpper, FilterWindow::AutoPad::SameLower}) {
    FilterWindow window = {{2, 1}, {2, 4}, {1, 1}, {0, 0}, {0, 0}, pad, 1};
    PatchMoments moments(window);
    ASSERT_EQ(take(moments.see(view())), "");
    bool isUpper = pad == FilterWindow::AutoPad::SameUpper;
    EXPECT_EQ(moments.find(0)->vectors, 2);
    EXPECT_EQ(moments.find(0)->get(0, 1), isUpper
                                              ? get(0, 0, 0) * get(0, 1, 0)
                                              : get(0, 1, 0) * get(0, 2, 0));
  }
}

/// Of more places than are looked at, some.
TEST_F(Patches, AreSpreadOverLargeInputs) {
  std::vector<float> ones(200 * 100, 1.0f);
  PatchMoments moments(makeWindow(1, 1, 0, 1));
  ASSERT_EQ(take(moments.see({"x", {1, 1, 200, 100}, ones})), "");
  EXPECT_EQ(moments.find(0)->vectors, 4096);
}

TEST_F(Patches, RefuseWhatDoesNotFit) {
  PatchMoments moments(makeWindow(1, 1, 0, 4));
  EXPECT_FALSE(moments.find(0));
  EXPECT_EQ(take(moments.see(view())),
            "tensor 'x': expected 4 dims and a multiple of 4 channels, as the "
            "filter has");
  PatchMoments others(makeWindow(1, 1, 0, 1));
  elements[5] = NAN;
  EXPECT_EQ(
      take(others.see(view())),
      "tensor 'x' holds NaN at [0, 0, 1, 1]: fitting weights to samples needs "
      "finite numbers");
  EXPECT_EQ(take(others.see({"x", {0, 2, 3, 4}, {}})), "");
  elements[5] = 0;
  // A filter that is larger than the input lies nowhere.
  PatchMoments large(makeWindow(5, 1, 0, 1));
  EXPECT_EQ(take(large.see(view())), "");
  EXPECT_FALSE(large.find(0));
}

} // namespace
