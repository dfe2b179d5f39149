//===- WinogradKernelTest.cpp - Winograd convolutions of bound sizes ------===//

#include "WinogradCase.h"
#include "lambent/Lowering/IR/LIR.h"
#include "gtest/gtest.h"

using namespace lambent::test;
using Case = WinogradCase;

namespace {

void check(const Case &c, const std::string &cpu) {
  if (auto runner = compile(c, cpu))
    compare(*runner, c);
}

class WinogradKernel : public testing::TestWithParam<std::string> {};

TEST_P(WinogradKernel, CoversAllSizesOfImages) {
  for (int64_t outputs : {2, 4})
    for (auto input : std::vector<std::array<int64_t, 2>>{
             {1, 1}, {1, 29}, {29, 1}, {2, 5}, {7, 7}, {8, 12}, {13, 6}}) {
      Case c{3, 5, input};
      c.outputs = {outputs, outputs};
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, FollowsPads) {
  Case c{5, 19, {9, 11}};
  for (auto [begin, end] :
       std::vector<std::pair<std::array<int64_t, 2>, std::array<int64_t, 2>>>{
           {{0, 0}, {0, 0}},
           {{2, 0}, {0, 2}},
           {{0, 1}, {3, 0}},
           {{7, 8}, {9, 6}},
           {{-2, -1}, {-1, -3}}}) {
    c.padsBegin = begin;
    c.padsEnd = end;
    check(c, GetParam());
  }
}

TEST_P(WinogradKernel, CoversAllSizesOfChannels) {
  for (auto [ic, oc] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {4, 16}, {16, 17}, {17, 32}, {33, 31}, {8, 65}})
    check({ic, oc, {6, 9}}, GetParam());
}

TEST_P(WinogradKernel, CoversTilesAndImages) {
  for (int64_t rows : {1, 2, 7, 14})
    for (int64_t images : {1, 3}) {
      Case c{18, 40, {10, 14}};
      c.rows = rows;
      c.columns = 16;
      c.images = images;
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, AppliesEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (int64_t size : {8, 10}) {
      Case c{20, 23, {size, size}};
      c.epilogue = epilogue;
      c.images = 2;
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, ReadsPartsOfPixels) {
  Case c{20, 16, {9, 10}};
  c.gap = 7;
  c.images = 2;
  check(c, GetParam());
}

TEST_P(WinogradKernel, TakesOtherTaps) {
  Case c{6, 18, {9, 14}};
  c.taps = {5, 5};
  c.outputs = {2, 2};
  check(c, GetParam());
  c.outputs = {4, 4};
  check(c, GetParam());
  c.taps = {1, 7};
  c.outputs = {1, 2};
  c.padsBegin = {0, 3};
  c.padsEnd = {0, 3};
  check(c, GetParam());
  c.outputs = {1, 4};
  check(c, GetParam());
  c.taps = {3, 1};
  c.outputs = {4, 1};
  check(c, GetParam());
  c.outputs = {8, 1};
  check(c, GetParam());
}

TEST_P(WinogradKernel, SpansManyChunks) {
  Case c{64, 96, {30, 40}};
  c.rows = 14;
  check(c, GetParam());
}

TEST_P(WinogradKernel, SharesTransformedInputs) {
  for (int64_t size : {14, 29}) {
    Case c{40, 160, {size, size}};
    c.columns = 16;
    c.epilogue = "light";
    auto runner = compile(c, GetParam());
    ASSERT_TRUE(runner);
    EXPECT_TRUE(
        llvm::cast<lambent::lir::ConvOp>(runner->getKernel()).getWorkspace());
    compare(*runner, c);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, WinogradKernel,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
