//===- SplitTilesHazardTest.cpp - What has no sum of bf16 parts -----------===//
//
// Rows with such numbers are multiplied in f32, with all others of their chunk.
//
//===----------------------------------------------------------------------===//

#include "SplitTilesCase.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace lambent;
using namespace lambent::test;
using Case = SplitTilesCase;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

class SplitTilesHazard : public testing::TestWithParam<std::string> {};

/// The product in f32, one multiply-add after the other.
float multiply(const Case &c, const SplitTilesData &data, int64_t i,
               int64_t j) {
  float sum = 0;
  for (int64_t k = 0; k < c.k; ++k)
    sum = std::fma(getLhs(c, data, 0, i, k), getRhs(c, data, 0, k, j), sum);
  return sum;
}

/// Expects what f32 gives: the same bits of three parts in these rows, nearly
/// the same in others and of two parts.
void compare(const Case &c, const SplitTilesData &data,
             const std::vector<int64_t> &hazards, const std::string &cpu) {
  std::vector<float> out = runSplitTiles(c, data, cpu);
  for (int64_t i = 0; i < c.m; ++i) {
    float largest = 0;
    for (int64_t j = 0; j < c.n; ++j)
      if (float want = multiply(c, data, i, j); std::isfinite(want))
        largest = std::max(largest, std::abs(want));
    bool isExact = c.parts == 3 && std::find(hazards.begin(), hazards.end(),
                                             i) != hazards.end();
    for (int64_t j = 0; j < c.n; ++j) {
      float want = multiply(c, data, i, j), got = out[i * c.n + j];
      if (std::isnan(want))
        ASSERT_TRUE(std::isnan(got)) << i << ", " << j << ": " << got;
      else if (isExact || std::isinf(want))
        ASSERT_EQ(got, want) << i << ", " << j;
      else
        ASSERT_NEAR(got, want, 3e-5 * largest) << i << ", " << j;
    }
  }
}

/// In chunks of their own: at the beginning, in the middle and at the end.
const std::vector<int64_t> rows{0, 40, 95, 100, 164};

TEST_P(SplitTilesHazard, GivesWhatVectorsGive) {
  // The last two: what rounds up to infinity as a bf16, and the largest of all.
  const float values[] = {kInfinity, -kInfinity, kNaN, 3.395e38f,
                          std::numeric_limits<float>::max()};
  for (int64_t parts : {2, 3}) {
    Case c{165, 50, 45, parts};
    SplitTilesData data(c, 3);
    for (size_t i = 0; i < rows.size(); ++i)
      data.lhs[rows[i] * c.k + (i % 2 ? 44 : 3)] = values[i];
    compare(c, data, rows, GetParam());
  }
}

TEST_P(SplitTilesHazard, KeepsTinyRows) {
  const int scales[] = {-101, -110, -120, -130, -140};
  for (int64_t parts : {2, 3}) {
    Case c{165, 50, 45, parts};
    SplitTilesData data(c, 4);
    for (size_t i = 0; i < rows.size(); ++i)
      for (int64_t k = 0; k < c.k; ++k)
        data.lhs[rows[i] * c.k + k] = std::ldexp(
            std::clamp(data.lhs[rows[i] * c.k + k], -1.f, 1.f), scales[i]);
    compare(c, data, rows, GetParam());
  }
}

TEST_P(SplitTilesHazard, TakesTilesInsideTheRange) {
  Case c{37, 50, 45};
  SplitTilesData data(c, 5);
  // Rows of zeros are no hazard, nor are tiny numbers beside others.
  for (int64_t k = 0; k < c.k; ++k)
    data.lhs[7 * c.k + k] = 0;
  data.lhs[9 * c.k + 2] = 1e-38f;
  data.lhs[11 * c.k + 3] = 1e30f;
  std::vector<float> out = runSplitTiles(c, data, GetParam());
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < c.n; ++j)
      ASSERT_EQ(out[i * c.n + j], sumTiles(c, data, 0, i, j)) << i << ", " << j;
  // The bounds are those of the algorithm.
  c.mostExponent = 90;
  out = runSplitTiles(c, data, GetParam());
  bool isOther = false;
  for (int64_t j = 0; j < c.n; ++j)
    isOther |= out[j] != sumTiles(c, data, 0, 0, j);
  EXPECT_TRUE(isOther);
}

TEST_P(SplitTilesHazard, AppliesEpiloguesToVectors) {
  for (std::string epilogue : {"light", "heavy"})
    for (bool isOpen : {false, true}) {
      Case c{37, 50, 45, 3};
      c.epilogue = epilogue;
      c.isOpen = isOpen;
      c.batch = 2;
      c.gap = 3;
      SplitTilesData data(c, 6);
      data.lhs[5] = kInfinity;
      std::vector<float> out = runSplitTiles(c, data, GetParam());
      for (int64_t i = 0; i < c.m; ++i)
        for (int64_t j = 0; j < c.n; ++j) {
          float want = multiply(c, data, i, j) + data.bias[j];
          want += data.residual[i * c.n + j];
          if (epilogue == "heavy")
            want = std::tanh(want);
          ASSERT_TRUE(out[i * c.n + j] == want ||
                      std::abs(out[i * c.n + j] - want) < 1e-5)
              << i << ", " << j;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, SplitTilesHazard,
                         testing::Values("x86-64-v3:graniterapids", "native"),
                         [](const auto &info) { return nameCPU(info.param); });

TEST(SplitFloat, GivesBackEveryBit) {
  for (float value : {1.0f, -1.0f / 3, 3.14159274f, 1e-30f, 1.17549435e-38f,
                      2.9e38f, 0.0f, 1.99999988f}) {
    uint16_t parts[3];
    kernels::splitFloat(value, parts, 3);
    float sum = 0;
    for (int part = 2; part >= 0; --part) {
      uint32_t bits = uint32_t(parts[part]) << 16;
      float number;
      memcpy(&number, &bits, sizeof(number));
      sum += number;
    }
    EXPECT_EQ(sum, value);
  }
}

TEST(SplitFloat, LeavesNothingBehindWhatIsNotFinite) {
  for (auto [value, first] : std::vector<std::pair<float, uint16_t>>{
           {kInfinity, 0x7f80}, {-kInfinity, 0xff80}, {3.4e38f, 0x7f80}}) {
    uint16_t parts[2];
    kernels::splitFloat(value, parts, 2);
    EXPECT_EQ(parts[0], first);
    EXPECT_EQ(parts[1], 0);
  }
  uint16_t part;
  kernels::splitFloat(kNaN, &part, 1);
  EXPECT_GT(part & 0x7fff, 0x7f80);
}

} // namespace
