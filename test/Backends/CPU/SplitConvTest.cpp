//===- SplitConvTest.cpp - f32 convolutions on bf16 tiles -----------------===//
//
// On any CPU: plain code stands for the tiles' instructions.
//
//===----------------------------------------------------------------------===//

#include "SplitConvCase.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace lambent::test;
using Case = SplitConvCase;

namespace {

/// What the epilogue makes of a sum.
float finish(const Case &c, const SplitConvData &data, const SplitConvSum &sum,
             float value) {
  if (c.epilogue == "none")
    return value;
  value = value + data.bias[sum.channel] + data.residual[sum.at];
  return c.epilogue == "heavy" ? std::tanh(value) : value;
}

/// Compares each result with that of the instructions, bit by bit where there
/// is no function in the epilogue.
void compare(KernelRunner &runner, const Case &c) {
  SplitConvData data(c, 1);
  std::vector<float> out = run(runner, c, data);
  int64_t wrong = 0;
  forEachSum(c, data, [&](const SplitConvSum &sum) {
    float want = finish(c, data, sum, addTiles(c, sum)), got = out[sum.at];
    bool isGood =
        c.epilogue == "heavy" ? std::abs(got - want) < 1e-6 : got == want;
    if (!isGood && ++wrong < 4)
      ADD_FAILURE() << "at " << sum.at << ": " << got << " for " << want;
  });
  EXPECT_EQ(wrong, 0) << runner.describe() << makeText(c);
}

void check(const Case &c, const std::string &cpu) {
  if (auto runner = compile(c, cpu))
    compare(*runner, c);
}

class SplitConv : public testing::TestWithParam<std::string> {};

/// Operands that are bf16 are multiplied as they are.
TEST_P(SplitConv, TakeBF16) {
  for (auto [ic, oc, width, taps, stride] :
       std::vector<std::array<int64_t, 5>>{{1, 1, 9, 1, 1},
                                           {31, 33, 7, 3, 1},
                                           {5, 33, 17, 3, 2},
                                           {33, 16, 14, 1, 1},
                                           {64, 65, 33, 3, 1},
                                           {70, 40, 9, 5, 3}}) {
    Case c{ic, oc, {6, width}, {taps, taps}};
    c.parts = 1;
    c.images = 2;
    c.gap = stride;
    c.strides = {stride, stride};
    c.padsBegin = c.padsEnd = {taps / 2, taps / 2};
    c.epilogue = oc == 33 ? "light" : "none";
    check(c, GetParam());
    c.isOpen = true;
    check(c, GetParam());
  }
  Case c{6, 20, {5, 6, 7}, {3, 2, 3}, {1, 2, 1}, {1, 1, 2}, {1, 0, 2}};
  c.padsEnd = {1, 1, 2};
  c.parts = 1;
  c.epilogue = "heavy";
  check(c, GetParam());
}

TEST_P(SplitConv, FollowStridesDilationsAndPads) {
  for (int64_t taps : {1, 3})
    for (int64_t stride : {1, 2, 3})
      for (int64_t dilation : {1, 2})
        for (int64_t pad : {0, 1}) {
          Case c{5, 33, {7, 17}, {taps, taps}};
          c.strides = {stride, stride};
          c.dilations = {dilation, dilation};
          c.padsBegin = c.padsEnd = {pad, pad};
          check(c, GetParam());
        }
}

TEST_P(SplitConv, CoverAllSizesOfRows) {
  // Narrow images run on from row to row.
  for (int64_t width : {1, 2, 5, 7, 14, 17, 31, 33}) {
    Case c{3, 20, {6, width}, {3, 3}};
    c.parts = 2 + width / 2 % 2;
    check(c, GetParam());
  }
}

TEST_P(SplitConv, CoverAllSizesOfChannels) {
  for (auto [ic, oc, parts] : std::vector<std::array<int64_t, 3>>{
           {1, 1, 2}, {31, 16, 3}, {32, 31, 2}, {33, 32, 3}, {64, 65, 2}}) {
    Case c{ic, oc, {4, 9}, {3, 3}};
    c.parts = parts;
    check(c, GetParam());
  }
}

TEST_P(SplitConv, TakeUnevenWindows) {
  Case c{6, 20, {9, 12}, {1, 7}};
  c.images = 2;
  c.strides = {2, 1};
  c.padsBegin = {0, 3};
  c.padsEnd = {1, 3};
  check(c, GetParam());
  c.taps = {5, 2};
  c.strides = {1, 3};
  c.dilations = {2, 1};
  c.padsBegin = {4, 0};
  c.padsEnd = {3, 1};
  check(c, GetParam());
  // A window larger than the image, and an image that is cut.
  c = {6, 20, {2, 2}, {5, 5}};
  c.padsBegin = c.padsEnd = {3, 3};
  check(c, GetParam());
  c = {6, 20, {9, 12}, {3, 3}};
  c.padsBegin = {-1, -2};
  c.padsEnd = {-2, 0};
  check(c, GetParam());
}

TEST_P(SplitConv, TakeOneAndThreeDims) {
  Case c{6, 18, {70}, {5}, {2}, {1}, {2}, {2}};
  check(c, GetParam());
  c.input = {1500};
  check(c, GetParam());
  c = {6, 20, {5, 6, 7}, {3, 2, 3}, {1, 2, 1}, {1, 1, 2}, {1, 0, 2}, {1, 1, 2}};
  c.images = 2;
  check(c, GetParam());
  // Dims of one element are none.
  c = {6,         18,        {1, 31, 1}, {1, 5, 1},
       {1, 2, 3}, {1, 1, 1}, {0, 2, 0},  {0, 2, 0}};
  check(c, GetParam());
  c = {6, 18, {1, 1}, {1, 1}, {2, 1}, {1, 1}, {0, 0}, {0, 0}};
  check(c, GetParam());
}

TEST_P(SplitConv, ApplyEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (int64_t width : {7, 17}) {
      Case c{20, 40, {6, width}, {3, 3}};
      c.images = 2;
      c.epilogue = epilogue;
      c.gap = 3;
      check(c, GetParam());
    }
}

TEST_P(SplitConv, SpanManyChunks) {
  Case c{40, 70, {40, 50}, {3, 3}};
  check(c, GetParam());
  c.strides = {2, 2};
  c.parts = 3;
  check(c, GetParam());
  check({200, 300, {7, 7}, {3, 3}}, GetParam());
}

TEST_P(SplitConv, TakeOpenSizes) {
  for (int64_t stride : {1, 2}) {
    Case c{20, 40, {9, 9}, {3, 3}};
    c.isOpen = true;
    c.strides = {stride, stride};
    c.epilogue = "light";
    auto runner = compile(c, GetParam());
    ASSERT_TRUE(runner);
    for (auto [n, h, w] : std::vector<std::array<int64_t, 3>>{{1, 9, 9},
                                                              {2, 1, 1},
                                                              {1, 40, 70},
                                                              {3, 5, 16},
                                                              {1, 3, 400},
                                                              {0, 4, 4}}) {
      c.images = n;
      c.input = {h, w};
      compare(*runner, c);
    }
  }
}

//===-- What has no sum of bf16 parts -------------------------------------===//

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Expects what multiply-adds give: the same bits of three parts of what reads
/// pixel `hazard`, nearly the same of others and of two parts.
void compareHazard(const Case &c, const SplitConvData &data, int64_t hazard,
                   const std::string &cpu) {
  auto runner = compile(c, cpu);
  ASSERT_TRUE(runner);
  std::vector<float> out = run(*runner, c, data);
  float value = data.input[hazard];
  int64_t wrong = 0, found = 0;
  float largest = 0;
  auto eachSum = [&](auto body) {
    forEachSum(c, data, [&](const SplitConvSum &sum) {
      body(sum, finish(c, data, sum, addVectors(sum)));
    });
  };
  eachSum([&](const SplitConvSum &, float want) {
    if (std::isfinite(want) && std::abs(want) < 1e30)
      largest = std::max(largest, std::abs(want));
  });
  eachSum([&](const SplitConvSum &sum, float want) {
    bool reads = false;
    for (const std::vector<float> &pixel : sum.input)
      for (float element : pixel)
        reads |= element == value || (std::isnan(value) && std::isnan(element));
    found += reads;
    float got = out[sum.at];
    bool isGood = std::abs(got - want) <= 3e-5 * largest;
    if (std::isnan(want))
      isGood = std::isnan(got);
    else if ((reads && c.parts == 3 && c.epilogue == "none") ||
             std::isinf(want))
      isGood = got == want;
    else if (std::abs(want) >= 1e30)
      isGood = std::abs(got - want) <= 1e-4 * std::abs(want);
    if (!isGood && ++wrong < 4)
      ADD_FAILURE() << "at " << sum.at << ": " << got << " for " << want;
  });
  EXPECT_EQ(wrong, 0) << value << makeText(c);
  EXPECT_GT(found, 0);
}

TEST_P(SplitConv, GiveWhatVectorsGive) {
  // The last two: what rounds up to infinity as a bf16, and the largest of all.
  for (float value : {kInfinity, -kInfinity, std::nanf(""), 3.395e38f,
                      std::numeric_limits<float>::max()})
    for (auto [width, parts] :
         std::vector<std::pair<int64_t, int64_t>>{{7, 3}, {33, 2}}) {
      Case c{35, 40, {5, width}, {3, 3}};
      c.parts = parts;
      c.strides = {width == 7 ? 1 : 2, 1};
      SplitConvData data(c, 3);
      int64_t hazard = (3 * width + width - 1) * 35 + (parts == 2 ? 34 : 3);
      data.input[hazard] = value;
      compareHazard(c, data, hazard, GetParam());
    }
}

TEST_P(SplitConv, KeepTinyPixels) {
  for (auto [scale, parts] :
       std::vector<std::pair<int, int64_t>>{{-101, 2}, {-115, 3}, {-130, 2}}) {
    Case c{35, 40, {5, 17}, {3, 3}};
    c.parts = parts;
    SplitConvData data(c, 4);
    for (float &element : data.input)
      element = std::ldexp(std::clamp(element, -1.f, 1.f), scale);
    compareHazard(c, data, 0, GetParam());
  }
}

TEST_P(SplitConv, ApplyEpiloguesToVectors) {
  for (std::string epilogue : {"light", "heavy"})
    for (bool isOpen : {false, true}) {
      Case c{35, 40, {5, 17}, {3, 3}};
      c.parts = 3;
      c.epilogue = epilogue;
      c.isOpen = isOpen;
      c.gap = 5;
      SplitConvData data(c, 6);
      data.input[7] = kInfinity;
      compareHazard(c, data, 7, GetParam());
    }
}

TEST_P(SplitConv, TakeTilesInsideTheRange) {
  Case c{35, 40, {5, 17}, {3, 3}};
  SplitConvData data(c, 5);
  // Pixels of zeros are no hazard, nor are tiny numbers beside others.
  std::fill_n(data.input.begin() + 3 * 35, 35, 0.0f);
  data.input[9 * 35 + 2] = 1e-38f;
  data.input[11 * 35 + 3] = 1e30f;
  for (int64_t most : {110, 90}) {
    c.mostExponent = most;
    auto runner = compile(c, GetParam());
    ASSERT_TRUE(runner);
    std::vector<float> out = run(*runner, c, data);
    int64_t others = 0;
    forEachSum(c, data, [&](const SplitConvSum &sum) {
      others += out[sum.at] != addTiles(c, sum);
    });
    // The bounds are those of the algorithm.
    EXPECT_EQ(others > 0, most == 90);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, SplitConv,
                         testing::Values("x86-64-v3:graniterapids", "native"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
