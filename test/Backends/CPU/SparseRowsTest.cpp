//===- SparseRowsTest.cpp - Products of weights with zeros ----------------===//

#include "KernelText.h"
#include "SparseRowsCase.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace lambent::test;
using Case = SparseRowsCase;

namespace {

void check(const Case &c, const std::string &cpu, bool cut = false) {
  SparseRowsData data(c, 1);
  std::vector<float> out = runSparseRows(c, data, cpu, cut);
  for (int64_t row = 0; row < c.batch * c.m; ++row)
    for (int64_t n = 0; n < c.n; ++n) {
      double sum = 0, size = 1;
      for (int64_t k = 0; k < c.k; ++k) {
        double product =
            double(data.lhs[row * (c.k + c.gap) + k]) * data.rhs[n * c.k + k];
        sum += product;
        size += std::abs(product);
      }
      sum = Epilogue{c.epilogue, "tanh"}.apply(sum, data.bias[n],
                                               data.residual[row * c.n + n]);
      ASSERT_NEAR(out[row * c.n + n], sum, c.areBytes ? 0 : 2e-6 * size)
          << "at " << row << ", " << n << " of " << makeText(c, 8, 0);
    }
}

/// Of f32, and of bytes.
void checkBoth(Case c, const std::string &cpu, bool cut = false) {
  check(c, cpu, cut);
  c.areBytes = true;
  check(c, cpu, cut);
}

class SparseRowsKernel : public testing::TestWithParam<std::string> {};

TEST_P(SparseRowsKernel, CoversSizes) {
  for (int64_t block : {1, 4})
    for (auto [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                              {7, 3, 5},
                                                              {24, 16, 16},
                                                              {25, 33, 31},
                                                              {97, 40, 17},
                                                              {48, 65, 130}}) {
      Case c{m, n, k};
      c.block = block;
      checkBoth(c, GetParam());
    }
}

TEST_P(SparseRowsKernel, TakesAnyShareOfZeros) {
  for (int64_t block : {1, 4})
    for (int64_t percent : {0, 50, 95, 100}) {
      Case c{30, 37, 70};
      c.block = block;
      c.percent = percent;
      checkBoth(c, GetParam());
    }
}

TEST_P(SparseRowsKernel, CutsOutputsIntoGroups) {
  for (int64_t block : {1, 4})
    for (int64_t groups : {2, 3, 8}) {
      // Of eight groups of 16 the last ones have no outputs.
      Case c{50, 90, 40};
      c.block = block;
      c.groups = groups;
      checkBoth(c, GetParam(), /*cut=*/true);
    }
}

TEST_P(SparseRowsKernel, TakesTilesOfAnyWidth) {
  for (int64_t vectors : {1, 2, 7, 14}) {
    Case c{130, 20, 40};
    c.vectors = vectors;
    checkBoth(c, GetParam());
  }
  for (int64_t vectors : {1, 2, 3}) {
    Case c{130, 20, 40};
    c.block = 4;
    c.vectors = vectors;
    checkBoth(c, GetParam());
  }
}

TEST_P(SparseRowsKernel, AppliesEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (int64_t m : {48, 53}) {
      Case c{m, 37, 40};
      c.epilogue = epilogue;
      check(c, GetParam());
      c.n = 32;
      c.block = 4;
      check(c, GetParam());
    }
}

TEST_P(SparseRowsKernel, StoresBytes) {
  for (int64_t m : {48, 53})
    for (int64_t block : {1, 4}) {
      Case c{m, 37, 40};
      c.areBytes = true;
      c.epilogue = "bytes";
      c.block = block;
      check(c, GetParam());
      c.n = 32;
      check(c, GetParam());
    }
}

TEST_P(SparseRowsKernel, ReadsPartsOfRowsOfABatch) {
  Case c{21, 19, 20};
  c.gap = 3;
  c.batch = 3;
  c.epilogue = "light";
  check(c, GetParam());
  c.areBytes = true;
  c.epilogue = "bytes";
  check(c, GetParam());
}

TEST_P(SparseRowsKernel, TakesOpenRows) {
  for (int64_t m : {0, 1, 24, 100}) {
    Case c{m, 37, 40};
    c.isOpen = true;
    c.batch = 2;
    c.epilogue = "light";
    check(c, GetParam());
    c.areBytes = true;
    c.epilogue = "bytes";
    check(c, GetParam());
  }
}

TEST_P(SparseRowsKernel, SpansManyChunks) {
  Case c{2000, 64, 64};
  SparseRowsData data(c, 1);
  EXPECT_EQ(runSparseRows(c, data, GetParam()),
            runSparseRows(c, data, GetParam(), /*cut=*/true));
}

INSTANTIATE_TEST_SUITE_P(Levels, SparseRowsKernel,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

TEST(SparseRows, EmitsWideVectors) {
  std::string error;
  Case c{100, 64, 64};
  for (auto [block, vectors] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 14}, {4, 4}}) {
    c.block = block;
    c.vectors = vectors;
    std::string code =
        emitKernelText(makeText(c, 16, 1000), "znver4", false, error);
    EXPECT_FALSE(code.empty()) << error;
  }
}

TEST(SparseRows, AddsUpWordsOfBytes) {
  Case c{100, 64, 64};
  c.areBytes = true;
  c.epilogue = "bytes";
  struct Form {
    const char *cpu;
    int64_t lanes, wordChannels;
    std::string instruction, otherwise;
  };
  for (const Form &form :
       {Form{"znver4", 16, 4, "vpdpbusd", "vpmaddwd"},
        Form{"skylake-avx512", 16, 2, "vpmaddwd", "vpdpbusd"},
        Form{"x86-64-v3", 8, 2, "vpmaddwd", "vpmaddubsw"}})
    for (int64_t block : {1, 4}) {
      c.block = block;
      std::string error,
          code =
              emitKernelText(makeText(c, form.lanes, 1000, form.wordChannels),
                             form.cpu, false, error);
      EXPECT_NE(code.find(form.instruction), std::string::npos) << error;
      EXPECT_EQ(code.find(form.otherwise), std::string::npos);
    }
}

TEST(SparseRows, ExpectsPackedRhs) {
  auto getError = [](std::string text, std::string from, std::string to) {
    for (size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    std::string error;
    EXPECT_FALSE(KernelRunner::create(text, "x86-64-v3", false, error));
    return error;
  };
  Case c{32, 32, 40};
  std::string text = makeText(c, 8, 100);
  EXPECT_NE(getError(text, "entries = 100", "entries = 164")
                .find("expected weights packed as sparse rows in 2176 bytes"),
            std::string::npos);
  EXPECT_NE(
      getError(text, "(b, m, n, k) -> (b, m, n)", "(b, m, n, k) -> (b, n, m)")
          .find("expected a product for sparse rows, but the output's "
                "last dim is not that of the rhs"),
      std::string::npos);
}

} // namespace
