//===- SplitTilesTest.cpp - f32 products on bf16 tiles --------------------===//
//
// On any CPU: plain code stands for the tiles' instructions.
//
//===----------------------------------------------------------------------===//

#include "SplitConvCase.h"
#include "SplitTilesCase.h"
#include "gtest/gtest.h"
#include <cmath>
#include <tuple>

using namespace lambent::test;
using Case = SplitTilesCase;

namespace {

/// Compares each result with that of the instructions, bit by bit where there
/// is no function in the epilogue.
void check(const Case &c, const std::string &cpu) {
  SCOPED_TRACE(makeText(c));
  SplitTilesData data(c, 1);
  std::vector<float> out = runSplitTiles(c, data, cpu);
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t i = 0; i < c.m; ++i)
      for (int64_t j = 0; j < c.n; ++j) {
        int64_t at = (b * c.m + i) * c.n + j;
        float want = sumTiles(c, data, b, i, j);
        if (c.epilogue != "none")
          want = want + data.bias[j] + data.residual[at];
        if (c.epilogue == "heavy")
          ASSERT_NEAR(out[at], std::tanh(want), 1e-6)
              << b << ", " << i << ", " << j;
        else
          ASSERT_EQ(out[at], want) << b << ", " << i << ", " << j;
      }
}

class SplitTiles : public testing::TestWithParam<std::string> {};

/// Operands that are bf16 are multiplied as they are.
TEST_P(SplitTiles, TakeBF16) {
  for (auto [m, n, k] :
       std::vector<std::tuple<int64_t, int64_t, int64_t>>{{1, 47, 31},
                                                          {15, 32, 33},
                                                          {17, 1, 100},
                                                          {32, 48, 1},
                                                          {49, 33, 45},
                                                          {70, 31, 96},
                                                          {300, 200, 96},
                                                          {64, 64, 2000}})
    check({m, n, k, 1}, GetParam());
  for (std::string epilogue : {"light", "heavy"})
    for (bool isOpen : {false, true}) {
      Case c{49, 40, 37, 1};
      c.batch = 3;
      c.batchedRhs = !isOpen;
      c.gap = 5;
      c.isOpen = isOpen;
      c.epilogue = epilogue;
      check(c, GetParam());
    }
}

TEST_P(SplitTiles, CoverAllSizes) {
  for (auto [m, n, k, parts] :
       std::vector<std::tuple<int64_t, int64_t, int64_t, int64_t>>{
           {1, 47, 31, 2},
           {15, 32, 33, 3},
           {17, 1, 100, 2},
           {32, 48, 1, 3},
           {33, 80, 64, 2},
           {49, 33, 45, 3},
           {64, 17, 32, 2},
           {70, 31, 96, 2}})
    check({m, n, k, parts}, GetParam());
}

TEST_P(SplitTiles, ApplyEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (auto [m, n] :
         std::vector<std::pair<int64_t, int64_t>>{{20, 40}, {49, 64}}) {
      Case c{m, n, 40};
      c.epilogue = epilogue;
      check(c, GetParam());
    }
}

TEST_P(SplitTiles, FollowBatchesAndStrides) {
  for (bool batchedRhs : {false, true})
    for (int64_t gap : {0, 5}) {
      Case c{18, 40, 37};
      c.batch = 3;
      c.batchedRhs = batchedRhs;
      c.gap = gap;
      check(c, GetParam());
    }
}

TEST_P(SplitTiles, TakeOpenRows) {
  for (int64_t m : {1, 16, 17, 33, 300}) {
    Case c{m, 33, 40};
    c.isOpen = true;
    c.gap = m % 2 * 3;
    c.epilogue = "light";
    check(c, GetParam());
  }
}

TEST_P(SplitTiles, SpanManyChunks) {
  check({300, 200, 96}, GetParam());
  check({128, 256, 300, 3}, GetParam());
}

/// rms of what is off, as a part of the outputs' deviation.
double getError(const Case &c, const SplitTilesData &data,
                const std::vector<float> &out) {
  double error = 0, all = 0;
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < c.n; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < c.k; ++k)
        sum += double(getLhs(c, data, 0, i, k)) * getRhs(c, data, 0, k, j);
      error += std::pow(out[i * c.n + j] - sum, 2);
      all += sum * sum;
    }
  return std::sqrt(error / all);
}

TEST_P(SplitTiles, ErrLittle) {
  Case c{64, 64, 768};
  SplitTilesData data(c, 2);
  std::vector<float> fused(c.m * c.n);
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < c.n; ++j)
      for (int64_t k = 0; k < c.k; ++k)
        fused[i * c.n + j] =
            std::fma(getLhs(c, data, 0, i, k), getRhs(c, data, 0, k, j),
                     fused[i * c.n + j]);
  double byVectors = getError(c, data, fused);
  double byThree = getError(c, data, runSplitTiles(c, data, GetParam()));
  c.parts = 3;
  double bySix = getError(c, data, runSplitTiles(c, data, GetParam()));
  EXPECT_LT(byThree, 6e-6);
  EXPECT_GT(byThree, byVectors);
  EXPECT_LT(bySix, byVectors);
}

INSTANTIATE_TEST_SUITE_P(Levels, SplitTiles,
                         testing::Values("x86-64-v3:graniterapids", "native"),
                         [](const auto &info) { return nameCPU(info.param); });

//===-- The code for CPUs that have them ----------------------------------===//

int64_t count(const std::string &text, const std::string &word) {
  int64_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + word.size()))
    ++count;
  return count;
}

std::string emit(const Case &c) {
  std::string error;
  std::string text =
      emitKernelText(makeText(c, false), "graniterapids", true, error);
  EXPECT_FALSE(text.empty()) << error;
  return text;
}

/// From the label behind which the last loop before `at` begins to its jump.
std::string getLoopAround(const std::string &text, size_t at) {
  size_t begin = text.rfind("\n.LBB", at), end = text.find("\n\tj", at);
  return text.substr(begin, end - begin);
}

TEST(SplitTilesCode, KeepsSumsInTiles) {
  std::string text = emit({128, 768, 768});
  std::string loop = getLoopAround(text, text.find("tdpbf16ps"));
  // Of two tiles by two, three products; what is loaded is used for two parts
  // where it can be.
  EXPECT_EQ(count(loop, "\ttdpbf16ps\t"), 12) << loop;
  EXPECT_EQ(count(loop, "\ttileloadd\t"), 4) << loop;
  EXPECT_EQ(count(loop, "\ttileloaddt1\t"), 4) << loop;
  EXPECT_EQ(count(loop, "(%rsp)"), 0) << loop;
  // One block's code for the first steps that a panel's pairs take, one for
  // those between and one for the last, configured once.
  EXPECT_EQ(count(text, "\ttdpbf16ps\t"), 36);
  EXPECT_EQ(count(text, "\ttilestored\t"), 12);
  EXPECT_EQ(count(text, "\tldtilecfg\t"), 1);
  EXPECT_EQ(count(text, "\ttilerelease"), 1);
  EXPECT_LT(text.find("\tldtilecfg\t"), text.find("\n.LBB"));
  EXPECT_EQ(text.find("__tile"), std::string::npos);
}

TEST(SplitTilesCode, MultipliesBF16Once) {
  std::string text = emit({128, 768, 768, 1});
  std::string loop = getLoopAround(text, text.find("tdpbf16ps"));
  EXPECT_EQ(count(loop, "\ttdpbf16ps\t"), 4) << loop;
  EXPECT_EQ(count(loop, "\ttileloadd\t"), 2) << loop;
  EXPECT_EQ(count(loop, "\ttileloaddt1\t"), 2) << loop;
  EXPECT_EQ(count(loop, "(%rsp)"), 0) << loop;
  EXPECT_EQ(count(text, "\tldtilecfg\t"), 1);
}

TEST(SplitTilesCode, MultipliesBytesOnce) {
  std::string error,
      text =
          emitKernelText("func.func @main(%a: memref<128x768xi8>, %c: "
                         "memref<128x768xi32>) {\n  %w = lir.weight dense<3> : "
                         "tensor<768x768xi8> : memref<768x768xi8>\n  "
                         "lir.matmul ins(%a, %w : memref<128x768xi8>, "
                         "memref<768x768xi8>) outs(%c : memref<128x768xi32>) "
                         "domain [128, 768, 768] maps [affine_map<(m, n, k) -> "
                         "(m, k)>, affine_map<(m, n, k) -> (k, n)>, "
                         "affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {\n"
                         "  ^bb0(%x: i32):\n    lir.yield %x : i32\n  }\n  "
                         "return\n}\n",
                         "sapphirerapids", true, error);
  ASSERT_FALSE(text.empty()) << error;
  std::string loop = getLoopAround(text, text.find("tdpbusd"));
  EXPECT_EQ(count(loop, "\ttdpbusd\t"), 4) << loop;
  EXPECT_EQ(count(loop, "\ttileloadd\t"), 2) << loop;
  EXPECT_EQ(count(loop, "\ttileloaddt1\t"), 2) << loop;
  EXPECT_EQ(count(loop, "(%rsp)"), 0) << loop;
  EXPECT_EQ(count(text, "\tldtilecfg\t"), 1);
  EXPECT_EQ(count(text, "\ttilerelease"), 1);
}

TEST(SplitTilesCode, HasABlockForWhatIsLeft) {
  // 49 rows are four tiles of 13, 33 are three of 11.
  EXPECT_EQ(count(emit({49, 768, 768}), "\ttdpbf16ps\t"), 3 * 12);
  EXPECT_EQ(count(emit({33, 768, 768}), "\ttdpbf16ps\t"), 3 * 18);
  // A panel of 256 steps of k stays in L1.
  EXPECT_EQ(count(emit({49, 768, 256}), "\ttdpbf16ps\t"), 12);
}

TEST(SplitTilesCode, FetchesTheNextPanel) {
  // Two pairs of tiles use up 64 lines of a panel in a step, so that each of
  // them fetches 32; what is near is not fetched.
  std::string text = emit({128, 768, 768});
  std::string loop = getLoopAround(text, text.find("tdpbf16ps"));
  EXPECT_EQ(count(loop, "\tprefetcht1\t"), 32) << loop;
  EXPECT_EQ(count(emit({128, 128, 128}), "prefetch"), 0);
}

TEST(SplitConvCode, KeepsSumsInTiles) {
  for (int64_t width : {14, 7}) {
    SplitConvCase c{256, 256, {width, width}, {3, 3}};
    std::string error;
    std::string text =
        emitKernelText(makeText(c), "graniterapids", false, error);
    ASSERT_FALSE(text.empty()) << error;
    std::string loop = getLoopAround(text, text.find("tdpbf16ps"));
    EXPECT_EQ(count(loop, "\ttdpbf16ps\t"), 12) << loop;
    EXPECT_EQ(count(loop, "\ttileloadd\t"), 4) << loop;
    EXPECT_EQ(count(loop, "\ttileloaddt1\t"), 4) << loop;
    EXPECT_EQ(count(loop, "\tdiv"), 0) << loop;
    EXPECT_EQ(count(text, "\tldtilecfg\t"), 1);
    EXPECT_EQ(count(text, "\ttilerelease"), 1);
    EXPECT_EQ(text.find("__tile"), std::string::npos);
  }
}

} // namespace
